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

/** Gives an error of this library the text of its call, unless it has one. Any other is left alone. */
export function inQuery(error: unknown, sql: string): unknown {
  if (!isOurs(error) || (error as { query?: string }).query !== undefined) return error
  return withQuery(error, sql)
}
