import { documentText, held } from './document-text.ts'

/** Ready-made JSON text as a query argument. Inside an object or an array it is the document that it holds. */
export class Json {
  /** The text, as it is sent. */
  readonly text: string

  /**
   * @param text JSON text; the server checks it.
   *
   * ```ts
   * await connection.execute('insert into t(document) values ($1)', [new Json('{"a": 1}')])
   * ```
   */
  constructor(text: string) {
    if (typeof text !== 'string') throw new TypeError(`Json takes a string, got ${typeof text}`)
    this.text = text
  }

  /** The text, as it is sent. */
  toString(): string {
    return this.text
  }

  /**
   * What `JSON.stringify` makes of it: the document. Within an argument its text is taken over as it stands, so that
   * no digit of a number is lost.
   */
  toJSON(): unknown {
    return held(this.text)
  }
}

/**
 * A value as JSON text, also one that would be taken for something else: a string (which is otherwise PostgreSQL's
 * own syntax for the value), `null` (otherwise SQL NULL) or an array.
 *
 * ```ts
 * await connection.execute('insert into t(document) values ($1)', [json('text')])
 * ```
 *
 * @throws TypeError when JSON has no form for the value or for something in it: a bigint, `undefined`, a function, a
 * Map, a Set, a Promise, a circular structure.
 */
export function json(value: unknown): Json {
  const text = documentText(value)
  if (text === undefined) throw new TypeError(`json() cannot write ${typeof value} as JSON`)
  return new Json(text)
}
