import { Unsendable } from '../errors/unsendable.ts'
import { NoRoom } from './writer.ts'

/** Why a value could not be written, in words that hold nothing of it. */
export interface Reason {
  readonly reason: string
  readonly hint?: string
  /** What the value's own code threw. */
  readonly cause?: unknown
}

/** @param error what writing a value threw. */
export function reasonOf(error: unknown): Reason {
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
