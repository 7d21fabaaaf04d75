import { type InspectOptions, inspect } from 'node:util'

/** The server's parameters as it reports them, live: `settings.TimeZone`, or `settings.get('TimeZone')`. */
export interface ConnectionSettings {
  readonly [name: string]: any
  /** A parameter's value, `undefined` when the server does not report it. */
  get(name: string): string | undefined
}

/** A read-only view of `parameters` that follows its changes. */
export function settingsView(parameters: ReadonlyMap<string, string>): ConnectionSettings {
  const get = (name: string): string | undefined => parameters.get(name)
  // Whoever inspects a proxy sees its target.
  const target = Object.defineProperty({}, inspect.custom, {
    value: (_depth: number, options: InspectOptions) =>
      `ConnectionSettings ${inspect(Object.fromEntries(parameters), options)}`,
    configurable: true,
  })
  return new Proxy(target as ConnectionSettings, {
    get: (_target, name) =>
      name === 'get' ? get : typeof name === 'string' ? parameters.get(name) : undefined,
    has: (_target, name) => name === 'get' || (typeof name === 'string' && parameters.has(name)),
    ownKeys: () => [...parameters.keys()],
    getOwnPropertyDescriptor: (_target, name) => {
      const value = typeof name === 'string' ? parameters.get(name) : undefined
      return value === undefined
        ? undefined
        : { value, enumerable: true, configurable: true, writable: false }
    },
    set: () => false,
    deleteProperty: () => false,
    defineProperty: () => false,
  })
}
