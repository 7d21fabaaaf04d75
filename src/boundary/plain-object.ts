/**
 * The statements that make a plain object and give its members the values of these expressions, in `o`.
 *
 * Names come from the server and are hostile: they enter the code as string literals made by JSON.stringify only.
 * `__proto__`, which a literal would take as the prototype, becomes a computed key there; after that it is an own
 * member, to which one can assign as to any other.
 *
 * The object is a constant member of another literal and is filled afterwards. V8 counts how many objects of a literal
 * survive while its code is not yet optimised; where most do, as the rows of a first large result may, it makes all
 * later ones in the old generation, and whatever they hold stays until the next full collection. What counts here is
 * the outer object, which never survives.
 */
export function objectSource(names: readonly string[], values: readonly string[]): string {
  const members = names.map((name) => `${member(name)}: null`)
  const fills = names.map((name, i) => `o[${JSON.stringify(name)}] = ${values[i]}`)
  return [`const o = { o: { ${members.join(', ')} } }.o`, ...fills].join('\n')
}

/** The source of an array: it is made of nulls, so that V8 takes it for one of any kind of values, and then filled. */
export function arraySource(values: readonly string[]): string {
  const fills = values.map((value, i) => `o[${i}] = ${value}`)
  return [`const o = { o: [${values.map(() => 'null').join(', ')}] }.o`, ...fills].join('\n')
}

function member(name: string): string {
  const literal = JSON.stringify(name)
  return name === '__proto__' ? `[${literal}]` : literal
}

/** Whether an object is of no class, in whichever realm it was made. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Gives an object an own member, where code must not be generated. */
export function define(object: { [name: string]: unknown }, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
  } else object[name] = value
}
