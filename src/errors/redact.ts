/** Puts every text of an error, of its causes and of what they hold through `hide`: messages, stacks, fields. */
export function redactError(error: Error, hide: (text: string) => string): void {
  walk(error, hide, new Set())
}

function walk(value: object, hide: (text: string) => string, seen: Set<object>): void {
  if (seen.has(value)) return
  seen.add(value)
  // An accessor on newer engines.
  if (value instanceof Error && typeof value.stack === 'string') value.stack = hide(value.stack)
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key)
    // What is no plain property is made of plain ones.
    if (property === undefined || !('value' in property)) continue
    const held: unknown = property.value
    if (typeof held === 'string') {
      const shown = hide(held)
      if (shown !== held && (property.writable || property.configurable)) {
        Object.defineProperty(value, key, { ...property, value: shown })
      }
    } else if (typeof held === 'object' && held !== null) walk(held, hide, seen)
  }
}
