import type { ConnectionClass } from '../connection.ts'
import type { Awaitable } from '../types/awaitable.ts'
import type { Signal } from '../types/platform.ts'
import type { RecordClass } from '../types/record.ts'
import type { TypeCodec } from '../types/type-codec.ts'

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
export type TargetSessionAttrs = 'any' | 'primary' | 'standby' | 'read-write' | 'read-only' | 'prefer-standby'
export type AuthMethod = 'none' | 'password' | 'md5' | 'scram-sha-256' | 'gss' | 'sspi' | 'oauth'

/**
 * Methods of authentication, one or several (`'md5,scram-sha-256'`, or an array): those that are accepted, or, each
 * with `!` before it, those that are not.
 */
export type RequireAuth =
  | AuthMethod
  | `!${AuthMethod}`
  | `${AuthMethod | `!${AuthMethod}`},${string}`
  | readonly AuthMethod[]
  | readonly `!${AuthMethod}`[]

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
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** Client certificate, with the chain below the root if there is one. */
  cert?: string | Uint8Array | undefined
  /** Key of the client certificate. Default: the one in `cert`. */
  key?: string | Uint8Array | undefined
  /** Pass phrase of an encrypted key. */
  passphrase?: string | undefined
  /** Revocation lists; once given, every certificate of the chain must be covered by one. */
  crl?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** The name to send and to verify instead of the host's. */
  servername?: string | undefined
  /** Default true. False accepts any certificate: encryption without identity. */
  rejectUnauthorized?: boolean | undefined
  /** Default true. False verifies the chain and not the name, as `verify-ca` does. */
  checkServerIdentity?: boolean | undefined
  /** Default `TLSv1.2`. */
  minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  /** Default: the newest. */
  maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
}

/** How values come out. Every default loses nothing, or says what it loses. */
export interface TypeOptions {
  /** `auto`: number when exact, else bigint. */
  int8?: 'auto' | 'bigint' | 'number' | 'string' | undefined
  numeric?: 'string' | 'number' | undefined
  /** `date` keeps milliseconds. */
  timestamptz?: 'date' | 'string' | 'temporal' | undefined
  /** `date`: its UTC fields are the stored reading. */
  timestamp?: 'date' | 'string' | 'temporal' | undefined
  date?: 'string' | 'date' | 'temporal' | undefined
  time?: 'string' | 'temporal' | undefined
  /** `interval`: the class. `string`: ISO 8601, whatever the session's `IntervalStyle`. */
  interval?: 'interval' | 'string' | 'temporal' | undefined
  json?: 'parse' | 'text' | undefined
  bytea?: 'buffer' | 'uint8array' | undefined
  /**
   * Codecs of the program's own, set on every connection as `connection.setTypeCodec()` does it. Types that are not built in
   * are looked up when a connection is made, in one query for all; one that is not there ends the attempt.
   */
  codecs?: readonly TypeCodec[] | undefined
}

/**
 * What `connect` can be told. Each value given here beats the DSN, the service file, the environment and
 * the default, in this order. All durations are milliseconds. `undefined` means not given.
 */
export interface ConnectOptions {
  dsn?: string | undefined
  /** Name, address, or path of a socket directory, taken as it stands; or a list of them, tried in order. */
  host?: string | readonly string[] | undefined
  /** One for all hosts, or one for each. Default 5432. */
  port?: number | string | readonly (number | string)[] | undefined
  user?: string | undefined
  /** A function is called once for each host attempted, before its socket is opened. */
  password?: string | (() => Awaitable<string>) | undefined
  passfile?: string | undefined
  service?: string | undefined
  servicefile?: string | undefined
  database?: string | undefined
  /** For the whole connect, default 60_000; `null` means no limit. */
  timeout?: number | null | undefined
  /** Default 100, and 0 once a transaction pooler was met; 0 = no cache, safe behind any transaction pooler. */
  statementCacheSize?: number | undefined
  /** Default 300_000; 0 = for ever. */
  maxCachedStatementLifetime?: number | undefined
  /** Default 15_360 characters; 0 = any. */
  maxCacheableStatementSize?: number | undefined
  /** Default for each later operation; `null` (the default) means no limit. */
  commandTimeout?: number | null | undefined
  /** Default `prefer`. `true` is verify-full against the system's roots. */
  ssl?: boolean | SslMode | TlsOptions | undefined
  /** Begin with TLS at once, as PostgreSQL 17 and newer allow. Default false. */
  directTls?: boolean | undefined
  /** Path of the client certificate. */
  sslcert?: string | undefined
  /** Path of its key. */
  sslkey?: string | undefined
  /** Path of the trusted roots, or `system`. */
  sslrootcert?: string | undefined
  /** Path of the revocation lists. */
  sslcrl?: string | undefined
  /** Pass phrase of the key. */
  sslpassword?: string | undefined
  sslMinProtocolVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  sslMaxProtocolVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  channelBinding?: 'disable' | 'prefer' | 'require' | undefined
  requireAuth?: RequireAuth | undefined
  /** `Connection`, or a subclass of it, of which the connection then is one. */
  connectionClass?: ConnectionClass | undefined
  /** What rows are where a call does not say it: `Record`, or a subclass of it. Default: plain objects. */
  recordClass?: RecordClass | undefined
  /** Settings of the session, each beating the same one of the DSN. */
  serverSettings?: { readonly [name: string]: string } | undefined
  targetSessionAttrs?: TargetSessionAttrs | undefined
  loadBalanceHosts?: 'disable' | 'random' | undefined
  krbsrvname?: string | undefined
  gsslib?: 'gssapi' | 'sspi' | undefined
  /**
   * A function that gives a bearer token; called once for each host attempted. The token is sent only over TLS that
   * verifies the server, a Unix socket or to a loopback address, unless `requireAuth` names `oauth`.
   */
  oauthToken?: (() => Awaitable<string>) | undefined
  types?: TypeOptions | undefined
  /** Bytes, default 1 GiB: a longer message from the server closes the connection. */
  maxMessageSize?: number | undefined
  /** Ends the attempt; the promise rejects with its reason. */
  signal?: Signal | undefined
  /** Gets what a listener or hook throws; default: a process warning. */
  onCallbackError?: ((error: unknown) => void) | undefined
}
