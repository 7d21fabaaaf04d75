// Written by tools/build-native.mjs from crates/node: change that, not this file.

/** The driver within one environment. Made once, used on that environment's thread only. */
export declare class Core {
  /**
   * `wake` is called whenever records are waiting; what it gives says whether the event loop is held from then on.
   * `watches` says that the event loop is libuv's, and may watch sessions at rest.
   */
  constructor(wake: () => boolean, watches: boolean)
  /** What every query passes through. Made once. */
  traffic(): Traffic
  /** The next block of records, handed over whole; `giveBack` takes it back. */
  take(): Uint8Array | null
  /** The memory of a block that `take` has given is not looked at any more. */
  giveBack(block: ArrayBuffer): void
  /** Whether the event loop is held from now on. */
  hold(hold: boolean): void
  /**
   * Starts one attempt to connect; a record answers `request`, and the event loop is held for it. `session` is the
   * number it will have.
   */
  connect(request: number, session: number, attempt: Attempt): void
  /** Gives an attempt up; its record still comes. */
  abandonConnect(session: number): void
  /** The session has ended, or was never made: its number is forgotten. */
  release(session: number): void
  /** A type that is the same on every server. */
  builtinType(oid: number): BuiltinType | null
  /** A type of the database that a session is connected to, once it was looked up. */
  databaseType(session: number, oid: number): DatabaseType | null
  /** What the values of a type are made of, of one of the database once it was looked up. */
  typeStructure(session: number, oid: number): TypeStructure | null
  /** The OID of a type that is the same on every server, by its name in the catalog. */
  builtinOid(name: string): number | null
  /**
   * The OID of a type of the database that a session is connected to, by its names in the catalog, once it was looked
   * up.
   */
  databaseOid(session: number, schema: string, name: string): number | null
  /**
   * How values of a type come on a session with these codecs: `unread` where their text is handed on as it is. A codec
   * is its type, its number, and how values travel.
   */
  typeReading(session: number, oid: number, codecs: Uint32Array): 'binary' | 'text' | 'unread' | null
  /** Gives everything up: no further record comes, and what is connected is dropped. */
  close(): void
}

/** `NativeAttempt` of `src/config/attempt.ts`, which documents it. */
export interface Attempt {
  address?: string
  port?: number
  socketPath?: string
  user: string
  database: string
  password?: string
  /** Pairs of name and value. */
  parameters: Array<Array<string>>
  tls: string
  tlsOptions?: Tls
  channelBinding: string
  requireAuth?: Array<string>
  allowPlaintextPassword: boolean
  allowUnprotectedToken: boolean
  protocol: string
  gss: Gss
  oauthToken?: string
  requirePeer?: string
  keepalive?: boolean | KeepaliveTimes
  tcpUserTimeout?: number
  timeout?: number
  maxMessageSize: number
  statementCacheSize: number
  learnsPoolers: boolean
  maxCachedStatementLifetime: number
  maxCacheableStatementSize: number
  types: number
  group?: number
}

/** What is known of a type without asking a server; its schema is pg_catalog. */
export interface BuiltinType {
  /** As SQL has it: `int4[]`. */
  name: string
  kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange'
}

/** What a database says of a type of its own. */
export interface DatabaseType {
  /** As SQL has it: `mood[]`. */
  name: string
  schema: string
  kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum'
}

export interface Gss {
  service: string
  host: string
  library: string
}

export interface KeepaliveTimes {
  idle?: number
  interval?: number
  count?: number
}

export interface Tls {
  verify: string
  serverName?: string
  sni: boolean
  roots: string
  ca?: Array<Uint8Array>
  certificate?: Uint8Array
  key?: Uint8Array
  passphrase?: string
  crls?: Array<Uint8Array>
  minVersion?: string
  maxVersion?: string
  keyLogFile?: string
}

/** The functions of one core. They throw what a panic of the core says. */
export interface Traffic {
  /**
   * Takes the requests of one tick, the first `length` bytes of `buffer`; `hold` says whether the event loop is held
   * from then on, `alone` that nothing else is under way.
   */
  submit: (buffer: Uint8Array, length: number, hold: boolean, alone: boolean) => void
  /** Copies waiting records into `buffer` and gives their bytes, or -1 when the next block is larger than it. */
  drain: (buffer: Uint8Array) => number
}

/** What the values of a type are made of. */
export interface TypeStructure {
  kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum' | 'hstore' | 'vector'
  /** As SQL has it. */
  name: string
  /** The types of an array's elements, a range's bounds, a composite's attributes; what a domain is over. */
  parts: Array<number>
  /** The names of the attributes of a composite. */
  names: Array<string>
}
