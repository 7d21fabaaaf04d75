import { type InspectOptions, inspect } from 'node:util'
import type { TypeInfo } from './type-info.ts'

/** How the values of a type pass between PostgreSQL and the program on one connection. */
export interface CodecInfo {
  /** The type. */
  readonly type: TypeInfo
  /** How they travel; of a type with a codec of the program's, the codec's format. */
  readonly format: 'text' | 'binary' | 'tuple'
  /**
   * Who reads them: `custom`, a codec that was set; `builtin`, the driver; `derived`, the driver by what the type is made
   * of; `fallback`, nobody: they are PostgreSQL's text.
   */
  readonly origin: 'builtin' | 'derived' | 'custom' | 'fallback'
}

/** The server's parameters as it reports them, live: `settings.TimeZone`, or `settings.get('TimeZone')`. */
export interface ConnectionSettings {
  readonly [name: string]: any
  /** A parameter's value, `undefined` when the server does not report it. */
  get(name: string): string | undefined
  /**
   * How the values of a type pass on this connection, for calls that are made now. Asks no server.
   *
   * @param type Its name in the catalog, in its exact case, or that of an array of it (`mood[]`); of a built-in type also
   * SQL's own, such as `integer`.
   * @param options.schema Default `public`; built-in types are in `pg_catalog`.
   * @returns `undefined` for a type that is neither built in nor was met yet by a connection to this database, and on a closed
   * connection.
   * @throws InterfaceError for what is no name.
   *
   * ```ts
   * connection.getSettings().getCodec('money', { schema: 'pg_catalog' })?.origin // => 'fallback'
   * ```
   */
  getCodec(type: string, options?: { schema?: string | undefined }): CodecInfo | undefined
}

/** A read-only view of `parameters` that follows its changes. */
export function settingsView(
  parameters: ReadonlyMap<string, string>,
  getCodec: ConnectionSettings['getCodec'],
): ConnectionSettings {
  const methods: ReadonlyMap<string | symbol, unknown> = new Map<string, unknown>([
    ['get', (name: string): string | undefined => parameters.get(name)],
    ['getCodec', getCodec],
  ])
  // Whoever inspects a proxy sees its target.
  const target = Object.defineProperty({}, inspect.custom, {
    value: (_depth: number, options: InspectOptions) =>
      `ConnectionSettings ${inspect(Object.fromEntries(parameters), options)}`,
    configurable: true,
  })
  return new Proxy(target as ConnectionSettings, {
    get: (_target, name) =>
      methods.get(name) ?? (typeof name === 'string' ? parameters.get(name) : undefined),
    has: (_target, name) => methods.has(name) || (typeof name === 'string' && parameters.has(name)),
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
