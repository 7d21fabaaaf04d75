import { DataError, ProtocolError } from '../errors/index.ts'
import type { Chunk } from './chunk.ts'
import type { Shape } from './shape.ts'
import { InText, Undecoded, type Unreadable } from './unreadable.ts'

/** The error of a value that could not be read, which names its column: the first that cannot be read by itself. */
export function named(
  error: Unreadable,
  shape: Shape | undefined,
  count: number,
  word: number,
  chunk: Chunk,
): Error {
  const column = shape?.columns.find((column) => {
    try {
      shape.value(column)([], 0, count, word, chunk)
      return false
    } catch {
      return true
    }
  })
  const name = JSON.stringify(column?.name ?? '')
  if (error instanceof Undecoded) {
    return new DataError(`column ${name} holds a value that the codec for ${error.type} could not decode`, {
      sqlstate: '22000',
      hint: 'the cause is what its decode() threw',
      cause: error.cause,
    })
  }
  if (error instanceof InText) {
    const message = `column ${name} holds a value that the codec for ${error.type} cannot read: it came as text, with all of the value that it is a part of`
    return new DataError(message, {
      // feature_not_supported
      sqlstate: '0A000',
      hint: "select the part by itself, or give the codec the format 'text'",
    })
  }
  return error.sqlstate === undefined
    ? new ProtocolError(`column ${name} holds a value that cannot be read: ${error.message}`)
    : new DataError(`column ${name} holds a value ${error.message}`, {
        sqlstate: error.sqlstate,
        hint: "connect with types that choose 'string' for it",
      })
}
