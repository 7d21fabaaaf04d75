import type fc from 'fast-check'
import type { TypeOptions } from '../../../../index.ts'

/** A value that PostgreSQL reads from the literal. */
export interface Sample {
  readonly literal: string
  /** What comes out: a value, or what a function makes of the text that the server prints. */
  readonly value: unknown | ((printed: string) => unknown)
  /** What goes in as the same value, where that is not `value` itself. */
  readonly sent?: unknown
}

export interface Family {
  /** In SQL. */
  readonly type: string
  readonly samples: fc.Arbitrary<Sample>
  /** The expression that makes a value of the text `x`, where a cast does not. */
  readonly from?: string
  /** The array of more dimensions goes in as its text alone. */
  readonly isFlat?: boolean
  /** A list of nothing but nulls is a value and no dimension. */
  readonly isRow?: boolean
  /** What tells it from another family of the type. */
  readonly note?: string
  readonly options?: TypeOptions
}

/** A value that comes and goes as its text. */
export const printed = (literal: string): Sample => ({ literal, value: (text: string) => text })

/** A value whose literal is the value. */
export const same = (literal: string): Sample => ({ literal, value: literal })

export function titleOf({ type, note, options }: Family): string {
  // Codecs are told by the note.
  const { codecs: _, ...choices } = options ?? {}
  const under = Object.keys(choices).length === 0 ? '' : ` under ${JSON.stringify(choices)}`
  return `${type}${note === undefined ? '' : ` ${note}`}${under}`
}
