/** Major versions of PostgreSQL that the repository's development dependencies bring along. */
export type PostgresVersion = 15 | 16 | 17 | 18

/** `smart` waits for clients to leave, `fast` ends their sessions, `immediate` skips the checkpoint (crash recovery at the next start). */
export type ShutdownMode = 'smart' | 'fast' | 'immediate'

/** PEM texts; the server's files are written from them, readable for the server alone. */
export interface ServerTls {
  /** The server's certificate, its intermediates after it. */
  cert: string
  /** Its private key, unencrypted. */
  key: string
  /** Roots against which client certificates are checked (`ssl_ca_file`). */
  ca?: string
  /** Revoked client certificates (`ssl_crl_file`). */
  crl?: string
}

export interface PostgresOptions {
  /** Default 18. Ignored beside `installation`. */
  version?: PostgresVersion
  /** A folder with `postgres` and `initdb` of an installed PostgreSQL (`/usr/lib/postgresql/15/bin`) instead of the npm packages. */
  installation?: string
  /** Lines of postgresql.conf, values unquoted. They win over the provisioner's own (fsync=off and the like). */
  settings?: Record<string, string>
  /** Lines of pg_hba.conf. Default: trust on the Unix socket, scram-sha-256 on loopback. */
  hba?: readonly string[]
  /** Lines of pg_ident.conf. Default none. */
  ident?: readonly string[]
  /** Turns `ssl` on. Without it the server answers SSLRequest with `N`. */
  tls?: ServerTls
  /** Further environment variables of the server process (`KRB5_KTNAME`). The caller's own are not passed on. */
  environment?: Record<string, string>
  /** A stopped server's data directory to copy instead of a fresh cluster. */
  copyOf?: string
  /** Makes the cluster a standby that follows this conninfo string (`standby.signal`, `primary_conninfo`). */
  standbyOf?: string
  /** A certain port instead of a free one. */
  port?: number
  /** How long the server may take to accept connections, in milliseconds. Default 30,000. */
  startTimeout?: number
}

/** What is needed to reach a server. Plain data: it survives JSON. */
export interface PostgresAddress {
  version: number
  host: string
  port: number
  /** Where the socket file `.s.PGSQL.<port>` lies; empty on Windows. */
  socketDirectory: string
  user: string
  password: string
}

export interface DsnOverrides {
  user?: string
  /** null leaves the password out. */
  password?: string | null
  host?: string
  port?: number
  database?: string
  /** Appended as the query part. */
  parameters?: Record<string, string>
}

export interface PostgresServer extends PostgresAddress {
  readonly dataDirectory: string
  /** The postmaster's process id, undefined while it does not run. */
  readonly pid: number | undefined
  /** A `postgresql://` address of the database `postgres`, password included. */
  dsn(overrides?: DsnOverrides): string
  /** What the server wrote to its log so far. */
  log(): string
  /**
   * Changes configuration files, then SIGHUP. Settings are added to those that stand, lists of lines replace them.
   * Resolves when connections made from now on meet the change; rejects, with the log, when the server refused it.
   */
  reload(changes: Pick<PostgresOptions, 'settings' | 'hba' | 'ident' | 'tls'>): Promise<void>
  /** `reload({ hba: lines })`. */
  reloadHba(lines: readonly string[]): Promise<void>
  /** Shuts the server down and removes its files. Default `fast`. Repeated calls do nothing. */
  stop(mode?: ShutdownMode): Promise<void>
  /** Shuts the server down and keeps its files for `restart`. Default `fast`. */
  halt(mode?: ShutdownMode): Promise<void>
  /** SIGKILL to the postmaster, as by the kernel when memory runs out; `restart` recovers. */
  kill(): Promise<void>
  /** Starts the server again on the same port, after `halt(mode)` if it runs. */
  restart(mode?: ShutdownMode): Promise<void>
  /** Makes the cluster a standby of another server (`standbyOf`) from its next start on. */
  follow(conninfo: string): Promise<void>
  /** `stop()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a PostgreSQL server of its own on a free loopback port.
 *
 * The server has a temporary folder for data, sockets and log. It is stopped and the folder removed by `stop()`,
 * and also when this process ends in any way, SIGKILL included. It does not keep the process alive.
 *
 * @example
 * await using server = await startPostgres({ version: 17, settings: { max_connections: '5' } })
 * const connection = await connect(server.dsn())
 */
export function startPostgres(options?: PostgresOptions): Promise<PostgresServer>

/** The address as a `postgresql://` URL. */
export function formatDsn(address: PostgresAddress, overrides?: DsnOverrides): string

/** Makes the template clusters of these versions, so that the first tests need not wait for initdb. */
export function prepareTemplates(versions: readonly PostgresVersion[]): Promise<void>

export interface DaemonOptions {
  /** Part of the temporary folder's name and of errors. */
  name: string
  program: string
  arguments(folder: string): string[]
  /** Files to write before the start: path inside the folder, content. They are readable for the daemon alone. */
  files(folder: string): Record<string, string>
  /** Asked again and again until it says true. */
  ready(folder: string): boolean | Promise<boolean>
  environment?: Record<string, string>
  /** In milliseconds, default 10,000. */
  startTimeout?: number
  /** Runs it as the caller, root too, instead of the account that PostgreSQL servers have. Default false. */
  asCaller?: boolean
}

export interface Daemon {
  /** Its temporary folder, also its working directory. */
  readonly folder: string
  readonly pid: number | undefined
  /** Its standard output and error. */
  log(): string
  signal(signal: NodeJS.Signals): void
  /** Ends the process and removes the folder. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts another server that tests need (a pooler, a KDC), with the same promises as `startPostgres`. */
export function startDaemon(options: DaemonOptions): Promise<Daemon>

/** A loopback port that nobody listens on at present. */
export function freePort(): Promise<number>
