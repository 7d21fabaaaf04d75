/** Gives an error the text of its call, where no logger prints it. */
export function withQuery<E extends Error>(error: E, sql: string): E {
  return Object.defineProperty(error, 'query', {
    value: sql,
    enumerable: false,
    writable: true,
    configurable: true,
  })
}
