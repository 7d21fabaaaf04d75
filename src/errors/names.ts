/** A class of errors or of messages. */
export interface NamedClass {
  readonly prototype: object
  sqlstate?: string | undefined
}

/** Every class of this folder, by its name. */
export const classes: Map<string, NamedClass> = new Map()

/**
 * Gives a class the name that its instances show. On the prototype, so that no instance pays for it,
 * and as a string, so that a bundler that shortens class names does not change what `error.name` says.
 */
export function named(type: NamedClass, name: string): void {
  Object.defineProperty(type.prototype, 'name', { value: name, writable: true, configurable: true })
  classes.set(name, type)
}

/**
 * Gives classes their names and their codes. Not as static members of each: what runs once for a class is compiled for
 * that class, which takes longer at import than all the rest of having it.
 */
export function identify(list: readonly (readonly [type: object, name: string, sqlstate?: string])[]): void {
  for (const [type, name, sqlstate] of list) {
    if (sqlstate !== undefined) (type as NamedClass).sqlstate = sqlstate
    named(type as NamedClass, name)
  }
}
