import type { ConnectionClass } from '../connection.ts'
import type { Awaitable } from '../types/awaitable.ts'
import type { Signal } from '../types/platform.ts'
import type { RecordClass } from '../types/record.ts'
import type { TypeCodec } from '../types/type-codec.ts'

/**
 * libpq's modes of TLS. Only `verify-ca` and `verify-full` verify the server, and so does `require` where a root file
 * is there.
 */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
/**
 * Which kind of server is wanted. A server or role with `default_transaction_read_only` counts as `read-only`.
 * `prefer-standby` takes another server when there is no standby.
 */
export type TargetSessionAttrs = 'any' | 'primary' | 'standby' | 'read-write' | 'read-only' | 'prefer-standby'
/** A way to log in, by libpq's names. `none` is a server that asks for nothing. */
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
  /** `auto`, the default: number when exact, else bigint. An inexact one is an error under `number`. */
  int8?: 'auto' | 'bigint' | 'number' | 'string' | undefined
  /** `number` rounds. Default `string`, which keeps every digit. */
  numeric?: 'string' | 'number' | undefined
  /** `date`, the default, has milliseconds: what is finer is lost. */
  timestamptz?: 'date' | 'string' | 'temporal' | undefined
  /** `date`, the default: its UTC fields are the stored reading, to the millisecond. */
  timestamp?: 'date' | 'string' | 'temporal' | undefined
  /** `date`: midnight in UTC. Default `string`: `2026-01-31`. */
  date?: 'string' | 'date' | 'temporal' | undefined
  /** `temporal` needs a runtime that has `Temporal`. Default `string`. */
  time?: 'string' | 'temporal' | undefined
  /** `interval`, the default: the class `Interval`. `string`: ISO 8601, whatever the session's `IntervalStyle`. */
  interval?: 'interval' | 'string' | 'temporal' | undefined
  /** How json and jsonb come out. `text` leaves parsing to the program. Default `parse`. */
  json?: 'parse' | 'text' | undefined
  /** `buffer`, the default: a `Buffer`. `uint8array` has memory of its own. */
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
  /** `postgresql://user:password@host:port/database?parameter=value`, where it is not the first argument. */
  dsn?: string | undefined
  /**
   * Name, address, or path of a socket directory, taken as it stands; or a list of them, tried in order. Default `PGHOST`,
   * else the sockets in the usual directories, then `localhost`.
   */
  host?: string | readonly string[] | undefined
  /** One for all hosts, or one for each. Default `PGPORT`, else 5432. */
  port?: number | string | readonly (number | string)[] | undefined
  /** The role to log in as. Default `PGUSER`, else the operating system's user. */
  user?: string | undefined
  /**
   * A function is called once for each host attempted, before its socket is opened. Default `PGPASSWORD`, else the
   * password file.
   */
  password?: string | (() => Awaitable<string>) | undefined
  /**
   * Path of the password file, which is read when nothing else gives a password. Default `PGPASSFILE`, else
   * `~/.pgpass`.
   */
  passfile?: string | undefined
  /** The section of the service file to take parameters from. Default `PGSERVICE`, else none. */
  service?: string | undefined
  /** Path of the service file. Default `PGSERVICEFILE`, else `~/.pg_service.conf`. */
  servicefile?: string | undefined
  /** Default `PGDATABASE`, else the name of the user. */
  database?: string | undefined
  /**
   * Milliseconds for the whole connect: names, password functions, all hosts. More than 0, default 60_000; `null` means no
   * limit. Then the connect rejects with a TimeoutError whose `phase` says what it was waiting for.
   */
  timeout?: number | null | undefined
  /**
   * How many prepared statements are kept. Default 100, and 0 once a transaction pooler was met; 0 keeps none, which is
   * safe behind any transaction pooler.
   */
  statementCacheSize?: number | undefined
  /** Milliseconds that a prepared statement is kept, counted from when it was made. Default 300_000; 0 = for ever. */
  maxCachedStatementLifetime?: number | undefined
  /** Characters of the longest statement that is kept prepared. Default 15_360; 0 = any. */
  maxCacheableStatementSize?: number | undefined
  /**
   * Milliseconds for each later call that gives no `timeout`. More than 0; `null` (the default) means no limit. Then the
   * call rejects with a TimeoutError, and the server is asked to stop it.
   */
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
  /** The oldest version of TLS that is allowed. Default `TLSv1.2`. */
  sslMinProtocolVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  /** The newest version of TLS that is allowed. Default: the newest there is. */
  sslMaxProtocolVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  /**
   * `require` accepts nothing but SCRAM that is bound to the TLS connection, which nobody in the middle can pass on.
   * Default `prefer`.
   */
  channelBinding?: 'disable' | 'prefer' | 'require' | undefined
  /**
   * Which methods of authentication are accepted. Default: all, but a plain password or its MD5 hash only over TLS, a
   * Unix socket or to a loopback address.
   */
  requireAuth?: RequireAuth | undefined
  /** `Connection`, or a subclass of it, of which the connection then is one. */
  connectionClass?: ConnectionClass | undefined
  /** What rows are where a call does not say it: `Record`, or a subclass of it. Default: plain objects. */
  recordClass?: RecordClass | undefined
  /** Settings of the session by name, such as `search_path`, each beating the same one of the DSN. Default none. */
  serverSettings?: { readonly [name: string]: string } | undefined
  /** Which kind of server is wanted: the hosts are tried until one is of that kind. Default `any`. */
  targetSessionAttrs?: TargetSessionAttrs | undefined
  /** `random` tries the hosts, and the addresses of a name, in random order. Default `disable`. */
  loadBalanceHosts?: 'disable' | 'random' | undefined
  /** The service in the server's Kerberos principal. Default `postgres`. */
  krbsrvname?: string | undefined
  /** The library for Kerberos. `sspi` exists on Windows only, where it is the default; elsewhere it is `gssapi`. */
  gsslib?: 'gssapi' | 'sspi' | undefined
  /**
   * A function that gives a bearer token; called once for each host attempted. The token is sent only over TLS that
   * verifies the server, a Unix socket or to a loopback address, unless `requireAuth` names `oauth`.
   */
  oauthToken?: (() => Awaitable<string>) | undefined
  /** What values come out as, and codecs of the program's own. */
  types?: TypeOptions | undefined
  /**
   * Bytes of the longest message that the server may send after the login, from 8192 to 2_147_483_647. A longer one closes
   * the connection. Default 1 GiB.
   */
  maxMessageSize?: number | undefined
  /** Ends the attempt; the promise rejects with its reason. */
  signal?: Signal | undefined
  /** Gets what a listener or hook throws; default: a process warning. */
  onCallbackError?: ((error: unknown) => void) | undefined
}
