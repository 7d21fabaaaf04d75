export type Awaitable<T> = T | Promise<T>
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
export type TargetSessionAttrs = 'any' | 'primary' | 'standby' | 'read-write' | 'read-only' | 'prefer-standby'
export type AuthMethod = 'none' | 'password' | 'md5' | 'scram-sha-256' | 'gss' | 'sspi' | 'oauth'

/**
 * TLS with contents instead of paths, the counterpart of the options of Node's `tls.connect`. TLS is
 * required then, and nothing is taken from the environment or from default files.
 *
 * ```ts
 * await connect(dsn, { ssl: { ca: await readFile('ca.pem') } })
 * ```
 */
export interface TlsOptions {
  /** Trusted roots, PEM or DER. Default: the system's. */
  ca?: string | Uint8Array | (string | Uint8Array)[]
  /** Client certificate, with the chain below the root if there is one. */
  cert?: string | Uint8Array
  /** Key of the client certificate. Default: the one in `cert`. */
  key?: string | Uint8Array
  /** Pass phrase of an encrypted key. */
  passphrase?: string
  /** Revocation lists; once given, every certificate of the chain must be covered by one. */
  crl?: string | Uint8Array | (string | Uint8Array)[]
  /** The name to send and to verify instead of the host's. */
  servername?: string
  /** Default true. False accepts any certificate: encryption without identity. */
  rejectUnauthorized?: boolean
  /** Default true. False verifies the chain and not the name, as `verify-ca` does. */
  checkServerIdentity?: boolean
  /** Default `TLSv1.2`. */
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Default: the newest. */
  maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** How values come out. Every default loses nothing, or says what it loses. */
export interface TypeOptions {
  /** `auto`: number when exact, else bigint. */
  int8?: 'auto' | 'bigint' | 'number' | 'string'
  numeric?: 'string' | 'number'
  /** `date` keeps milliseconds. */
  timestamptz?: 'date' | 'string' | 'temporal'
  /** `date`: its UTC fields are the stored reading. */
  timestamp?: 'date' | 'string' | 'temporal'
  date?: 'string' | 'date' | 'temporal'
  time?: 'string' | 'temporal'
  interval?: 'interval' | 'string' | 'temporal'
  json?: 'parse' | 'text'
  bytea?: 'buffer' | 'uint8array'
  /** Applied to every connection. */
  codecs?: TypeCodec[]
}

export interface TypeCodec {
  type: string
  /** Default `public`. */
  schema?: string
  /** Default `text`. */
  format?: 'text' | 'binary' | 'tuple'
  encode: (value: any) => any
  decode: (wire: any) => any
}

/**
 * What `connect` can be told. Each value given here beats the DSN, the service file, the environment and
 * the default, in this order. All durations are milliseconds. `undefined` means not given.
 */
export interface ConnectOptions {
  dsn?: string
  /** Name, address, or path of a socket directory, taken as it stands; or a list of them, tried in order. */
  host?: string | string[]
  /** One for all hosts, or one for each. Default 5432. */
  port?: number | string | (number | string)[]
  user?: string
  /** A function is called once for each host attempted, before its socket is opened. */
  password?: string | (() => Awaitable<string>)
  passfile?: string
  service?: string
  servicefile?: string
  database?: string
  /** For the whole connect, default 60_000; `null` means no limit. */
  timeout?: number | null
  /** Default 100, and 0 once a transaction pooler was met; 0 = no cache, safe behind any transaction pooler. */
  statementCacheSize?: number
  /** Default 300_000; 0 = for ever. */
  maxCachedStatementLifetime?: number
  /** Default 15_360 characters; 0 = any. */
  maxCacheableStatementSize?: number
  /** Default for each later operation; `null` (the default) means no limit. */
  commandTimeout?: number | null
  /** Default `prefer`. `true` is verify-full against the system's roots. */
  ssl?: boolean | SslMode | TlsOptions
  /** Begin with TLS at once, as PostgreSQL 17 and newer allow. Default false. */
  directTls?: boolean
  /** Path of the client certificate. */
  sslcert?: string
  /** Path of its key. */
  sslkey?: string
  /** Path of the trusted roots, or `system`. */
  sslrootcert?: string
  /** Path of the revocation lists. */
  sslcrl?: string
  /** Pass phrase of the key. */
  sslpassword?: string
  sslMinProtocolVersion?: 'TLSv1.2' | 'TLSv1.3'
  sslMaxProtocolVersion?: 'TLSv1.2' | 'TLSv1.3'
  channelBinding?: 'disable' | 'prefer' | 'require'
  requireAuth?: AuthMethod | AuthMethod[]
  // biome-ignore lint/complexity/noBannedTypes: the constructor is protected, so no construct signature fits
  connectionClass?: Function & { prototype: any }
  // biome-ignore lint/complexity/noBannedTypes: the constructor is protected, so no construct signature fits
  recordClass?: Function & { prototype: any }
  /** Settings of the session, each beating the same one of the DSN. */
  serverSettings?: { [name: string]: string }
  targetSessionAttrs?: TargetSessionAttrs
  loadBalanceHosts?: 'disable' | 'random'
  krbsrvname?: string
  gsslib?: 'gssapi' | 'sspi'
  /** A function that gives a bearer token; called once for each host attempted. */
  oauthToken?: () => Awaitable<string>
  types?: TypeOptions
  /** Bytes, default 1 GiB: a longer message from the server closes the connection. */
  maxMessageSize?: number
  /** Ends the attempt; the promise rejects with its reason. */
  signal?: AbortSignal
  /** Gets what a listener or hook throws; default: a process warning. */
  onCallbackError?: (error: unknown) => void
}
