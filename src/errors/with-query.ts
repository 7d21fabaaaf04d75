import { isOurs } from './ours.ts'

/** Gives an error the text of its call, where no logger prints it. */
export function withQuery<E extends Error>(error: E, sql: string): E {
  return Object.defineProperty(error, 'query', {
    value: sql,
    enumerable: false,
    writable: true,
    configurable: true,
  })
}

/**
 * Gives what a call is about to throw the call's text. An error of the call itself was made deep inside: from now on its
 * stack is that of the caller of the function `above`. An error of another call, such as one that the source of a COPY has
 * made, keeps its own stack.
 *
 * @param texts of what the call has run.
 */
export function fromCall(
  error: unknown,
  sql: string,
  above: (...args: never[]) => unknown,
  texts: readonly string[] = [],
): unknown {
  const told = inQuery(error, sql)
  if (!isOurs(told)) return told
  const { query } = told as { query?: string }
  if (query === sql || texts.includes(query ?? '')) Error.captureStackTrace(told, above)
  return told
}

/**
 * Gives an error of this library the text that its caller knows, in place of one that the driver has made itself. An error
 * that names a place in its text keeps that.
 */
export function inCallersQuery(error: unknown, sql: string): unknown {
  if (!isOurs(error) || (error as { position?: number }).position !== undefined) return error
  return withQuery(error, sql)
}

/** Gives an error of this library the text of its call, unless it has one. Any other is left alone. */
export function inQuery(error: unknown, sql: string): unknown {
  if (!isOurs(error) || (error as { query?: string }).query !== undefined) return error
  return withQuery(error, sql)
}
