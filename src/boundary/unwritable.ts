import { Unsendable } from '../errors/unsendable.ts'
import { NoRoom } from './writer.ts'

/** Why a value could not be written, in words that hold nothing of it. */
export interface Reason {
  readonly reason: string
  readonly hint?: string
  /** What the value's own code threw. */
  readonly cause?: unknown
}

/** What writing an element of an array threw. */
export class InElement extends Error {
  readonly #path: readonly number[]

  /** @param error what it threw; of an array within the array, where in that. */
  constructor(index: number, error: unknown) {
    const isDeeper = error instanceof InElement
    super('an element of the array cannot be written', { cause: isDeeper ? error.cause : error })
    this.#path = isDeeper ? [index, ...error.#path] : [index]
  }

  /** `3`, or `[1][3]` in an array of arrays. */
  get index(): string {
    return this.#path.length === 1 ? String(this.#path[0]) : this.#path.map((at) => `[${at}]`).join('')
  }
}

/** What writing an attribute of a composite threw. */
export class InAttribute extends Error {
  readonly #place: string
  readonly #type: string

  /**
   * @param place the attribute's name, or how many members of the object stand before one that is no attribute: its key
   *   may be anything that the program was given, a secret too.
   */
  constructor(place: string | number, type: string, error: unknown) {
    super('an attribute cannot be written', { cause: error })
    this.#place = typeof place === 'number' ? `member #${place}` : `attribute ${JSON.stringify(place)}`
    this.#type = type
  }

  get place(): string {
    return `${this.#place} of ${this.#type}`
  }
}

/** What a codec of the program's threw. */
export class InCodec extends Error {
  readonly type: string

  constructor(type: string, error: unknown) {
    super('a codec threw an error', { cause: error })
    this.type = type
  }
}

/** @param error what writing a value threw. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof InAttribute) {
    const reason = reasonOf(error.cause)
    return { ...reason, reason: `${error.place}: ${reason.reason}` }
  }
  if (error instanceof InCodec) {
    return {
      reason: `the codec for ${error.type} threw an error`,
      hint: 'the cause is what its encode() threw',
      cause: error.cause,
    }
  }
  if (error instanceof InElement) {
    const reason = reasonOf(error.cause)
    return { ...reason, reason: `invalid array element at index ${error.index}: ${reason.reason}` }
  }
  if (error instanceof Unsendable) {
    return error.hint === undefined ? { reason: error.message } : { reason: error.message, hint: error.hint }
  }
  if (error instanceof NoRoom) return { reason: error.message }
  // What it says is the program's own, and may hold whatever its author put there.
  return {
    reason: 'its own code threw an error',
    hint: 'the cause is what its toJSON, a getter or a proxy threw',
    cause: error,
  }
}

/** The hint for a record or a set of arguments that is no array, such as an object. */
export const AS_LISTS = 'give the values in their order: of objects write list.map(({ a, b }) => [a, b])'
