/**
 * What SQL commenter has behind a text: pairs of name and value, both encoded, by their names. `undefined` for a text that
 * has a comment, which is not to become another one, and where there is nothing to tell.
 *
 * @param inject writes the pairs.
 */
export function sqlComment(
  text: string,
  inject: (carrier: { [name: string]: unknown }) => void,
): string | undefined {
  if (/--|\/\*/.test(text)) return undefined
  const carrier: { [name: string]: unknown } = {}
  inject(carrier)
  const pairs = Object.entries(carrier)
    .map(([name, value]) => `${encoded(name)}='${encoded(String(value))}'`)
    .sort()
  return pairs.length === 0 ? undefined : pairs.join()
}

/** `'` and `*` are what `encodeURIComponent` leaves of the signs that would end a value or the comment. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
}
