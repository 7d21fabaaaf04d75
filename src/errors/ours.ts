import { PostgresError } from './base.ts'
import { InterfaceError, InternalClientError, TimeoutError } from './client.ts'

/** An error of this library: not what a signal or a function of the user's brought along. */
export function isOurs(error: unknown): error is Error {
  return [PostgresError, InterfaceError, InternalClientError, TimeoutError].some(
    (kind) => error instanceof kind,
  )
}
