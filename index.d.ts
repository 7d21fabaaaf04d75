// Written by tools/generate-index-dts.mjs from index.ts: change the source, not this file.
/// <reference lib="esnext.disposable" />

/** The arguments of a statement: the first one for `$1`, the next for `$2` and so on. `null` is SQL NULL. */
export type Args = readonly unknown[];

/** What any call on a connection takes. `undefined` means not given. */
export interface CallOptions {
  /**
   * Milliseconds from the call on, waiting included, after which it rejects with a TimeoutError and the server is
   * asked to cancel it. Default: the connection's `commandTimeout`; `null` or `Infinity` for no limit; 0 or less
   * rejects at once and sends nothing.
   */
  timeout?: number | null | undefined;
  /** Aborts the call: it rejects with `signal.reason` and the server is asked to cancel it. */
  signal?: Signal | undefined;
}

/** A way to log in, by libpq's names. `none` is a server that asks for nothing. */
export type AuthMethod = 'none' | 'password' | 'md5' | 'scram-sha-256' | 'gss' | 'sspi' | 'oauth';

/**
 * What `connect` can be told. Each value given here beats the DSN, the service file, the environment and
 * the default, in this order. All durations are milliseconds. `undefined` means not given.
 */
export interface ConnectOptions {
  /** `postgresql://user:password@host:port/database?parameter=value`, where it is not the first argument. */
  dsn?: string | undefined;
  /**
   * Name, address, or path of a socket directory, taken as it stands; or a list of them, tried in order. Default `PGHOST`,
   * else the sockets in the usual directories, then `localhost`.
   */
  host?: string | readonly string[] | undefined;
  /** One for all hosts, or one for each. Default `PGPORT`, else 5432. */
  port?: number | string | readonly (number | string)[] | undefined;
  /** The role to log in as. Default `PGUSER`, else the operating system's user. */
  user?: string | undefined;
  /**
   * A function is called once for each host attempted, before its socket is opened. Default `PGPASSWORD`, else the
   * password file.
   */
  password?: string | (() => Awaitable<string>) | undefined;
  /**
   * Path of the password file, which is read when nothing else gives a password. Default `PGPASSFILE`, else
   * `~/.pgpass`.
   */
  passfile?: string | undefined;
  /** The section of the service file to take parameters from. Default `PGSERVICE`, else none. */
  service?: string | undefined;
  /** Path of the service file. Default `PGSERVICEFILE`, else `~/.pg_service.conf`. */
  servicefile?: string | undefined;
  /** Default `PGDATABASE`, else the name of the user. */
  database?: string | undefined;
  /**
   * Milliseconds for the whole connect: names, password functions, all hosts. More than 0, default 60_000; `null` means no
   * limit. Then the connect rejects with a TimeoutError whose `phase` says what it was waiting for.
   */
  timeout?: number | null | undefined;
  /**
   * How many prepared statements are kept. Default 100, and 0 once a transaction pooler was met; 0 keeps none, which is
   * safe behind any transaction pooler.
   */
  statementCacheSize?: number | undefined;
  /** Milliseconds that a prepared statement is kept, counted from when it was made. Default 300_000; 0 = for ever. */
  maxCachedStatementLifetime?: number | undefined;
  /** Characters of the longest statement that is kept prepared. Default 15_360; 0 = any. */
  maxCacheableStatementSize?: number | undefined;
  /**
   * Milliseconds for each later call that gives no `timeout`. More than 0; `null` (the default) means no limit. Then the
   * call rejects with a TimeoutError, and the server is asked to stop it.
   */
  commandTimeout?: number | null | undefined;
  /** Default `prefer`. `true` is verify-full against the system's roots. */
  ssl?: boolean | SslMode | TlsOptions | undefined;
  /** Begin with TLS at once, as PostgreSQL 17 and newer allow. Default false. */
  directTls?: boolean | undefined;
  /** Path of the client certificate. */
  sslcert?: string | undefined;
  /** Path of its key. */
  sslkey?: string | undefined;
  /** Path of the trusted roots, or `system`. */
  sslrootcert?: string | undefined;
  /** Path of the revocation lists. */
  sslcrl?: string | undefined;
  /** Pass phrase of the key. */
  sslpassword?: string | undefined;
  /** The oldest version of TLS that is allowed. Default `TLSv1.2`. */
  sslMinProtocolVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** The newest version of TLS that is allowed. Default: the newest there is. */
  sslMaxProtocolVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /**
   * `require` accepts nothing but SCRAM that is bound to the TLS connection, which nobody in the middle can pass on.
   * Default `prefer`.
   */
  channelBinding?: 'disable' | 'prefer' | 'require' | undefined;
  /**
   * Which methods of authentication are accepted. Default: all, but a plain password or its MD5 hash only over TLS, a
   * Unix socket or to a loopback address.
   */
  requireAuth?: RequireAuth | undefined;
  /** `Connection`, or a subclass of it, of which the connection then is one. */
  connectionClass?: ConnectionClass | undefined;
  /** What rows are where a call does not say it: `Record`, or a subclass of it. Default: plain objects. */
  recordClass?: RecordClass | undefined;
  /** Settings of the session by name, such as `search_path`, each beating the same one of the DSN. Default none. */
  serverSettings?: {
    readonly [name: string]: string;
  } | undefined;
  /** Which kind of server is wanted: the hosts are tried until one is of that kind. Default `any`. */
  targetSessionAttrs?: TargetSessionAttrs | undefined;
  /** `random` tries the hosts, and the addresses of a name, in random order. Default `disable`. */
  loadBalanceHosts?: 'disable' | 'random' | undefined;
  /** The service in the server's Kerberos principal. Default `postgres`. */
  krbsrvname?: string | undefined;
  /** The library for Kerberos. `sspi` exists on Windows only, where it is the default; elsewhere it is `gssapi`. */
  gsslib?: 'gssapi' | 'sspi' | undefined;
  /**
   * A function that gives a bearer token; called once for each host attempted. The token is sent only over TLS that
   * verifies the server, a Unix socket or to a loopback address, unless `requireAuth` names `oauth`.
   */
  oauthToken?: (() => Awaitable<string>) | undefined;
  /** What values come out as, and codecs of the program's own. */
  types?: TypeOptions | undefined;
  /**
   * Bytes of the longest message that the server may send after the login, from 8192 to 2_147_483_647. A longer one closes
   * the connection. Default 1 GiB.
   */
  maxMessageSize?: number | undefined;
  /** Ends the attempt; the promise rejects with its reason. */
  signal?: Signal | undefined;
  /** Gets what a listener or hook throws; default: a process warning. */
  onCallbackError?: ((error: unknown) => void) | undefined;
}

/**
 * Methods of authentication, one or several (`'md5,scram-sha-256'`, or an array): those that are accepted, or, each
 * with `!` before it, those that are not.
 */
export type RequireAuth = AuthMethod | `!${AuthMethod}` | `${AuthMethod | `!${AuthMethod}`},${string}` | readonly AuthMethod[] | readonly `!${AuthMethod}`[];

/**
 * libpq's modes of TLS. Only `verify-ca` and `verify-full` verify the server, and so does `require` where a root file
 * is there.
 */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/**
 * Which kind of server is wanted. A server or role with `default_transaction_read_only` counts as `read-only`.
 * `prefer-standby` takes another server when there is no standby.
 */
export type TargetSessionAttrs = 'any' | 'primary' | 'standby' | 'read-write' | 'read-only' | 'prefer-standby';

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
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Client certificate, with the chain below the root if there is one. */
  cert?: string | Uint8Array | undefined;
  /** Key of the client certificate. Default: the one in `cert`. */
  key?: string | Uint8Array | undefined;
  /** Pass phrase of an encrypted key. */
  passphrase?: string | undefined;
  /** Revocation lists; once given, every certificate of the chain must be covered by one. */
  crl?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** The name to send and to verify instead of the host's. */
  servername?: string | undefined;
  /** Default true. False accepts any certificate: encryption without identity. */
  rejectUnauthorized?: boolean | undefined;
  /** Default true. False verifies the chain and not the name, as `verify-ca` does. */
  checkServerIdentity?: boolean | undefined;
  /** Default `TLSv1.2`. */
  minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** Default: the newest. */
  maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
}

/** How values come out. Every default loses nothing, or says what it loses. */
export interface TypeOptions {
  /** `auto`, the default: number when exact, else bigint. An inexact one is an error under `number`. */
  int8?: 'auto' | 'bigint' | 'number' | 'string' | undefined;
  /** `number` rounds. Default `string`, which keeps every digit. */
  numeric?: 'string' | 'number' | undefined;
  /** `date`, the default, has milliseconds: what is finer is lost. */
  timestamptz?: 'date' | 'string' | 'temporal' | undefined;
  /** `date`, the default: its UTC fields are the stored reading, to the millisecond. */
  timestamp?: 'date' | 'string' | 'temporal' | undefined;
  /** `date`: midnight in UTC. Default `string`: `2026-01-31`. */
  date?: 'string' | 'date' | 'temporal' | undefined;
  /** `temporal` needs a runtime that has `Temporal`. Default `string`. */
  time?: 'string' | 'temporal' | undefined;
  /** `interval`, the default: the class `Interval`. `string`: ISO 8601, whatever the session's `IntervalStyle`. */
  interval?: 'interval' | 'string' | 'temporal' | undefined;
  /** How json and jsonb come out. `text` leaves parsing to the program. Default `parse`. */
  json?: 'parse' | 'text' | undefined;
  /** `buffer`, the default: a `Buffer`. `uint8array` has memory of its own. */
  bytea?: 'buffer' | 'uint8array' | undefined;
  /**
   * Codecs of the program's own, set on every connection as `connection.setTypeCodec()` does it. Types that are not built in
   * are looked up when a connection is made, in one query for all; one that is not there ends the attempt.
   */
  codecs?: readonly TypeCodec[] | undefined;
}

/** Connects as {@link connect} does without a class, and gives a connection of the class `connectionClass`. */
export declare function connect<C extends Connection>(dsn: string | undefined, options: ConnectOptions & {
  connectionClass: ConnectionClass<C>;
}): Promise<C>;

/** Connects as {@link connect} does without a class, and gives a connection of the class `connectionClass`. */
export declare function connect<C extends Connection>(options: ConnectOptions & {
  connectionClass: ConnectionClass<C>;
}): Promise<C>;

/**
 * Connects to a PostgreSQL server.
 *
 * What is not given comes, in this order, from the DSN, a service file, the environment (`PGHOST`, `PGPASSWORD` …)
 * and defaults: see `docs/reference/parameters.md`. Hosts are tried in order until one is of the kind that
 * `targetSessionAttrs` asks for.
 *
 * @param dsn `postgresql://user:password@host:port/database?parameter=value`; or the options, as only argument.
 *
 * Rejects with a ClientConfigurationError, before a socket is opened, when a parameter is wrong; a
 * ConnectionFailureError when no server could be reached (`cause` has Node's `code`, or one error for each host); an
 * InvalidPasswordError or InvalidAuthorizationSpecificationError when the server refuses; any other error of the
 * server; a TimeoutError after `timeout`; or `signal.reason`.
 *
 * ```ts no-run
 * const connection = await connect('postgresql://user@localhost/database')
 * await using other = await connect({ host: 'localhost', database: 'database', ssl: 'verify-full' })
 * ```
 */
export declare function connect(dsn?: string, options?: ConnectOptions): Promise<Connection>;

/** Connects by options alone; a DSN may be one of them. It is like `connect(undefined, options)`. */
export declare function connect(options: ConnectOptions): Promise<Connection>;

/**
 * One session with a server, made by `connect()`.
 *
 * Calls are pipelined: those made before an earlier one has ended are sent at once and answered in order, each with
 * its own result or error. A connection is one session: what is called while a transaction is open is part of it.
 */
export declare class Connection extends Typed<Connection> implements AsyncDisposable {
  /** Connections are made by `connect()`. */
  protected constructor(...args: never[]);
  /** True once it was closed, terminated, or its loss was noticed. */
  isClosed(): boolean;
  /** Within a transaction, also one that has failed, by what the server answered last or `transaction()` started. */
  isInTransaction(): boolean;
  /** The process id of the server's backend. */
  getServerPid(): number;
  /**
   * The server's version.
   *
   * @throws UnsupportedServerFeatureError when the server, or a pooler before it, reports none, or one without a number.
   */
  getServerVersion(): ServerVersion;
  /** The server's parameters, live. */
  getSettings(): ConnectionSettings;
  /**
   * Ends the session: a running call is cancelled and rejects with QueryCanceledError, waiting ones reject with
   * InterfaceError; then the server is told and its disconnect awaited. Does nothing on a closed connection.
   *
   * @param options.timeout Milliseconds for all of it, default the connection's `commandTimeout`; then the
   * connection is dropped and a TimeoutError comes.
   */
  close(options?: CallOptions): Promise<void>;
  /** Drops the connection at once; a running call rejects with ConnectionDoesNotExistError. */
  terminate(): void;
  /**
   * Brings the session back to its state after connecting: an open transaction is rolled back, notification and log
   * listeners are removed, the reset query runs, and cached statements are forgotten. Termination listeners and query
   * loggers stay.
   *
   * Rejects with a TimeoutError, whose `phase` is `reset`, or with `signal.reason`; the connection stays usable then.
   *
   * @param options.timeout Milliseconds for all of it, default the connection's `commandTimeout`. 0 or less rejects at
   * once and does nothing.
   */
  reset(options?: CallOptions): Promise<void>;
  /**
   * The statements that `reset()` runs: those that the server takes, which relatives of PostgreSQL may not do. A subclass
   * may give others, or `''` for none.
   */
  getResetQuery(): string;
  /**
   * Prepares a statement that the server keeps until it is closed or collected. The statement cache has no part in it.
   *
   * A type that is not built in is looked up when a connection first meets it, which is a query more; where that fails
   * the type has its OID for a name.
   *
   * Rejects with the server's error for a text that it cannot prepare, with a DuplicatePreparedStatementError (42P05)
   * when it has a statement of that name, and with an InterfaceError for a query of the `sql` tag that has arguments,
   * which are given when the statement is run.
   *
   * @param options.name Its name on the server. Default: one of the driver's, or none with `statementCacheSize: 0`.
   *
   * ```ts
   * const statement = await connection.prepare('select $1::int + 1 as next')
   * statement.getParameters().map(({ name }) => name) // => [ 'int4' ]
   * await statement.fetchValue([1]) // => 2
   * await statement.close()
   * ```
   */
  prepare<T = Row>(query: string | SqlQuery<T>, options?: PrepareOptions): Promise<PreparedStatement<T>>;
  /** The rows of a query of the `sql` tag in parts, by `for await` or by hand, within a transaction. */
  cursor<T = Row>(query: SqlQuery<T>, options?: CursorOptions): CursorFactory<T>;
  /**
   * A query whose rows are read in parts, by `for await` or by hand. Nothing is sent yet; reading must be within a
   * transaction, and ends with it.
   *
   * ```ts
   * await connection.transaction(async () => {
   *   for await (const { n } of connection.cursor('select n from generate_series(1, $1) n', [3])) console.log(n)
   * })
   * ```
   *
   * @param options.prefetch How many rows a round trip brings. Default 50.
   * @param options.timeout Milliseconds for each round trip. Default the connection's `commandTimeout`.
   * @throws InterfaceError when the connection is closed, and for arguments or options that cannot be;
   * ConnectionDoesNotExistError when the connection was lost.
   */
  cursor<T = Row>(sql: string, args?: Args, options?: CursorOptions): CursorFactory<T>;
  /**
   * A transaction to be started and ended by hand; within another one it is a savepoint. `await using` rolls it back
   * when it was not committed.
   *
   * ```ts
   * const tx = connection.transaction({ isolation: 'serializable' })
   * await tx.start()
   * await tx.execute('create temp table note(text text)')
   * await tx.commit()
   * ```
   *
   * @throws InterfaceError when the connection is closed, and for options that cannot be; ConnectionDoesNotExistError
   * when the connection was lost.
   */
  transaction(options?: TransactionOptions): Transaction;
  /**
   * Runs a body in a transaction: commits when it returns, rolls back when it throws, and gives or throws the same.
   * With `attempts` it runs again after a serialization failure or a deadlock.
   *
   * Rejects with what the body throws; with a TransactionRollbackError when a statement had failed and the body caught
   * its error; with the server's error when it could not commit; with a ConnectionDoesNotExistError (see its
   * `maybeExecuted`) when the answer to COMMIT was lost.
   *
   * ```ts
   * await connection.transaction((tx) => tx.fetchValue('select $1::int + 1', [1])) // => 2
   * ```
   */
  transaction<R>(body: (tx: Transaction) => Awaitable<R>, options?: TransactionOptions): Promise<R>;
  /** Keeps the process alive while the connection is open, also when nothing runs on it. */
  ref(): this;
  /**
   * Takes `ref()` back: an idle connection does not keep the process alive, even if it listens to channels. Running calls
   * still do.
   */
  unref(): this;
  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** `Connection` or a subclass of it. */
export type ConnectionClass<C extends Connection = Connection> = Function & {
  prototype: C;
};

/** What is called with each notification of a channel. */
export type NotificationListener = ChannelListener<Connection>;

/** What query loggers get of a call that has ended. */
export type QueryLogRecord = LogRecord<Connection>;

/** A transaction of a connection. */
export type Transaction = TransactionOf<Connection>;

/** What any COPY takes. */
export interface CopyCallOptions extends CallOptions {
  /**
   * Is told how far it is: at most ten times a second while data goes through, and once at the end. What it throws, or
   * rejects with, ends the COPY, which is not over before what was told has been taken.
   */
  onProgress?: ((progress: CopyProgress) => Awaitable<void>) | undefined;
}

/** The form of the data of a COPY. What is not given is PostgreSQL's own default. */
export interface CopyFormat extends CopyCallOptions {
  /** Default `text`. */
  format?: 'text' | 'csv' | 'binary' | undefined;
  /** Whether a row's OID is part of the data. PostgreSQL 12 and newer have no such OIDs. */
  oids?: boolean | undefined;
  /** One character between values. Default a tab, in CSV a comma. */
  delimiter?: string | undefined;
  /** What stands for NULL. Default `\N`, in CSV an empty value without quotes. */
  null?: string | undefined;
  /** The first line has the names of the columns; with `match` they must be those of the table. */
  header?: boolean | 'match' | undefined;
  /** In CSV, the character around values. Default `"`. */
  quote?: string | undefined;
  /** In CSV, the character in front of a quote that is part of a value. Default the same as `quote`. */
  escape?: string | undefined;
  /** In CSV that comes out, the columns whose values are always quoted, `true` for all. */
  forceQuote?: boolean | readonly string[] | undefined;
  /** The encoding of the data, as PostgreSQL names it. Default UTF-8. */
  encoding?: string | undefined;
}

/** What `copyFromQuery` takes. */
export interface CopyFromOptions extends CopyFormat {
  /**
   * Where the data goes: a file that is written anew, a Node or web stream, or a function that is called with one piece
   * after the other and awaited. Pieces are runs of bytes, not rows.
   *
   * A stream is ended when all was written to it, and destroyed (a web stream: aborted) with the error when the COPY
   * fails; `process.stdout` and `process.stderr` stay open. A file keeps what was written to it.
   */
  output: CopyOutput;
}

/** What `copyFromTable` takes. */
export interface CopyFromTableOptions extends CopyFromOptions {
  /** Which columns, in this order. Default all. */
  columns?: readonly string[] | undefined;
  /** Default the first of the search path that has the table. */
  schema?: string | undefined;
}

/** Where data goes. */
export type CopyOutput = NodeWritable | WebWritable | ((piece: Bytes) => Awaitable<void>) | {
  readonly path: string;
};

/** What `copyRecordsToTable` takes. */
export interface CopyRecordsOptions extends CopyCallOptions {
  /** One array of values for each record, `null` for SQL NULL. It is read no faster than the server takes them. */
  records: Iterable<Args> | AsyncIterable<Args>;
  /** Which columns the records have, in this order. Default all. */
  columns?: readonly string[] | undefined;
  /** Default the first of the search path that has the table. */
  schema?: string | undefined;
  /** SQL that says which rows are kept. It becomes part of the statement: never put anything from outside into it. */
  where?: string | undefined;
}

/** Where data comes from. */
export type CopySource = NodeReadable | WebReadable | AsyncIterable<Uint8Array> | Iterable<Uint8Array> | Uint8Array | {
  readonly path: string;
} | {
  readonly text: string;
};

/** What `copyToTable` takes. */
export interface CopyToOptions extends CopyFormat {
  /**
   * Where the data comes from: bytes, text, a file, a Node or web stream, or an iterable of bytes. It is read no faster
   * than the server takes it.
   *
   * When the COPY ends before the source does, the source is told: a Node stream is destroyed, a web stream cancelled,
   * an iterator returned.
   */
  source: CopySource;
  /** Which columns the data has, in this order. Default all. */
  columns?: readonly string[] | undefined;
  /** Default the first of the search path that has the table. */
  schema?: string | undefined;
  /** Rows are frozen at once, as VACUUM FREEZE does; the table must be new in this transaction. */
  freeze?: boolean | undefined;
  /** In CSV, the columns whose values are never NULL, `true` for all (PostgreSQL 17). */
  forceNotNull?: boolean | readonly string[] | undefined;
  /** In CSV, the columns in which a quoted value may be NULL too, `true` for all (PostgreSQL 17). */
  forceNull?: boolean | readonly string[] | undefined;
  /** SQL that says which rows are kept. It becomes part of the statement: never put anything from outside into it. */
  where?: string | undefined;
}

/** How far a COPY is. */
export interface CopyProgress {
  /** Bytes of data that were handed on: to the output, or towards the server. */
  readonly bytes: number;
  /**
   * Rows: of a COPY out those that have come, of records those that were handed on. `undefined` while bytes are copied
   * into a table: only the server knows then. At the end it is always what the server has counted.
   */
  readonly rows: number | undefined;
}

/**
 * Makes a pool of connections to one database. It opens `minSize` of them, the first one alone.
 *
 * @param dsn As for `connect`; or the options, as only argument.
 * @param options Those of `connect`, and those of the pool. `timeout` is for each connection that is opened, `signal` for
 * those that the pool is made with.
 *
 * Rejects with a ClientConfigurationError for options that cannot be, and with what `connect` or the `init` hook rejects
 * with; no connection stays open then.
 *
 * ```ts no-run
 * const pool = await createPool('postgresql://user@localhost/database', { maxSize: 20 })
 * const rows = await pool.fetch('select id, name from city where country = $1', ['FR'])
 * await pool.close()
 * ```
 */
export declare function createPool(dsn?: string, options?: PoolOptions): Promise<Pool>;

/** Makes a pool by options alone; a DSN may be one of them. It is like `createPool(undefined, options)`. */
export declare function createPool(options: PoolOptions): Promise<Pool>;

/** A cursor that is moved by hand, made by {@link CursorFactory.open}. It ends with its transaction. */
export declare class Cursor<T = Row> implements AsyncDisposable {
  /** Made by `open()`. */
  protected constructor(...args: never[]);
  /** True once a call has met the end of the rows: each further one gives nothing and asks nobody. */
  get exhausted(): boolean;
  /**
   * The next `n` rows; fewer when there are no more, then `[]`.
   *
   * Rejects with the server's error, such as an InvalidCursorNameError (34000) when the transaction of the cursor has
   * ended, with a TimeoutError, with `signal.reason`, and with an InterfaceError for an `n` below 1, a cursor that is
   * closed, and one on which a call was given up.
   */
  fetch(n: number, options?: CallOptions): Promise<T[]>;
  /** The next row, `null` when there are no more. Rejects as {@link fetch}. */
  fetchRow(options?: CallOptions): Promise<T | null>;
  /**
   * Skips `n` rows and gives how many there were. Rejects as {@link fetch}. It is a `MOVE` on the server, so that no row
   * is sent.
   */
  forward(n: number, options?: CallOptions): Promise<number>;
  /** Closes it on the server; does nothing when it is closed. */
  close(): Promise<void>;
  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A query whose rows are read in parts, made by `connection.cursor()` and `statement.cursor()`. Nothing is sent before
 * it is iterated or opened, and that must be within a transaction.
 *
 * Each `for await` runs the query anew. The next rows are on their way while the last ones are consumed; leaving the
 * loop closes the cursor on the server.
 *
 * ```ts
 * await connection.transaction(async () => {
 *   for await (const { n } of connection.cursor('select n from generate_series(1, 3) n')) console.log(n)
 * })
 * ```
 */
export declare class CursorFactory<T = Row> implements AsyncIterable<T> {
  /** Made by `cursor()`. */
  protected constructor(...args: never[]);
  /**
   * Reads all rows, one after the other.
   *
   * Rejects with a NoActiveSQLTransactionError (25P01) outside of a transaction, with the server's error, with a
   * TimeoutError when one round trip takes longer than `timeout`, with `signal.reason`, and with an InterfaceError when
   * the statement or the connection is closed.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
  /**
   * Opens a cursor that is moved by hand. Rejects as iteration does, and with an InterfaceError when `prefetch` was
   * given, which is for iteration.
   *
   * ```ts
   * await connection.transaction(async () => {
   *   const cursor = await connection.cursor('select n from generate_series(1, 9) n').open()
   *   await cursor.forward(4) // => 4
   *   await cursor.fetch(2) // => [ { n: 5 }, { n: 6 } ]
   *   await cursor.close()
   * })
   * ```
   *
   * @param options `timeout` and `signal` of opening it; default those that were given to `cursor()`.
   */
  open(options?: CallOptions): Promise<Cursor<T>>;
}

/** What a cursor takes. Its `timeout` is that of each round trip, not of the whole loop. */
export interface CursorOptions extends FetchOptions {
  /**
   * For iteration: how many rows a round trip brings, from 1 to 2,147,483,647. Default 50. As many are on their way
   * while the last ones are consumed.
   */
  prefetch?: number | undefined;
}

/** After this error the server has ended the session. */
export declare class FatalPostgresError extends PostgresError {
}

/**
 * An error reported by the server, or one that has the shape of such an error. Each SQLSTATE has its own
 * class, derived from the class of its section: 23505 is `UniqueViolationError`, which is an
 * `IntegrityConstraintViolationError`, which is a `PostgresError`.
 *
 * ```ts
 * try {
 *   await connection.execute('insert into users (email) values ($1)', [email])
 * } catch (error) {
 *   if (error instanceof UniqueViolationError && error.constraintName === 'users_email_key') return 'taken'
 *   throw error
 * }
 * ```
 */
export declare class PostgresError extends Error {
  /** The SQLSTATE of the class; absent on `PostgresError` itself and on `UnknownPostgresError`. */
  static readonly sqlstate: string | undefined;
  /**
   * `ERROR`, `FATAL` or `PANIC`, in the language of the server's messages; `WARNING` where a warning was the last that a
   * server said which shut down at once.
   */
  readonly severity: string;
  /** The severity in English, whatever the server's language. */
  readonly severityEn?: string;
  /** The five-character code, also where no class of its own exists for it. */
  readonly sqlstate: string;
  /** More about what happened. */
  readonly detail?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Where in `query` the error is, in characters, counted from 1. */
  readonly position?: number;
  /** Where in `internalQuery` the error is, in characters, counted from 1. */
  readonly internalPosition?: number;
  /** The statement that the server itself made, for example inside a PL/pgSQL function. */
  readonly internalQuery?: string;
  /** The call stack of functions and commands inside the server, innermost first. */
  readonly context?: string;
  /** The schema that the report is about. */
  readonly schemaName?: string;
  /** The table that it is about. */
  readonly tableName?: string;
  /** The column that it is about. */
  readonly columnName?: string;
  /** The type that it is about. */
  readonly dataTypeName?: string;
  /** The constraint that it is about, also where that is an index. */
  readonly constraintName?: string;
  /** Which set of arguments of `executeMany` or `fetchMany` failed, counted from 0. */
  readonly element?: number;
  /** Where in the server's own source the error was raised. */
  readonly serverSourceFilename?: string;
  /** The line in that file. */
  readonly serverSourceLine?: string;
  /** The function of the server's source that made the report. */
  readonly serverSourceFunction?: string;
  /** The statement that failed. Not enumerable, so that no logger prints what stands in it. */
  readonly query?: string;
  /**
   * Whether the server may have executed the call, or parts of it. It is there when a lost connection or a server that shuts
   * down has ended the call.
   */
  readonly maybeExecuted?: boolean;
  constructor(message?: string, options?: PostgresErrorOptions);
  /** The SQLSTATE by the name that other drivers give it. */
  get code(): string;
  /**
   * Whether the same work may succeed when it is begun anew, on a new connection if this one is gone: a
   * serialization failure, a deadlock, a lock not available, a lost or refused connection, a shortage, a
   * restarting server, a table that was changed meanwhile. It does not say that nothing was done: after a lost connection
   * see `maybeExecuted`.
   */
  get isTransient(): boolean;
  /**
   * The line of the statement that the error is about and a caret below the place, as psql shows them; of the statement
   * that the server itself made where `internalPosition` tells the place. `null` when the server named no place.
   *
   * It is a part of the statement, which may hold secrets: no other member of the error shows it.
   *
   * ```ts
   * console.log(error.excerpt())
   * // LINE 1: select nothing from pg_class
   * //                ^
   * ```
   */
  excerpt(): string | null;
  /** Name and message, then `DETAIL:` and `HINT:` on lines of their own; `message` has the message alone. */
  toString(): string;
  /** Name, message and the fields that are there, without the statement, as a logger wants them. */
  toJSON(): {
    [field: string]: unknown;
  };
}

/** What a `PostgresError` is made of besides its message. */
export interface PostgresErrorOptions extends ReportFields {
  /** The error that this one comes from. */
  cause?: unknown;
}

/** A message of the server that is no error: a notice, a warning, a log line. Immutable. */
export declare class PostgresLogMessage {
  /** The SQLSTATE of the class; absent on `PostgresLogMessage` itself. */
  static readonly sqlstate: string | undefined;
  /** The name of the class. */
  readonly name: string;
  /** Its text, one line as a rule. */
  readonly message: string;
  /** `DEBUG`, `LOG`, `INFO`, `NOTICE` or `WARNING`, in the language of the server's messages. */
  readonly severity: string;
  /** The severity in English, whatever the server's language. */
  readonly severityEn?: string;
  /** The five-character code; `00000` for most notices. */
  readonly sqlstate: string;
  /** More about what happened. */
  readonly detail?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Where in `query`, in characters, counted from 1. */
  readonly position?: number;
  /** Where in `internalQuery`, in characters, counted from 1. */
  readonly internalPosition?: number;
  /** The statement that the server itself made, for example inside a PL/pgSQL function. */
  readonly internalQuery?: string;
  /** The call stack of functions and commands inside the server, innermost first. */
  readonly context?: string;
  /** The schema that the report is about. */
  readonly schemaName?: string;
  /** The table that it is about. */
  readonly tableName?: string;
  /** The column that it is about. */
  readonly columnName?: string;
  /** The type that it is about. */
  readonly dataTypeName?: string;
  /** The constraint that it is about, also where that is an index. */
  readonly constraintName?: string;
  /** The file of the server's own source in which the report was made. */
  readonly serverSourceFilename?: string;
  /** The line in that file. */
  readonly serverSourceLine?: string;
  /** The function of the server's source that made the report. */
  readonly serverSourceFunction?: string;
  /** The statement that was running. Not enumerable, so that no logger prints what stands in it. */
  readonly query?: string;
  constructor(message?: string, fields?: ReportFields);
  /** Severity and message, then `DETAIL:` and `HINT:` on lines of their own. */
  toString(): string;
  /** Name, message and the fields that are there, without the statement, as a logger wants them. */
  toJSON(): {
    [field: string]: unknown;
  };
}

/** An error whose SQLSTATE belongs to no section that PostgreSQL's list knows; `sqlstate` has the code. */
export declare class UnknownPostgresError extends FatalPostgresError {
}

/** What an error of this library's own is made of besides its message. */
export interface InterfaceErrorOptions {
  /** More about what happened. */
  detail?: string;
  /** What to do about it. */
  hint?: string;
  /** The error that this one comes from. */
  cause?: unknown;
}

/**
 * The library was used in a way that cannot work: a closed connection, a wrong option, the wrong number
 * of arguments. Nothing was sent.
 */
export declare class InterfaceError extends Error {
  /** More about what happened. */
  readonly detail?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The text of the call that failed. Not enumerable, so that no logger prints what stands in it. */
  readonly query?: string;
  constructor(message?: string, options?: InterfaceErrorOptions);
  /** Name and message, then `DETAIL:` and `HINT:` on lines of their own; `message` has the message alone. */
  toString(): string;
  /** Name, message and the fields that are there, as a logger wants them. */
  toJSON(): {
    [field: string]: unknown;
  };
}

/** An option, a DSN, a variable or a file that says how to connect is wrong; no socket was opened. */
export declare class ClientConfigurationError extends InterfaceError {
}

/** What was asked for is something that this library does not do. */
export declare class UnsupportedClientFeatureError extends InterfaceError {
}

/** What was asked for is something that the server at the other end does not do. */
export declare class UnsupportedServerFeatureError extends InterfaceError {
}

/** Every host was reached and none had the attributes that `targetSessionAttrs` asks for. */
export declare class TargetServerAttributeNotMatched extends InterfaceError {
}

/** A state that should not exist: a defect of this library, or of what it talks to. Please report it. */
export declare class InternalClientError extends Error {
  /** What to do about it, where something can be done. */
  readonly hint?: string;
  /** The text of the call that failed. Not enumerable, so that no logger prints what stands in it. */
  readonly query?: string;
  constructor(message?: string, options?: {
    hint?: string;
    cause?: unknown;
  });
  /** Name and message, then `HINT:` on a line of its own; `message` has the message alone. */
  toString(): string;
}

/** The server sent what the protocol does not allow, or a value whose bytes do not fit its type. */
export declare class ProtocolError extends InternalClientError {
}

/** A composite type changed on the server after its description was fetched; the next call knows it anew. */
export declare class OutdatedSchemaCacheError extends InternalClientError {
  /** The schema of the type. */
  readonly schemaName?: string;
  /** The name of the type. */
  readonly dataTypeName?: string;
  /** Which attribute did not fit, counted from 0. */
  readonly position?: number;
  constructor(message?: string, options?: {
    schemaName?: string;
    dataTypeName?: string;
    position?: number;
    cause?: unknown;
  });
}

/** A time limit of the call, of the connection or of the pool ran out. */
export declare class TimeoutError extends Error {
  /** The name of the class, as other libraries look for it. */
  readonly name: 'TimeoutError';
  /** The code that Node.js gives to its own time-outs. */
  readonly code: 'ETIMEDOUT';
  /** What was being waited for: `connect`, `tls`, `authentication`, `acquire`, `setup`, `release`, `query` … */
  readonly phase: string;
  /** Whether the server may have executed the call whose time was up, or parts of it. */
  readonly maybeExecuted?: boolean;
  /** The text of the call that failed. Not enumerable, so that no logger prints what stands in it. */
  readonly query?: string;
  /** What helps. */
  readonly hint?: string;
  constructor(message?: string, options?: {
    phase?: string;
    maybeExecuted?: boolean;
    cause?: unknown;
    hint?: string;
  });
}

/** What PostgreSQL tells about an error or a notice. What it did not tell is absent, never empty. */
export interface ReportFields {
  /** `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE` … in the language of the server's messages. */
  severity?: string | undefined;
  /** The severity in English, whatever the server's language. */
  severityEn?: string | undefined;
  /** The five-character code (PostgreSQL manual, appendix "PostgreSQL Error Codes"). */
  sqlstate?: string | undefined;
  /** More about what happened. */
  detail?: string | undefined;
  /** What to do about it. */
  hint?: string | undefined;
  /** Where in the statement, in characters, counted from 1. */
  position?: number | undefined;
  /** Where in `internalQuery`, in characters, counted from 1. */
  internalPosition?: number | undefined;
  /** The statement that the server itself made, for example inside a PL/pgSQL function. */
  internalQuery?: string | undefined;
  /** The call stack of functions and commands inside the server, innermost first. */
  context?: string | undefined;
  /** The schema that the report is about. */
  schemaName?: string | undefined;
  /** The table that it is about. */
  tableName?: string | undefined;
  /** The column that it is about. */
  columnName?: string | undefined;
  /** The type that it is about. */
  dataTypeName?: string | undefined;
  /** The constraint that it is about, also where that is an index. */
  constraintName?: string | undefined;
  /** The file of the server's own source in which the report was made. */
  serverSourceFilename?: string | undefined;
  /** The line in that file. */
  serverSourceLine?: string | undefined;
  /** The function of the server's source that made the report. */
  serverSourceFunction?: string | undefined;
  /** The statement that was running. */
  query?: string | undefined;
}

/** `08003` connection_does_not_exist: the connection ended while the call was under way. */
export declare class ConnectionDoesNotExistError extends PostgresConnectionError {
  static readonly sqlstate: string;
  /**
   * True when the statement had been sent and its answer was lost: the server may or may not have
   * executed it. False when it never left this process, or not so much of it that anything could stay (a COPY whose data was
   * not all sent): it is safe to send it again.
   */
  readonly maybeExecuted: boolean;
  constructor(message?: string, options?: PostgresErrorOptions & {
    maybeExecuted?: boolean;
  });
}

/**
 * `22000` data_exception: a value that does not fit, found by the server, or found here before anything
 * was sent; then `argument` is there and the connection is untouched.
 */
export declare class DataError extends PostgresError {
  static readonly sqlstate: string;
  /**
   * Which argument was refused, counted from 1 as in `$1`; of a record of `copyRecordsToTable` which of its values, whose
   * column `columnName` names.
   */
  readonly argument?: number;
  /** Which of the argument sets of `executeMany` or `fetchMany`, or which of the records, it was in, counted from 0. */
  readonly element?: number;
  /** The argument that was refused, whole, or the record that is none. Not enumerable, so that no logger prints what may be a secret. */
  readonly value?: unknown;
  constructor(message?: string, options?: DataErrorOptions);
}

/** `08000` connection_exception: the base of everything about reaching a server and staying connected. */
export declare class PostgresConnectionError extends PostgresError {
  static readonly sqlstate: string;
}

/** `01000` warning: the base of the messages that PostgreSQL's list calls warnings. */
export declare class PostgresWarning extends PostgresLogMessage {
  static readonly sqlstate: string;
}

/** `0100C` dynamic_result_sets_returned. */
export declare class DynamicResultSetsReturned extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `01008` implicit_zero_bit_padding. */
export declare class ImplicitZeroBitPadding extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `01003` null_value_eliminated_in_set_function. */
export declare class NullValueEliminatedInSetFunction extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `01007` privilege_not_granted. */
export declare class PrivilegeNotGranted extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `01006` privilege_not_revoked. */
export declare class PrivilegeNotRevoked extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `01004` string_data_right_truncation. */
export declare class StringDataRightTruncation extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `01P01` deprecated_feature. */
export declare class DeprecatedFeature extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `02000` no_data. */
export declare class NoData extends PostgresWarning {
  static readonly sqlstate: string;
}

/** `02001` no_additional_dynamic_result_sets_returned. */
export declare class NoAdditionalDynamicResultSetsReturned extends NoData {
  static readonly sqlstate: string;
}

/** `03000` sql_statement_not_yet_complete. */
export declare class SQLStatementNotYetCompleteError extends PostgresError {
  static readonly sqlstate: string;
}

/** `08006` connection_failure. */
export declare class ConnectionFailureError extends PostgresConnectionError {
  static readonly sqlstate: string;
}

/** `08001` sqlclient_unable_to_establish_sqlconnection. */
export declare class ClientCannotConnectError extends PostgresConnectionError {
  static readonly sqlstate: string;
}

/** `08004` sqlserver_rejected_establishment_of_sqlconnection. */
export declare class ConnectionRejectionError extends PostgresConnectionError {
  static readonly sqlstate: string;
}

/** `08007` transaction_resolution_unknown. */
export declare class TransactionResolutionUnknownError extends PostgresConnectionError {
  static readonly sqlstate: string;
}

/** `08P01` protocol_violation. */
export declare class ProtocolViolationError extends PostgresConnectionError {
  static readonly sqlstate: string;
}

/** `09000` triggered_action_exception. */
export declare class TriggeredActionError extends PostgresError {
  static readonly sqlstate: string;
}

/** `0A000` feature_not_supported. */
export declare class FeatureNotSupportedError extends PostgresError {
  static readonly sqlstate: string;
}

/** `0A000` from a cached plan whose result type changed; has no code of its own. */
export declare class InvalidCachedStatementError extends FeatureNotSupportedError {
}

/** `0B000` invalid_transaction_initiation. */
export declare class InvalidTransactionInitiationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `0F000` locator_exception. */
export declare class LocatorError extends PostgresError {
  static readonly sqlstate: string;
}

/** `0F001` invalid_locator_specification. */
export declare class InvalidLocatorSpecificationError extends LocatorError {
  static readonly sqlstate: string;
}

/** `0L000` invalid_grantor. */
export declare class InvalidGrantorError extends PostgresError {
  static readonly sqlstate: string;
}

/** `0LP01` invalid_grant_operation. */
export declare class InvalidGrantOperationError extends InvalidGrantorError {
  static readonly sqlstate: string;
}

/** `0P000` invalid_role_specification. */
export declare class InvalidRoleSpecificationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `0Z000` diagnostics_exception. */
export declare class DiagnosticsError extends PostgresError {
  static readonly sqlstate: string;
}

/** `0Z002` stacked_diagnostics_accessed_without_active_handler. */
export declare class StackedDiagnosticsAccessedWithoutActiveHandlerError extends DiagnosticsError {
  static readonly sqlstate: string;
}

/** `10608` invalid_argument_for_xquery. */
export declare class InvalidArgumentForXqueryError extends PostgresError {
  static readonly sqlstate: string;
}

/** `20000` case_not_found. */
export declare class CaseNotFoundError extends PostgresError {
  static readonly sqlstate: string;
}

/** `21000` cardinality_violation. */
export declare class CardinalityViolationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `2202E` array_subscript_error. */
export declare class ArraySubscriptError extends DataError {
  static readonly sqlstate: string;
}

/** `22021` character_not_in_repertoire. */
export declare class CharacterNotInRepertoireError extends DataError {
  static readonly sqlstate: string;
}

/** `22008` datetime_field_overflow. */
export declare class DatetimeFieldOverflowError extends DataError {
  static readonly sqlstate: string;
}

/** `22012` division_by_zero. */
export declare class DivisionByZeroError extends DataError {
  static readonly sqlstate: string;
}

/** `22005` error_in_assignment. */
export declare class ErrorInAssignmentError extends DataError {
  static readonly sqlstate: string;
}

/** `2200B` escape_character_conflict. */
export declare class EscapeCharacterConflictError extends DataError {
  static readonly sqlstate: string;
}

/** `22022` indicator_overflow. */
export declare class IndicatorOverflowError extends DataError {
  static readonly sqlstate: string;
}

/** `22015` interval_field_overflow. */
export declare class IntervalFieldOverflowError extends DataError {
  static readonly sqlstate: string;
}

/** `2201E` invalid_argument_for_logarithm. */
export declare class InvalidArgumentForLogarithmError extends DataError {
  static readonly sqlstate: string;
}

/** `22014` invalid_argument_for_ntile_function. */
export declare class InvalidArgumentForNtileFunctionError extends DataError {
  static readonly sqlstate: string;
}

/** `22016` invalid_argument_for_nth_value_function. */
export declare class InvalidArgumentForNthValueFunctionError extends DataError {
  static readonly sqlstate: string;
}

/** `2201F` invalid_argument_for_power_function. */
export declare class InvalidArgumentForPowerFunctionError extends DataError {
  static readonly sqlstate: string;
}

/** `2201G` invalid_argument_for_width_bucket_function. */
export declare class InvalidArgumentForWidthBucketFunctionError extends DataError {
  static readonly sqlstate: string;
}

/** `22018` invalid_character_value_for_cast. */
export declare class InvalidCharacterValueForCastError extends DataError {
  static readonly sqlstate: string;
}

/** `22007` invalid_datetime_format. */
export declare class InvalidDatetimeFormatError extends DataError {
  static readonly sqlstate: string;
}

/** `22019` invalid_escape_character. */
export declare class InvalidEscapeCharacterError extends DataError {
  static readonly sqlstate: string;
}

/** `2200D` invalid_escape_octet. */
export declare class InvalidEscapeOctetError extends DataError {
  static readonly sqlstate: string;
}

/** `22025` invalid_escape_sequence. */
export declare class InvalidEscapeSequenceError extends DataError {
  static readonly sqlstate: string;
}

/** `22P06` nonstandard_use_of_escape_character. */
export declare class NonstandardUseOfEscapeCharacterError extends DataError {
  static readonly sqlstate: string;
}

/** `22010` invalid_indicator_parameter_value. */
export declare class InvalidIndicatorParameterValueError extends DataError {
  static readonly sqlstate: string;
}

/** `22023` invalid_parameter_value. */
export declare class InvalidParameterValueError extends DataError {
  static readonly sqlstate: string;
}

/** `22013` invalid_preceding_or_following_size. */
export declare class InvalidPrecedingOrFollowingSizeError extends DataError {
  static readonly sqlstate: string;
}

/** `2201B` invalid_regular_expression. */
export declare class InvalidRegularExpressionError extends DataError {
  static readonly sqlstate: string;
}

/** `2201W` invalid_row_count_in_limit_clause. */
export declare class InvalidRowCountInLimitClauseError extends DataError {
  static readonly sqlstate: string;
}

/** `2201X` invalid_row_count_in_result_offset_clause. */
export declare class InvalidRowCountInResultOffsetClauseError extends DataError {
  static readonly sqlstate: string;
}

/** `2202H` invalid_tablesample_argument. */
export declare class InvalidTablesampleArgumentError extends DataError {
  static readonly sqlstate: string;
}

/** `2202G` invalid_tablesample_repeat. */
export declare class InvalidTablesampleRepeatError extends DataError {
  static readonly sqlstate: string;
}

/** `22009` invalid_time_zone_displacement_value. */
export declare class InvalidTimeZoneDisplacementValueError extends DataError {
  static readonly sqlstate: string;
}

/** `2200C` invalid_use_of_escape_character. */
export declare class InvalidUseOfEscapeCharacterError extends DataError {
  static readonly sqlstate: string;
}

/** `2200G` most_specific_type_mismatch. */
export declare class MostSpecificTypeMismatchError extends DataError {
  static readonly sqlstate: string;
}

/** `22004` null_value_not_allowed. */
export declare class NullValueNotAllowedError extends DataError {
  static readonly sqlstate: string;
}

/** `22002` null_value_no_indicator_parameter. */
export declare class NullValueNoIndicatorParameterError extends DataError {
  static readonly sqlstate: string;
}

/** `22003` numeric_value_out_of_range. */
export declare class NumericValueOutOfRangeError extends DataError {
  static readonly sqlstate: string;
}

/** `2200H` sequence_generator_limit_exceeded. */
export declare class SequenceGeneratorLimitExceededError extends DataError {
  static readonly sqlstate: string;
}

/** `22026` string_data_length_mismatch. */
export declare class StringDataLengthMismatchError extends DataError {
  static readonly sqlstate: string;
}

/** `22001` string_data_right_truncation. */
export declare class StringDataRightTruncationError extends DataError {
  static readonly sqlstate: string;
}

/** `22011` substring_error. */
export declare class SubstringError extends DataError {
  static readonly sqlstate: string;
}

/** `22027` trim_error. */
export declare class TrimError extends DataError {
  static readonly sqlstate: string;
}

/** `22024` unterminated_c_string. */
export declare class UnterminatedCStringError extends DataError {
  static readonly sqlstate: string;
}

/** `2200F` zero_length_character_string. */
export declare class ZeroLengthCharacterStringError extends DataError {
  static readonly sqlstate: string;
}

/** `22P01` floating_point_exception. */
export declare class PostgresFloatingPointError extends DataError {
  static readonly sqlstate: string;
}

/** `22P02` invalid_text_representation. */
export declare class InvalidTextRepresentationError extends DataError {
  static readonly sqlstate: string;
}

/** `22P03` invalid_binary_representation. */
export declare class InvalidBinaryRepresentationError extends DataError {
  static readonly sqlstate: string;
}

/** `22P04` bad_copy_file_format. */
export declare class BadCopyFileFormatError extends DataError {
  static readonly sqlstate: string;
}

/** `22P05` untranslatable_character. */
export declare class UntranslatableCharacterError extends DataError {
  static readonly sqlstate: string;
}

/** `2200L` not_an_xml_document. */
export declare class NotAnXmlDocumentError extends DataError {
  static readonly sqlstate: string;
}

/** `2200M` invalid_xml_document. */
export declare class InvalidXmlDocumentError extends DataError {
  static readonly sqlstate: string;
}

/** `2200N` invalid_xml_content. */
export declare class InvalidXmlContentError extends DataError {
  static readonly sqlstate: string;
}

/** `2200S` invalid_xml_comment. */
export declare class InvalidXmlCommentError extends DataError {
  static readonly sqlstate: string;
}

/** `2200T` invalid_xml_processing_instruction. */
export declare class InvalidXmlProcessingInstructionError extends DataError {
  static readonly sqlstate: string;
}

/** `22030` duplicate_json_object_key_value. */
export declare class DuplicateJsonObjectKeyValueError extends DataError {
  static readonly sqlstate: string;
}

/** `22031` invalid_argument_for_sql_json_datetime_function. */
export declare class InvalidArgumentForSQLJsonDatetimeFunctionError extends DataError {
  static readonly sqlstate: string;
}

/** `22032` invalid_json_text. */
export declare class InvalidJsonTextError extends DataError {
  static readonly sqlstate: string;
}

/** `22033` invalid_sql_json_subscript. */
export declare class InvalidSQLJsonSubscriptError extends DataError {
  static readonly sqlstate: string;
}

/** `22034` more_than_one_sql_json_item. */
export declare class MoreThanOneSQLJsonItemError extends DataError {
  static readonly sqlstate: string;
}

/** `22035` no_sql_json_item. */
export declare class NoSQLJsonItemError extends DataError {
  static readonly sqlstate: string;
}

/** `22036` non_numeric_sql_json_item. */
export declare class NonNumericSQLJsonItemError extends DataError {
  static readonly sqlstate: string;
}

/** `22037` non_unique_keys_in_a_json_object. */
export declare class NonUniqueKeysInAJsonObjectError extends DataError {
  static readonly sqlstate: string;
}

/** `22038` singleton_sql_json_item_required. */
export declare class SingletonSQLJsonItemRequiredError extends DataError {
  static readonly sqlstate: string;
}

/** `22039` sql_json_array_not_found. */
export declare class SQLJsonArrayNotFoundError extends DataError {
  static readonly sqlstate: string;
}

/** `2203A` sql_json_member_not_found. */
export declare class SQLJsonMemberNotFoundError extends DataError {
  static readonly sqlstate: string;
}

/** `2203B` sql_json_number_not_found. */
export declare class SQLJsonNumberNotFoundError extends DataError {
  static readonly sqlstate: string;
}

/** `2203C` sql_json_object_not_found. */
export declare class SQLJsonObjectNotFoundError extends DataError {
  static readonly sqlstate: string;
}

/** `2203D` too_many_json_array_elements. */
export declare class TooManyJsonArrayElementsError extends DataError {
  static readonly sqlstate: string;
}

/** `2203E` too_many_json_object_members. */
export declare class TooManyJsonObjectMembersError extends DataError {
  static readonly sqlstate: string;
}

/** `2203F` sql_json_scalar_required. */
export declare class SQLJsonScalarRequiredError extends DataError {
  static readonly sqlstate: string;
}

/** `2203G` sql_json_item_cannot_be_cast_to_target_type. */
export declare class SQLJsonItemCannotBeCastToTargetTypeError extends DataError {
  static readonly sqlstate: string;
}

/** `23000` integrity_constraint_violation. */
export declare class IntegrityConstraintViolationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `23001` restrict_violation. */
export declare class RestrictViolationError extends IntegrityConstraintViolationError {
  static readonly sqlstate: string;
}

/** `23502` not_null_violation. */
export declare class NotNullViolationError extends IntegrityConstraintViolationError {
  static readonly sqlstate: string;
}

/** `23503` foreign_key_violation. */
export declare class ForeignKeyViolationError extends IntegrityConstraintViolationError {
  static readonly sqlstate: string;
}

/** `23505` unique_violation. */
export declare class UniqueViolationError extends IntegrityConstraintViolationError {
  static readonly sqlstate: string;
}

/** `23514` check_violation. */
export declare class CheckViolationError extends IntegrityConstraintViolationError {
  static readonly sqlstate: string;
}

/** `23P01` exclusion_violation. */
export declare class ExclusionViolationError extends IntegrityConstraintViolationError {
  static readonly sqlstate: string;
}

/** `24000` invalid_cursor_state. */
export declare class InvalidCursorStateError extends PostgresError {
  static readonly sqlstate: string;
}

/** `25000` invalid_transaction_state. */
export declare class InvalidTransactionStateError extends PostgresError {
  static readonly sqlstate: string;
}

/** `25001` active_sql_transaction. */
export declare class ActiveSQLTransactionError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25002` branch_transaction_already_active. */
export declare class BranchTransactionAlreadyActiveError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25008` held_cursor_requires_same_isolation_level. */
export declare class HeldCursorRequiresSameIsolationLevelError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25003` inappropriate_access_mode_for_branch_transaction. */
export declare class InappropriateAccessModeForBranchTransactionError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25004` inappropriate_isolation_level_for_branch_transaction. */
export declare class InappropriateIsolationLevelForBranchTransactionError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25005` no_active_sql_transaction_for_branch_transaction. */
export declare class NoActiveSQLTransactionForBranchTransactionError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25006` read_only_sql_transaction. */
export declare class ReadOnlySQLTransactionError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25007` schema_and_data_statement_mixing_not_supported. */
export declare class SchemaAndDataStatementMixingNotSupportedError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25P01` no_active_sql_transaction. */
export declare class NoActiveSQLTransactionError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25P02` in_failed_sql_transaction. */
export declare class InFailedSQLTransactionError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25P03` idle_in_transaction_session_timeout. */
export declare class IdleInTransactionSessionTimeoutError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `25P04` transaction_timeout. */
export declare class TransactionTimeoutError extends InvalidTransactionStateError {
  static readonly sqlstate: string;
}

/** `26000` invalid_sql_statement_name. */
export declare class InvalidSQLStatementNameError extends PostgresError {
  static readonly sqlstate: string;
}

/** `27000` triggered_data_change_violation. */
export declare class TriggeredDataChangeViolationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `28000` invalid_authorization_specification. */
export declare class InvalidAuthorizationSpecificationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `28P01` invalid_password. */
export declare class InvalidPasswordError extends InvalidAuthorizationSpecificationError {
  static readonly sqlstate: string;
}

/** `2B000` dependent_privilege_descriptors_still_exist. */
export declare class DependentPrivilegeDescriptorsStillExistError extends PostgresError {
  static readonly sqlstate: string;
}

/** `2BP01` dependent_objects_still_exist. */
export declare class DependentObjectsStillExistError extends DependentPrivilegeDescriptorsStillExistError {
  static readonly sqlstate: string;
}

/** `2D000` invalid_transaction_termination. */
export declare class InvalidTransactionTerminationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `2F000` sql_routine_exception. */
export declare class SQLRoutineError extends PostgresError {
  static readonly sqlstate: string;
}

/** `2F005` function_executed_no_return_statement. */
export declare class FunctionExecutedNoReturnStatementError extends SQLRoutineError {
  static readonly sqlstate: string;
}

/** `2F002` modifying_sql_data_not_permitted. */
export declare class ModifyingSQLDataNotPermittedError extends SQLRoutineError {
  static readonly sqlstate: string;
}

/** `2F003` prohibited_sql_statement_attempted. */
export declare class ProhibitedSQLStatementAttemptedError extends SQLRoutineError {
  static readonly sqlstate: string;
}

/** `2F004` reading_sql_data_not_permitted. */
export declare class ReadingSQLDataNotPermittedError extends SQLRoutineError {
  static readonly sqlstate: string;
}

/** `34000` invalid_cursor_name. */
export declare class InvalidCursorNameError extends PostgresError {
  static readonly sqlstate: string;
}

/** `38000` external_routine_exception. */
export declare class ExternalRoutineError extends PostgresError {
  static readonly sqlstate: string;
}

/** `38001` containing_sql_not_permitted. */
export declare class ContainingSQLNotPermittedError extends ExternalRoutineError {
  static readonly sqlstate: string;
}

/** `38002` modifying_sql_data_not_permitted. */
export declare class ModifyingExternalRoutineSQLDataNotPermittedError extends ExternalRoutineError {
  static readonly sqlstate: string;
}

/** `38003` prohibited_sql_statement_attempted. */
export declare class ProhibitedExternalRoutineSQLStatementAttemptedError extends ExternalRoutineError {
  static readonly sqlstate: string;
}

/** `38004` reading_sql_data_not_permitted. */
export declare class ReadingExternalRoutineSQLDataNotPermittedError extends ExternalRoutineError {
  static readonly sqlstate: string;
}

/** `39000` external_routine_invocation_exception. */
export declare class ExternalRoutineInvocationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `39001` invalid_sqlstate_returned. */
export declare class InvalidSqlstateReturnedError extends ExternalRoutineInvocationError {
  static readonly sqlstate: string;
}

/** `39004` null_value_not_allowed. */
export declare class NullValueInExternalRoutineNotAllowedError extends ExternalRoutineInvocationError {
  static readonly sqlstate: string;
}

/** `39P01` trigger_protocol_violated. */
export declare class TriggerProtocolViolatedError extends ExternalRoutineInvocationError {
  static readonly sqlstate: string;
}

/** `39P02` srf_protocol_violated. */
export declare class SrfProtocolViolatedError extends ExternalRoutineInvocationError {
  static readonly sqlstate: string;
}

/** `39P03` event_trigger_protocol_violated. */
export declare class EventTriggerProtocolViolatedError extends ExternalRoutineInvocationError {
  static readonly sqlstate: string;
}

/** `3B000` savepoint_exception. */
export declare class SavepointError extends PostgresError {
  static readonly sqlstate: string;
}

/** `3B001` invalid_savepoint_specification. */
export declare class InvalidSavepointSpecificationError extends SavepointError {
  static readonly sqlstate: string;
}

/** `3D000` invalid_catalog_name. */
export declare class InvalidCatalogNameError extends PostgresError {
  static readonly sqlstate: string;
}

/** `3F000` invalid_schema_name. */
export declare class InvalidSchemaNameError extends PostgresError {
  static readonly sqlstate: string;
}

/** `40000` transaction_rollback. */
export declare class TransactionRollbackError extends PostgresError {
  static readonly sqlstate: string;
}

/** `40002` transaction_integrity_constraint_violation. */
export declare class TransactionIntegrityConstraintViolationError extends TransactionRollbackError {
  static readonly sqlstate: string;
}

/** `40001` serialization_failure. */
export declare class SerializationError extends TransactionRollbackError {
  static readonly sqlstate: string;
}

/** `40003` statement_completion_unknown. */
export declare class StatementCompletionUnknownError extends TransactionRollbackError {
  static readonly sqlstate: string;
}

/** `40P01` deadlock_detected. */
export declare class DeadlockDetectedError extends TransactionRollbackError {
  static readonly sqlstate: string;
}

/** `42000` syntax_error_or_access_rule_violation. */
export declare class SyntaxOrAccessError extends PostgresError {
  static readonly sqlstate: string;
}

/** `42601` syntax_error. */
export declare class PostgresSyntaxError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42501` insufficient_privilege. */
export declare class InsufficientPrivilegeError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42846` cannot_coerce. */
export declare class CannotCoerceError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42803` grouping_error. */
export declare class GroupingError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P20` windowing_error. */
export declare class WindowingError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P19` invalid_recursion. */
export declare class InvalidRecursionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42830` invalid_foreign_key. */
export declare class InvalidForeignKeyError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42602` invalid_name. */
export declare class InvalidNameError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42622` name_too_long. */
export declare class NameTooLongError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42939` reserved_name. */
export declare class ReservedNameError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42804` datatype_mismatch. */
export declare class DatatypeMismatchError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P18` indeterminate_datatype. */
export declare class IndeterminateDatatypeError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P21` collation_mismatch. */
export declare class CollationMismatchError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P22` indeterminate_collation. */
export declare class IndeterminateCollationError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42809` wrong_object_type. */
export declare class WrongObjectTypeError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `428C9` generated_always. */
export declare class GeneratedAlwaysError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42703` undefined_column. */
export declare class UndefinedColumnError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42883` undefined_function. */
export declare class UndefinedFunctionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P01` undefined_table. */
export declare class UndefinedTableError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P02` undefined_parameter. */
export declare class UndefinedParameterError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42704` undefined_object. */
export declare class UndefinedObjectError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42701` duplicate_column. */
export declare class DuplicateColumnError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P03` duplicate_cursor. */
export declare class DuplicateCursorError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P04` duplicate_database. */
export declare class DuplicateDatabaseError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42723` duplicate_function. */
export declare class DuplicateFunctionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P05` duplicate_prepared_statement. */
export declare class DuplicatePreparedStatementError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P06` duplicate_schema. */
export declare class DuplicateSchemaError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P07` duplicate_table. */
export declare class DuplicateTableError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42712` duplicate_alias. */
export declare class DuplicateAliasError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42710` duplicate_object. */
export declare class DuplicateObjectError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42702` ambiguous_column. */
export declare class AmbiguousColumnError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42725` ambiguous_function. */
export declare class AmbiguousFunctionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P08` ambiguous_parameter. */
export declare class AmbiguousParameterError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P09` ambiguous_alias. */
export declare class AmbiguousAliasError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P10` invalid_column_reference. */
export declare class InvalidColumnReferenceError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42611` invalid_column_definition. */
export declare class InvalidColumnDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P11` invalid_cursor_definition. */
export declare class InvalidCursorDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P12` invalid_database_definition. */
export declare class InvalidDatabaseDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P13` invalid_function_definition. */
export declare class InvalidFunctionDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P14` invalid_prepared_statement_definition. */
export declare class InvalidPreparedStatementDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P15` invalid_schema_definition. */
export declare class InvalidSchemaDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P16` invalid_table_definition. */
export declare class InvalidTableDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `42P17` invalid_object_definition. */
export declare class InvalidObjectDefinitionError extends SyntaxOrAccessError {
  static readonly sqlstate: string;
}

/** `44000` with_check_option_violation. */
export declare class WithCheckOptionViolationError extends PostgresError {
  static readonly sqlstate: string;
}

/** `53000` insufficient_resources. */
export declare class InsufficientResourcesError extends PostgresError {
  static readonly sqlstate: string;
}

/** `53100` disk_full. */
export declare class DiskFullError extends InsufficientResourcesError {
  static readonly sqlstate: string;
}

/** `53200` out_of_memory. */
export declare class OutOfMemoryError extends InsufficientResourcesError {
  static readonly sqlstate: string;
}

/** `53300` too_many_connections. */
export declare class TooManyConnectionsError extends InsufficientResourcesError {
  static readonly sqlstate: string;
}

/** `53400` configuration_limit_exceeded. */
export declare class ConfigurationLimitExceededError extends InsufficientResourcesError {
  static readonly sqlstate: string;
}

/** `54000` program_limit_exceeded. */
export declare class ProgramLimitExceededError extends PostgresError {
  static readonly sqlstate: string;
}

/** `54001` statement_too_complex. */
export declare class StatementTooComplexError extends ProgramLimitExceededError {
  static readonly sqlstate: string;
}

/** `54011` too_many_columns. */
export declare class TooManyColumnsError extends ProgramLimitExceededError {
  static readonly sqlstate: string;
}

/** `54023` too_many_arguments. */
export declare class TooManyArgumentsError extends ProgramLimitExceededError {
  static readonly sqlstate: string;
}

/** `55000` object_not_in_prerequisite_state. */
export declare class ObjectNotInPrerequisiteStateError extends PostgresError {
  static readonly sqlstate: string;
}

/** `55006` object_in_use. */
export declare class ObjectInUseError extends ObjectNotInPrerequisiteStateError {
  static readonly sqlstate: string;
}

/** `55P02` cant_change_runtime_param. */
export declare class CantChangeRuntimeParamError extends ObjectNotInPrerequisiteStateError {
  static readonly sqlstate: string;
}

/** `55P03` lock_not_available. */
export declare class LockNotAvailableError extends ObjectNotInPrerequisiteStateError {
  static readonly sqlstate: string;
}

/** `55P04` unsafe_new_enum_value_usage. */
export declare class UnsafeNewEnumValueUsageError extends ObjectNotInPrerequisiteStateError {
  static readonly sqlstate: string;
}

/** `57000` operator_intervention. */
export declare class OperatorInterventionError extends PostgresError {
  static readonly sqlstate: string;
}

/** `57014` query_canceled. */
export declare class QueryCanceledError extends OperatorInterventionError {
  static readonly sqlstate: string;
}

/** `57P01` admin_shutdown. */
export declare class AdminShutdownError extends OperatorInterventionError {
  static readonly sqlstate: string;
}

/** `57P02` crash_shutdown. */
export declare class CrashShutdownError extends OperatorInterventionError {
  static readonly sqlstate: string;
}

/** `57P03` cannot_connect_now. */
export declare class CannotConnectNowError extends OperatorInterventionError {
  static readonly sqlstate: string;
}

/** `57P04` database_dropped. */
export declare class DatabaseDroppedError extends OperatorInterventionError {
  static readonly sqlstate: string;
}

/** `57P05` idle_session_timeout. */
export declare class IdleSessionTimeoutError extends OperatorInterventionError {
  static readonly sqlstate: string;
}

/** `58000` system_error. */
export declare class PostgresSystemError extends PostgresError {
  static readonly sqlstate: string;
}

/** `58030` io_error. */
export declare class PostgresIOError extends PostgresSystemError {
  static readonly sqlstate: string;
}

/** `58P01` undefined_file. */
export declare class UndefinedFileError extends PostgresSystemError {
  static readonly sqlstate: string;
}

/** `58P02` duplicate_file. */
export declare class DuplicateFileError extends PostgresSystemError {
  static readonly sqlstate: string;
}

/** `58P03` file_name_too_long. */
export declare class FileNameTooLongError extends PostgresSystemError {
  static readonly sqlstate: string;
}

/** `72000` snapshot_too_old. */
export declare class SnapshotTooOldError extends PostgresError {
  static readonly sqlstate: string;
}

/** `F0000` config_file_error. */
export declare class ConfigFileError extends PostgresError {
  static readonly sqlstate: string;
}

/** `F0001` lock_file_exists. */
export declare class LockFileExistsError extends ConfigFileError {
  static readonly sqlstate: string;
}

/** `HV000` fdw_error. */
export declare class FDWError extends PostgresError {
  static readonly sqlstate: string;
}

/** `HV005` fdw_column_name_not_found. */
export declare class FDWColumnNameNotFoundError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV002` fdw_dynamic_parameter_value_needed. */
export declare class FDWDynamicParameterValueNeededError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV010` fdw_function_sequence_error. */
export declare class FDWFunctionSequenceError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV021` fdw_inconsistent_descriptor_information. */
export declare class FDWInconsistentDescriptorInformationError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV024` fdw_invalid_attribute_value. */
export declare class FDWInvalidAttributeValueError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV007` fdw_invalid_column_name. */
export declare class FDWInvalidColumnNameError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV008` fdw_invalid_column_number. */
export declare class FDWInvalidColumnNumberError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV004` fdw_invalid_data_type. */
export declare class FDWInvalidDataTypeError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV006` fdw_invalid_data_type_descriptors. */
export declare class FDWInvalidDataTypeDescriptorsError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV091` fdw_invalid_descriptor_field_identifier. */
export declare class FDWInvalidDescriptorFieldIdentifierError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00B` fdw_invalid_handle. */
export declare class FDWInvalidHandleError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00C` fdw_invalid_option_index. */
export declare class FDWInvalidOptionIndexError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00D` fdw_invalid_option_name. */
export declare class FDWInvalidOptionNameError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV090` fdw_invalid_string_length_or_buffer_length. */
export declare class FDWInvalidStringLengthOrBufferLengthError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00A` fdw_invalid_string_format. */
export declare class FDWInvalidStringFormatError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV009` fdw_invalid_use_of_null_pointer. */
export declare class FDWInvalidUseOfNullPointerError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV014` fdw_too_many_handles. */
export declare class FDWTooManyHandlesError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV001` fdw_out_of_memory. */
export declare class FDWOutOfMemoryError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00P` fdw_no_schemas. */
export declare class FDWNoSchemasError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00J` fdw_option_name_not_found. */
export declare class FDWOptionNameNotFoundError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00K` fdw_reply_handle. */
export declare class FDWReplyHandleError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00Q` fdw_schema_not_found. */
export declare class FDWSchemaNotFoundError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00R` fdw_table_not_found. */
export declare class FDWTableNotFoundError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00L` fdw_unable_to_create_execution. */
export declare class FDWUnableToCreateExecutionError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00M` fdw_unable_to_create_reply. */
export declare class FDWUnableToCreateReplyError extends FDWError {
  static readonly sqlstate: string;
}

/** `HV00N` fdw_unable_to_establish_connection. */
export declare class FDWUnableToEstablishConnectionError extends FDWError {
  static readonly sqlstate: string;
}

/** `P0000` plpgsql_error. */
export declare class PLPGSQLError extends PostgresError {
  static readonly sqlstate: string;
}

/** `P0001` raise_exception. */
export declare class RaiseError extends PLPGSQLError {
  static readonly sqlstate: string;
}

/** `P0002` no_data_found. */
export declare class NoDataFoundError extends PLPGSQLError {
  static readonly sqlstate: string;
}

/** `P0003` too_many_rows. */
export declare class TooManyRowsError extends PLPGSQLError {
  static readonly sqlstate: string;
}

/** `P0004` assert_failure. */
export declare class AssertError extends PLPGSQLError {
  static readonly sqlstate: string;
}

/** `XX000` internal_error. */
export declare class InternalServerError extends PostgresError {
  static readonly sqlstate: string;
}

/** `XX001` data_corrupted. */
export declare class DataCorruptedError extends InternalServerError {
  static readonly sqlstate: string;
}

/** `XX002` index_corrupted. */
export declare class IndexCorruptedError extends InternalServerError {
  static readonly sqlstate: string;
}

/**
 * Every class of this module by its name.
 *
 * ```ts
 * errors.UniqueViolationError === UniqueViolationError
 * ```
 */
export declare const errors: {
  readonly [className: string]: abstract new (...args: never[]) => Error | PostgresLogMessage;
};

/** What a call takes that gives rows. */
export interface FetchOptions extends CallOptions {
  /**
   * What each row is: `Record`, or a subclass of it. Default: what the connection was told, else plain objects. An
   * InterfaceError for anything else, and for a class with a constructor or fields of its own.
   */
  recordClass?: RecordClass | undefined;
}

/** What NOTIFY has sent. */
export interface Notification {
  /** The process id of the server's backend that sent it: our own, too, if this session did. */
  readonly pid: number;
  /** Its channel, in its exact case. */
  readonly channel: string;
  /** `''` where none was given. */
  readonly payload: string;
}

/** What `connection.notifications()` takes. */
export interface NotificationOptions extends Pick<CallOptions, 'signal'> {
  /**
   * How many notifications may wait to be read. One more ends the iteration with an InterfaceError. Those that come at
   * once count when the loop has had its turn. Default 10,000.
   */
  limit?: number | undefined;
}

/** The notifications of a channel in their order, from {@link NotificationStream.listening} on. */
export declare class NotificationStream implements AsyncIterableIterator<Notification, undefined>, AsyncDisposable {
  /** Is fulfilled when the server has heard of it, and rejects with why it could not. */
  readonly listening: Promise<void>;
  /** @param leave takes it off its channel. */
  constructor(channel: string, listening: Promise<void>, { signal, limit }: StreamLimits, leave: (stream: NotificationStream) => Promise<void>);
  /** Itself. */
  [Symbol.asyncIterator](): this;
  /** The next one. Rejects once with why the iteration has ended, if it was not the program that ended it. */
  next(): Promise<IteratorResult<Notification, undefined>>;
  /** Ends it: what waits is dropped, and the channel left. */
  return(): Promise<IteratorResult<Notification, undefined>>;
  /** Ends it as `return()` does, and rejects with the error. */
  throw(error: unknown): Promise<IteratorResult<Notification, undefined>>;
  /** Ends it as `return()` does. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What runs a text, in the words of the tracing channels. */
export type LoggedOperation = 'query' | 'prepare' | 'batch' | 'copy';

/** What query loggers get of a call that has ended. */
export interface LogRecord<C> {
  /** The connection that ran it, for a pool the one that it has given out. */
  readonly connection: C;
  /** What it was: `copy` for every COPY, `batch` for `executeMany` and `fetchMany`. */
  readonly kind: LoggedOperation;
  /** Its text, which may hold secrets. */
  readonly query: string;
  /** Its arguments, which may be secrets; `undefined` for what has none, and for batches. */
  readonly args: Args | undefined;
  /** Milliseconds, `null` for no limit: what counted for this call. */
  readonly timeout: number | null;
  /** Milliseconds from the call to its end. */
  readonly elapsed: number;
  /** What the call rejected with. It may be anything: an abort's reason is the caller's. */
  readonly exception: any;
  /**
   * How long each part of it took; of a cursor its opening. Calls that the server has not answered have none.
   */
  readonly timing: CallTiming | undefined;
  /** The driver asked this for itself. */
  readonly internal: boolean;
}

/** A connection of a pool, from `acquire` to `release`; `await using` releases it. */
export interface PoolConnection extends Connection {
  /**
   * Gives it back to its pool; later calls on it are refused. Does nothing when it was given back, or has ended.
   *
   * @param options.timeout Milliseconds for bringing the session back to its beginning, default the limit with which it
   * was acquired; then the connection is dropped and a TimeoutError comes, whose `phase` is `release`, or `reset` while
   * the hook ran.
   * @param options.signal Ends the wait for it with its reason; the release itself goes on.
   */
  release(options?: CallOptions): Promise<void>;
}

/**
 * Connections to one database, opened as they are needed and used again. `createPool()` makes it.
 *
 * A call on the pool itself (`fetch`, `execute` …) needs no connection of its own: calls share the pool's
 * connections, several in flight on each. One that may change its session, or was slow lately, has a connection alone.
 * What needs one session (a transaction, a cursor, a listener) takes a connection with `transaction`, `withConnection`
 * or `acquire`.
 *
 * An idle pool does not keep the process alive.
 */
export declare class Pool extends Queryable implements AsyncDisposable {
  /** Pools are made by `createPool()`. */
  protected constructor(...args: never[]);
  /**
   * Gives a connection to its caller alone, until it is released: by `release()`, or at the end of an `await using`.
   * Who waits is served in the order of coming.
   *
   * Rejects with a TimeoutError when the time is up (its `phase` is `acquire`, or `setup` while the hook ran), with
   * `signal.reason`, with the error for which no connection could be opened, with what the `init` or `setup` hook throws,
   * and with an InterfaceError when the pool is closed or `maxWaiting` callers wait already.
   *
   * @param options.timeout Milliseconds for waiting, connecting and hooks together, default `acquireTimeout`; `null`
   * for no limit.
   *
   * ```ts
   * await using connection = await pool.acquire({ timeout: 1_000 })
   * await connection.fetchValue('select 1') // => 1
   * ```
   */
  acquire(options?: CallOptions): Promise<PoolConnection>;
  /**
   * Takes a connection back: an open transaction is rolled back and listeners are removed, each with a warning; the
   * session is reset where a call may have changed it, and cached statements stay. Does nothing when it was released
   * before, or has ended.
   *
   * Rejects with an InterfaceError for what is no connection of this pool's, and with the error for which the session
   * could not be brought back; it is dropped then.
   *
   * @param options.timeout Milliseconds, default the limit with which it was acquired; then the connection is dropped
   * and a TimeoutError comes, whose `phase` is `release`, or `reset` while the hook ran.
   * @param options.signal Ends the wait for it with its reason; the release itself goes on.
   */
  release(connection: Connection, options?: CallOptions): Promise<void>;
  /**
   * Runs a body with a connection of its own, which is released when the body ends. Gives or throws what the body does;
   * where that has returned and the release fails, as a `reset` hook may, it rejects with the error of the release.
   *
   * @param options Limits of acquiring the connection.
   *
   * ```ts
   * await pool.withConnection((connection) => connection.fetchValue('select 1')) // => 1
   * ```
   */
  withConnection<R>(body: (connection: PoolConnection) => Awaitable<R>, options?: CallOptions): Promise<R>;
  /**
   * Runs a body in a transaction on a connection of its own, as `connection.transaction()` does. It may reject with the
   * error of the release, as `withConnection()`; the transaction is committed then.
   *
   * @param options Of the transaction; `timeout` and `signal` are limits of acquiring the connection. Under `attempts` the
   * body is not run again once the signal has aborted.
   *
   * ```ts
   * await pool.transaction((tx) => tx.fetchValue('select 1'), { isolation: 'serializable' }) // => 1
   * ```
   */
  transaction<R>(body: (tx: Transaction) => Awaitable<R>, options?: PoolTransactionOptions): Promise<R>;
  /**
   * Refuses new callers and all that wait, waits until every connection is released, and closes them. A second call
   * waits for the same end.
   *
   * @param options.timeout Milliseconds for all of it, default no limit; then all connections are dropped and a
   * TimeoutError comes. `signal` does the same with its reason.
   */
  close(options?: CallOptions): Promise<void>;
  /** Drops every connection at once: calls in flight reject with a ConnectionDoesNotExistError, who waits is refused. */
  terminate(): void;
  /**
   * Has every connection that is open now replaced: idle ones at once, those in use when they are released. One that
   * calls share takes no further call; a quarter of those is replaced at a time.
   */
  expireConnections(): Promise<void>;
  /**
   * Connects by other arguments from now on, which replace all that `createPool` got for `connect`. Connections that are
   * open stay; `expireConnections()` replaces them.
   *
   * @throws ClientConfigurationError when the arguments cannot be, an option of the pool is among them, or another
   * `connectionClass` is given; nothing is changed then.
   */
  setConnectArgs(dsn?: string | ConnectOptions, options?: ConnectOptions): void;
  /** Connections that are open. */
  getSize(): number;
  /** Connections that are kept at least. */
  getMinSize(): number;
  /** Connections at most. */
  getMaxSize(): number;
  /** Connections that are open and not in use. */
  getIdleSize(): number;
  /** Callers that wait for a connection. */
  getWaitingCount(): number;
  /** How it stands, and what it has done since it was made. */
  getStats(): PoolStats;
  /** True from the beginning of `close()` or `terminate()` on. */
  isClosing(): boolean;
  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a transaction on the pool takes: options of the transaction, and limits of getting a connection. */
export type PoolTransactionOptions = TransactionOptions & CallOptions;

/** What `createPool` can be told: all that `connect` can, and this. All durations are milliseconds. */
export interface PoolOptions extends ConnectOptions {
  /** Connections that are opened at once and kept, default 1; 0 opens the first one when it is needed. */
  minSize?: number | undefined;
  /** Connections at most, those that are closing included. At least 1, default 10. */
  maxSize?: number | undefined;
  /** Queries after which a connection is replaced. At least 1, default 50_000. `prepare` and COPY are none. */
  maxQueries?: number | undefined;
  /**
   * Milliseconds that an unused connection above `minSize` is kept, default 300_000; 0 = for ever. It is closed up to a
   * tenth of that later, and a second at most.
   */
  maxInactiveConnectionLifetime?: number | undefined;
  /** Milliseconds that a connection lives at most, shortened by chance by up to a tenth. Default 0 = for ever. */
  maxConnectionLifetime?: number | undefined;
  /** Callers that may wait for a connection; one more is refused. Default: no limit; 0 = nobody waits. */
  maxWaiting?: number | undefined;
  /**
   * Milliseconds for getting a connection where the call gives no `timeout`: waiting, connecting and the `setup` hook
   * together. More than 0; `null` (the default) means no limit. Then the call rejects with a TimeoutError.
   */
  acquireTimeout?: number | null | undefined;
  /**
   * Whether calls on the pool itself share connections, so that several are in flight on one; default true, with 32
   * calls in flight on a connection at most. They never share while `setup` or `reset` is given.
   */
  pipeline?: boolean | {
    maxInFlight: number;
  } | undefined;
  /**
   * Runs on each acquire, before its caller gets the connection. When it fails, closes the connection or releases it, that
   * acquire alone fails.
   */
  setup?: ((connection: Connection) => Awaitable<void>) | undefined;
  /**
   * Runs once on each new connection, for as long as a connect may take (`timeout`) at most. When it fails, closes it, or
   * leaves a transaction open, the acquire that the connection was opened for fails. A release that resets the session takes back
   * what it has SET: give such settings as `serverSettings`.
   */
  init?: ((connection: Connection) => Awaitable<void>) | undefined;
  /**
   * Runs on each release in place of the reset query, after an open transaction was rolled back. When it fails, or leaves
   * a transaction open, so does the release, and the connection is dropped.
   */
  reset?: ((connection: Connection) => Awaitable<void>) | undefined;
  /**
   * Opens a connection in place of `connect`, a new one at each call, for as long as a connect may take (`timeout`) at most.
   * It gets the same options, without `signal`.
   */
  connect?: ((options: ConnectOptions) => Promise<Connection>) | undefined;
}

/** How a pool stands, and what it has done. */
export interface PoolStats {
  /** Connections that are open. */
  readonly size: number;
  /** Open connections that nobody uses. */
  readonly idle: number;
  /** Open connections that a caller has alone, or that calls on the pool share. */
  readonly inUse: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  /** How often a connection was given to a caller; calls that share one count each. */
  readonly acquired: number;
  /** Connections opened. */
  readonly created: number;
  /** Connections that have ended. */
  readonly closed: number;
  /** Milliseconds that callers have waited for a connection, all together. */
  readonly waitedMs: number;
  /** Callers whose time was up before they got one, be it in the `setup` hook. */
  readonly timedOut: number;
}

/** What `explain()` takes. */
export interface ExplainOptions extends CallOptions {
  /** Runs the statement as well, within a transaction or savepoint that is always rolled back. Default `false`. */
  analyze?: boolean | undefined;
}

/**
 * A statement that the server keeps prepared, made by `connection.prepare()`, until it is closed or collected.
 *
 * The connection's statement cache does this by itself for the texts it runs; a statement of one's own is for what only
 * it tells (parameters, columns, plan), for a name that SQL can use, and for a text that must never leave the cache.
 *
 * Every method throws or rejects with an InterfaceError once the statement or its connection is closed, and with a
 * ConnectionDoesNotExistError when the connection was lost. A server's error leaves the statement usable.
 */
export declare class PreparedStatement<T = Row> implements AsyncDisposable {
  /** Statements are made by `connection.prepare()`. */
  protected constructor(...args: never[]);
  /** Its name on the server, `''` when it has none. */
  getName(): string;
  /** Its text. */
  getQuery(): string;
  /** The command tag of the last call that succeeded, such as `SELECT 3`; `null` before the first. */
  getStatusMessage(): string | null;
  /** The types of its parameters, `$1` first. */
  getParameters(): TypeInfo[];
  /** Its columns; `[]` for a statement that gives no rows. */
  getAttributes(): ResultColumn[];
  /** Runs it and gives all its rows, `[]` when there are none. */
  fetch(args?: Args, options?: CallOptions): Promise<T[]>;
  /** Runs it and gives its first row, `null` when there is none. The statement runs to its end. */
  fetchRow(args?: Args, options?: CallOptions): Promise<T | null>;
  /**
   * Runs it and gives one value of its first row, `null` when there is no row.
   *
   * @param options.column Which column: a name, or an index from 0; negative counts from the end. Default 0. A
   * RangeError or an InterfaceError when there is no such column.
   */
  fetchValue<V = any>(args?: Args, options?: ValueOptions): Promise<V | null>;
  /** Runs it for many sets of arguments, as `connection.executeMany()` does: all of them take effect or none. */
  executeMany(argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<void>;
  /** Runs it for many sets of arguments, as `connection.fetchMany()` does, and gives the rows of all sets in their order. */
  fetchMany(argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<T[]>;
  /**
   * The server's plan for these arguments, as `EXPLAIN (FORMAT JSON, VERBOSE)` gives it: an array of one object.
   *
   * @param options.analyze Runs the statement too and adds what that took. It runs within a transaction, or within a
   * savepoint of the one that is open, which is always rolled back.
   */
  explain(args?: Args, options?: ExplainOptions): Promise<any>;
  /** Reads the rows of these arguments in parts: see `connection.cursor()`. */
  cursor(args?: Args, options?: CursorOptions): CursorFactory<T>;
  /** Closes it on the server, behind the calls that were made before; does nothing when it is closed. */
  close(): Promise<void>;
  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What `prepare()` takes. Its `recordClass` is what all rows of the statement are. */
export interface PrepareOptions extends FetchOptions {
  /**
   * The statement's name on the server, where SQL's `EXECUTE` finds it too; `''` for the unnamed statement, which is
   * parsed again before each use. Default: a name of the driver's, or none with `statementCacheSize: 0`.
   */
  name?: string | undefined;
}

/** What a statement gave, whole. */
export interface QueryResult<T = Row> {
  /** All rows, `[]` for a statement without rows. */
  readonly rows: T[];
  /** `[]` for a statement without rows. */
  readonly columns: readonly ResultColumn[];
  /** The first words of the command tag: `SELECT`, `INSERT`, `CREATE TABLE` … `''` for an empty text. */
  readonly command: string;
  /** How many rows the statement gave or changed, by the command tag; `null` where that has no number. */
  readonly rowCount: number | null;
  /** How long each part of the call took, when that was asked for. */
  readonly timing?: CallTiming;
}

/** A column of a result, as the server describes it. */
export interface ResultColumn extends Attribute {
  /** The OID of the table it comes from, 0 for an expression. */
  readonly tableOid: number;
  /** The number of the table's column, from 1; 0 for an expression. */
  readonly tableColumn: number;
  /** Bytes of the type, negative where values differ in size. */
  readonly typeSize: number;
  /** What stands in parentheses behind the type's name, in the type's own encoding; -1 for nothing. */
  readonly typeModifier: number;
}

/**
 * Whatever runs queries: a connection, a transaction, a pool. Each method takes a text with its arguments (`$1`,
 * `$2` …) as one array, or a query made by the `sql` tag; options come last.
 *
 * All methods reject with the server's error (its class is that of the SQLSTATE), a DataError or InterfaceError for
 * arguments or options that cannot be, a TimeoutError, `signal.reason`, or a ConnectionDoesNotExistError when the
 * connection is lost meanwhile. None throws.
 */
export declare abstract class Queryable {
  protected constructor(...args: never[]);
  /**
   * Runs a query of the `sql` tag and gives its rows, its columns with their types, the command and the row count.
   *
   * ```ts
   * const { rows, rowCount } = await connection.query(sql`select ${1}::int as a`)
   * ```
   */
  query<T = Row>(query: SqlQuery<T>, options?: QueryOptions): Promise<QueryResult<T>>;
  /**
   * Runs one statement and gives all there is to know of its result: rows, columns with their types, command and row
   * count.
   *
   * A type that is not built in is looked up when a connection first meets it, which is a query more; where that fails
   * the type has its OID for a name.
   *
   * ```ts
   * const { rows, columns, command, rowCount } = await connection.query('select 1 as a, 2 as a', [], { rows: 'array' })
   * console.log(rows, columns.length, command, rowCount) // => [ [ 1, 2 ] ] 2 SELECT 1
   * ```
   */
  query<T = Row>(sql: string, args?: Args, options?: QueryOptions): Promise<QueryResult<T>>;
  /** Runs a statement of the `sql` tag and gives its command tag, such as `INSERT 0 2`. */
  execute(query: SqlQuery<any>, options?: CallOptions): Promise<string>;
  /**
   * Runs a statement and gives its command tag, such as `INSERT 0 2`.
   *
   * Without arguments the text may hold several statements: they are one implicit transaction, and the last one's
   * tag is given (`''` for an empty text). With arguments it is one statement.
   *
   * ```ts
   * await connection.execute('create temp table t(a int); insert into t values (1), (2)') // => 'INSERT 0 2'
   * ```
   */
  execute(sql: string, args?: Args, options?: CallOptions): Promise<string>;
  /**
   * Runs a query of the `sql` tag and gives all its rows, `[]` when there are none.
   *
   * ```ts
   * await connection.fetch<{ n: number }>(sql`select n from generate_series(1, ${2}) n`) // => [ { n: 1 }, { n: 2 } ]
   * ```
   */
  fetch<T = Row>(query: SqlQuery<T>, options?: FetchOptions): Promise<T[]>;
  /**
   * Runs a query and gives all its rows, `[]` when there are none.
   *
   * @param options.recordClass `Record` or a subclass of it, of which each row is one. Default: as the connection was
   * told, else plain objects.
   *
   * ```ts
   * await connection.fetch('select n from generate_series(1, $1) n', [2]) // => [ { n: 1 }, { n: 2 } ]
   * ```
   */
  fetch<T = Row>(sql: string, args?: Args, options?: FetchOptions): Promise<T[]>;
  /** Runs a query of the `sql` tag to its end and gives its first row, `null` when there is none. */
  fetchRow<T = Row>(query: SqlQuery<T>, options?: FetchOptions): Promise<T | null>;
  /**
   * Runs a query and gives its first row, `null` when there is none. The statement runs to its end: rows
   * behind the first are dropped before they reach JavaScript. Add `limit 1` where there may be many.
   *
   * ```ts
   * await connection.fetchRow('select 1 as a, 2 as b') // => { a: 1, b: 2 }
   * ```
   */
  fetchRow<T = Row>(sql: string, args?: Args, options?: FetchOptions): Promise<T | null>;
  /** Runs a query of the `sql` tag and gives one value of its first row, the first by default; `null` when there is no row. */
  fetchValue<T = any>(query: SqlQuery<any>, options?: ValueOptions): Promise<T | null>;
  /**
   * Runs a query and gives one value of its first row, `null` when there is no row.
   *
   * @param options.column Which column: a name, or an index from 0; negative counts from the end. Default 0. A
   * RangeError or an InterfaceError when there is no such column.
   *
   * ```ts
   * await connection.fetchValue('select count(*) from pg_class where oid < $1', [0]) // => 0
   * ```
   */
  fetchValue<T = any>(sql: string, args?: Args, options?: ValueOptions): Promise<T | null>;
  /**
   * Runs one statement for many sets of arguments, each an array. Outside a transaction all of them take effect or none.
   *
   * The sets come from an array, a generator, a stream of objects, whatever can be iterated, also asynchronously. They are
   * taken as fast as the server takes them: memory does not grow with their number. Calls that are made meanwhile wait.
   *
   * Rejects with the server's error for a set, or a DataError for one that cannot be sent: `element` is its number, from 0.
   * What the source throws is thrown on. Nothing stays of the sets before that, unless a transaction is open: its end
   * decides on what was sent until then. Of an array whose messages come to 256 KiB or less nothing is sent when a set
   * cannot be. With a COPY, or a query made by the `sql` tag, it is an InterfaceError.
   *
   * ```ts
   * await connection.execute('create temp table city(name text, people int)')
   * await connection.executeMany('insert into city values ($1, $2)', [['Ulm', 129_000], ['Bonn', 335_000]])
   * ```
   */
  executeMany(sql: string, argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<void>;
  /**
   * Runs one query for many sets of arguments, as {@link Queryable.executeMany} does, and gives the rows of all of them in
   * one array, in the order of the sets; `[]` for a statement without rows.
   *
   * ```ts
   * await connection.fetchMany('select $1::int * 2 as twice', [[1], [2]]) // => [ { twice: 2 }, { twice: 4 } ]
   * ```
   */
  fetchMany<T = Row>(sql: string, argSets: Iterable<Args> | AsyncIterable<Args>, options?: FetchOptions): Promise<T[]>;
  /** Copies what a query of the `sql` tag gives into a stream, a file or a function, and gives the command tag. */
  copyFromQuery(query: SqlQuery<any>, options: CopyFromOptions): Promise<string>;
  /**
   * Copies what a query gives into a stream, a file or a function, by COPY, and gives the command tag, such as `COPY 2`.
   *
   * COPY takes no parameters: with arguments the server is asked for their types and for the values as literals, which
   * stand in the place of `$1`, `$2` … then. See {@link CopyFromOptions} for the options.
   *
   * Rejects with what the output failed with, too; the server has stopped then and the connection is usable.
   *
   * ```ts
   * const rows: Buffer[] = []
   * await connection.copyFromQuery('select $1::int, 2', [1], { output: (piece) => void rows.push(piece), format: 'csv' })
   * console.log(Buffer.concat(rows).toString()) // => 1,2
   * ```
   */
  copyFromQuery(sql: string, args: Args | undefined, options: CopyFromOptions): Promise<string>;
  /**
   * Copies a table, or some of its columns, into a stream, a file or a function, by COPY, and gives the command tag.
   * Names are taken as they are, letters of either case included; a schema is an option of its own.
   *
   * ```ts
   * await connection.copyFromTable('person', { output: createWriteStream('person.csv'), format: 'csv', header: true })
   * ```
   */
  copyFromTable(table: string, options: CopyFromTableOptions): Promise<string>;
  /**
   * Copies data from bytes, text, a stream, a file or an iterable of bytes into a table, by COPY, and gives the command
   * tag.
   *
   * All rows go in or none. Rejects with what the source failed with, too: the server is told and keeps nothing, and the
   * connection is usable.
   *
   * ```ts
   * await connection.copyToTable('person', { source: { text: 'Ada,36\n' }, columns: ['name', 'age'], format: 'csv' })
   * ```
   */
  copyToTable(table: string, options: CopyToOptions): Promise<string>;
  /**
   * Copies records into a table, by COPY, and gives the command tag. A record is an array with a value for each column;
   * values are what query arguments of the columns' types may be. All records go in or none.
   *
   * They travel in the binary format when every column is a boolean, an int2, int4, int8 or oid, a float, a text, varchar
   * or char, a bytea, a json or jsonb, a uuid, or a timestamp, with or without time zone, and no string is given for one
   * that is not text, JSON or a uuid; else in the text format, in which every type takes strings in PostgreSQL's own syntax. That is
   * decided by the first records.
   *
   * The types of the columns are asked for first. Rejects with a DataError that names column and record
   * (`element`, from 0) for a value that cannot be sent, and with what the iterable throws; nothing is kept then.
   *
   * ```ts
   * await connection.copyRecordsToTable('person', { records: [['Ada', 36], ['Grace', null]], columns: ['name', 'age'] })
   * ```
   */
  copyRecordsToTable(table: string, options: CopyRecordsOptions): Promise<string>;
}

/** A part of a query without arguments of its own: an identifier, or text that is taken as it is. */
export interface SqlPart {
  /** Tells it apart from an argument. */
  readonly __part: true;
}

/** A query with its arguments, made by the {@link sql} tag; `T` is the type of its rows. */
export interface SqlQuery<T = Row> {
  /** The text, its arguments as `$1`, `$2` … */
  readonly text: string;
  /** The arguments, in the order of their numbers. */
  readonly args: readonly unknown[];
  /** Never there: it carries the type of the rows. */
  readonly __row?: T;
}

/**
 * A query and its arguments as one value: each value in the template becomes an argument (`$1`, `$2` …), and a query
 * or part among them is spliced in, its arguments numbered anew. Nothing else ever becomes part of the text, so that
 * no value can be taken for SQL. The same template always gives the same text, which is made once.
 *
 * Throws an InterfaceError for what cannot be spliced: a template with an escape sequence that JavaScript does not
 * know, an identifier that is empty or contains NUL, an empty list.
 *
 * ```ts
 * const adults = sql`age >= ${18}`
 * await connection.fetch(sql`select name from ${sql.identifier('person')} where ${adults} and city = ${'Lyon'}`)
 * // the text: select name from "person" where age >= $1 and city = $2
 * ```
 */
export declare const sql: {
  <T = Row>(strings: TemplateStringsArray, ...values: unknown[]): SqlQuery<T>;
  /** A quoted name: `sql.identifier('shop', 'order')` is `"shop"."order"`. */
  identifier(...names: string[]): SqlPart;
  /**
   * Queries or parts with a separator between them, `, ` by default. An empty list is an InterfaceError.
   *
   * ```ts
   * sql`insert into t values ${sql.join(rows.map(({ a, b }) => sql`(${a}, ${b})`))}`
   * ```
   */
  join(parts: readonly (SqlQuery<any> | SqlPart)[], separator?: SqlPart): SqlQuery;
  /** Text as it is. It must never come from outside: whoever writes it can run any statement. */
  raw(text: string): SqlPart;
};

/**
 * What an operation is, in the names of OpenTelemetry's conventions for database clients (the stable ones of 1.45).
 * The values of arguments are never among them.
 */
export interface TraceAttributes {
  /** Always `postgresql`. */
  'db.system.name': 'postgresql';
  /** The database. */
  'db.namespace'?: string;
  /** The host as it was given, or the file of a socket; while connecting only when there is one host. */
  'server.address'?: string;
  /** Not for a socket. */
  'server.port'?: number;
  /** The text as it was given, with `$1` for its arguments. Literals in it are the caller's. */
  'db.query.text'?: string;
  /** `COPY`, or for a transaction `BEGIN` or `SAVEPOINT`. */
  'db.operation.name'?: string;
  /** The name of the table of a COPY as it was given, with its schema if that was given. */
  'db.collection.name'?: string;
  /** How many sets of arguments a batch has; not told for a source that is read on the way. */
  'db.operation.batch.size'?: number;
  /**
   * How many rows a query or a batch gave, once it has: a call that gives one row or one value gave one. Not of `execute`,
   * of a cursor, or where the value is NULL or there is no row, which `fetchValue` does not tell apart.
   */
  'db.response.returned_rows'?: number;
  /** The hosts and the database of a pool, as `host:port/database`. */
  'db.client.connection.pool.name'?: string;
}

/** What is traced: each has the tracing channel `cornac:` and its name. */
export type TracedOperation = 'query' | 'prepare' | 'batch' | 'copy' | 'connect' | 'transaction' | 'pool:connect' | 'pool:acquire' | 'pool:release';

/** What the subscribers of a tracing channel get: one object for all events of an operation. */
export interface TraceMessage<C = object> {
  /** What it is, in the names of OpenTelemetry's conventions. */
  readonly attributes: TraceAttributes;
  /** Not while connecting, and not while a pool is asked for one. */
  readonly connection: C | undefined;
  /** The arguments of a query, which may be secrets. */
  readonly args: readonly unknown[] | undefined;
  /** Milliseconds, `null` for no limit. */
  readonly timeout: number | null;
  /** The driver asks this for itself. */
  readonly isInternal: boolean;
  /**
   * What a subscriber of `start` wants to have in the server's log with a query: it is sent as a comment behind the text. No
   * cached statement is used then, so that the server parses the text again. Batches, COPY, prepared statements, cursors and
   * what begins a transaction are sent without it. A text that could end the comment early is not sent, and goes to
   * `onCallbackError` as an InterfaceError.
   */
  comment?: string;
  /** How long each part took, of a query, a statement, a batch or a COPY that the server has answered. */
  timing?: CallTiming;
  /** What it gave, once it has. */
  result?: unknown;
  /** Why it failed, if it did. */
  error?: unknown;
}

/** Where a transaction is: `failed` when it could not be started or ended, or was lost. */
export type TransactionState = 'new' | 'started' | 'failed' | 'committed' | 'rolledback';

/** PostgreSQL's isolation levels. `read_uncommitted` is the same as `read_committed` there. */
export type Isolation = 'serializable' | 'repeatable_read' | 'read_committed' | 'read_uncommitted';

/** What a transaction can be told. `undefined` means not given. */
export interface TransactionOptions {
  /** Default: the session's `default_transaction_isolation`. */
  isolation?: Isolation | undefined;
  /** True refuses statements that change data. Default: the session's `default_transaction_read_only`. */
  readonly?: boolean | undefined;
  /**
   * True, with serializable and readonly: waits for a snapshot that can never cause a serialization failure. Default: the
   * session's `default_transaction_deferrable`.
   */
  deferrable?: boolean | undefined;
  /**
   * With a body: how often it may run in all. It runs again after a serialization failure (40001) or a deadlock
   * (40P01), each time in a new transaction, after a short random pause. Default 1.
   */
  attempts?: number | undefined;
}

/** A value, or a promise of one. */
export type Awaitable<T> = T | Promise<T>;

/** A value of type bit or varbit. */
export declare class BitString {
  /** The digits, the first one first. */
  readonly bits: string;
  /**
   * @param bits the digits 0 and 1; blanks between them are left out.
   * @throws TypeError for any other character.
   *
   * ```ts
   * new BitString('0101 1').toString() // => '01011'
   * ```
   */
  constructor(bits: string);
  /** How many bits there are. */
  get length(): number;
  /** The bits as 0 and 1, the first one first. */
  toString(): string;
}

/**
 * How a call went, in milliseconds from the moment when it was made. What lies between `sent` and `complete` is the
 * server's and the network's; what lies before `queued` and behind `complete`, the event loop's.
 */
export interface CallTiming {
  /** It was handed to the thread that does I/O: the tick in which it was made had ended. */
  readonly queued: number;
  /**
   * The socket had taken it; of a call in two rounds its first one, of a batch its first sets, of a COPY its statement. It
   * waited for calls before it until then.
   */
  readonly sent: number;
  /** The first byte of the server's answer had come. */
  readonly firstByte: number;
  /** The last byte of it had come. */
  readonly complete: number;
  /** Its values were made; of a COPY, its end was read. */
  readonly decoded: number;
}

/** How the values of a type pass between PostgreSQL and the program on one connection. */
export interface CodecInfo {
  /** The type. */
  readonly type: TypeInfo;
  /** How they travel; of a type with a codec of the program's, the codec's format. */
  readonly format: 'text' | 'binary' | 'tuple';
  /**
   * Who reads them: `custom`, a codec that was set; `builtin`, the driver; `derived`, the driver by what the type is made
   * of; `fallback`, nobody: they are PostgreSQL's text.
   */
  readonly origin: 'builtin' | 'derived' | 'custom' | 'fallback';
}

/** The server's parameters as it reports them, live: `settings.TimeZone`, or `settings.get('TimeZone')`. */
export interface ConnectionSettings {
  readonly [name: string]: any;
  /** A parameter's value, `undefined` when the server does not report it. */
  get(name: string): string | undefined;
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
  getCodec(type: string, options?: {
    schema?: string | undefined;
  }): CodecInfo | undefined;
}

/** A value of type box, whose corners PostgreSQL puts in this order. */
export interface Box {
  /** The upper right corner. */
  high: Point;
  /** The lower left corner. */
  low: Point;
}

/** A value of type circle. */
export interface Circle {
  /** Its middle. */
  center: Point;
  /** Never negative. */
  radius: number;
}

/** A value of type line: ax + by + c = 0. */
export interface Line {
  /** The factor of x. */
  a: number;
  /** The factor of y. */
  b: number;
  /** The constant term. */
  c: number;
}

/** A value of type lseg. */
export interface LineSegment {
  /** Where it begins. */
  p1: Point;
  /** Where it ends. */
  p2: Point;
}

/** A value of type path. */
export interface Path {
  /** Its points in their order. */
  points: Point[];
  /** Whether the last point is joined to the first one. */
  isClosed: boolean;
}

/** A value of type point. */
export interface Point {
  /** The first coordinate. */
  x: number;
  /** The second coordinate. */
  y: number;
}

/** A value of type polygon. */
export interface Polygon {
  /** Its corners in their order. */
  points: Point[];
}

/** A value of type pg_snapshot or txid_snapshot: which transactions a snapshot saw. */
export interface Snapshot {
  /** All transactions below have ended. */
  xmin: bigint;
  /** No transaction from here on had begun. */
  xmax: bigint;
  /** The transactions between `xmin` and `xmax` that were under way. */
  xip: bigint[];
}

/**
 * A value of type interval. PostgreSQL keeps its three parts apart, since a month has no fixed number of days and a day
 * none of hours.
 */
export declare class Interval {
  /** Whole months, years included. */
  readonly months: number;
  /** Whole days. */
  readonly days: number;
  /** Hours, minutes and seconds, as microseconds. */
  readonly microseconds: bigint;
  /**
   * @param parts whole numbers, each with its own sign; what is not given is 0.
   * @throws TypeError when a part is no whole number.
   *
   * ```ts
   * new Interval({ months: 14, days: -3, microseconds: 500_000 }).toString() // => 'P1Y2M-3DT0.5S'
   * ```
   */
  constructor(parts?: {
    months?: number;
    days?: number;
    microseconds?: number | bigint;
  });
  /** ISO 8601 with designators, as PostgreSQL writes and reads it: `P1Y2M-3DT4H5M6.7S`; `PT0S` for no time at all. */
  toString(): string;
}

/** Ready-made JSON text as a query argument. Inside an object or an array it is the document that it holds. */
export declare class Json {
  /** The text, as it is sent. */
  readonly text: string;
  /**
   * @param text JSON text; the server checks it.
   *
   * ```ts
   * await connection.execute('insert into t(document) values ($1)', [new Json('{"a": 1}')])
   * ```
   */
  constructor(text: string);
  /** The text, as it is sent. */
  toString(): string;
  /**
   * What `JSON.stringify` makes of it: the document. Within an argument its text is taken over as it stands, so that
   * no digit of a number is lost.
   */
  toJSON(): unknown;
}

/**
 * A value as JSON text, also one that would be taken for something else: a string (which is otherwise PostgreSQL's
 * own syntax for the value), `null` (otherwise SQL NULL) or an array.
 *
 * ```ts
 * await connection.execute('insert into t(document) values ($1)', [json('text')])
 * ```
 *
 * @throws TypeError when JSON has no form for the value or for something in it: a bigint, `undefined`, a function, a
 * Map, a Set, a Promise, a circular structure.
 */
export declare function json(value: unknown): Json;

/** A value of a range type: what lies between two bounds, or nothing. */
export declare class Range<T = any> {
  /** The lower bound, `null` when there is none, and of an empty range. */
  readonly lower: T | null;
  /** The upper bound, `null` when there is none, and of an empty range. */
  readonly upper: T | null;
  /** Whether the lower bound itself is in the range; never where there is none. */
  readonly lowerInc: boolean;
  /** Whether the upper bound itself is in the range; never where there is none. */
  readonly upperInc: boolean;
  /** Whether it contains nothing. */
  readonly isEmpty: boolean;
  /**
   * @param lower `null` for none: the range is infinite to that side.
   * @param upper the same.
   * @param options `lowerInc` (default true) and `upperInc` (default false) say whether the bounds are in the range;
   * `empty` makes the range that contains nothing, whatever the bounds.
   *
   * ```ts
   * new Range(1, 5).toString() // => '[1,5)'
   * new Range(null, 5, { upperInc: true }).toString() // => '(,5]'
   * ```
   */
  constructor(lower?: T | null, upper?: T | null, options?: {
    lowerInc?: boolean;
    upperInc?: boolean;
    empty?: boolean;
  });
  /** The range has no lower bound. */
  get lowerInf(): boolean;
  /** The range has no upper bound. */
  get upperInf(): boolean;
  /**
   * Whether all that is in this range is in the other one too. Bounds are compared as they are: `[1,4]` and `[1,5)` of
   * integers hold the same and are not told to; PostgreSQL gives ranges of integers and dates as `[1,5)` always.
   */
  isSubset(other: Range<T>): boolean;
  /** Whether all that is in the other range is in this one too. */
  isSuperset(other: Range<T>): boolean;
  /** Whether the other value is a range with the same bounds. */
  equals(other: unknown): boolean;
  /** As PostgreSQL writes and reads it: `[1,5)`, `(,"2024-01-31 10:00:00+00"]`, `empty`. */
  toString(): string;
}

/**
 * A row by name and by index, which is iterable over its values: what rows are with the option `recordClass`, instead of
 * plain objects.
 *
 * Its own properties are the columns, as those of a plain row are: spreading, `JSON.stringify` and comparisons of test
 * libraries see them and nothing else. A column wins over a method and an index of the same name; the method is reached
 * as `Record.prototype.get.call(record, 'name')` then, and the index by `at()`. Of several columns with the same name the
 * name gives the last, and the index each.
 *
 * A subclass may add methods and accessors. It must not have a constructor or fields: records are made without it.
 *
 * ```ts
 * class Person extends Record {
 *   get initials() {
 *     return this.values().map((name: string) => name[0]).join('')
 *   }
 * }
 * const person = await connection.fetchRow<Person>("select 'Ada' as first, 'Lovelace' as last", [], { recordClass: Person })
 * console.log(person?.first, person?.[1], person?.initials) // => Ada Lovelace AL
 * ```
 */
export declare class Record implements Iterable<any> {
  readonly [column: string]: any;
  /** Records are made by queries. */
  protected constructor(...args: never[]);
  /** Whether two records have the same values in the same order, whatever their columns are called. */
  static equals(a: Record, b: Record): boolean;
  /**
   * The order of two records by their values, the first that differ deciding, for `Array.prototype.sort`: negative, 0 or
   * positive. Of records of which one begins with the values of the other the longer one comes last. Strings are ordered
   * by their UTF-16 units, false comes before true, NaN behind all numbers.
   *
   * @throws TypeError for values that have no order, such as NULL and a number, or two objects of a JSON column.
   */
  static compare(a: Record, b: Record): number;
  /** How many columns it has. */
  get length(): number;
  /** The value of a column by its index, from 0; negative counts from the end. `undefined` when there is none. */
  at(index: number): any;
  /** The value of a column by its name, `fallback` when there is no such column. */
  get(name: string, fallback?: unknown): any;
  /** Whether there is a column of this name. The operator `in` finds methods too. */
  has(name: string): boolean;
  /** The names of the columns in their order, duplicates included. */
  keys(): string[];
  /** The values in the order of the columns. */
  values(): any[];
  /** Names and values in the order of the columns, duplicates included. */
  entries(): [name: string, value: any][];
  /** A plain object of the columns. */
  toObject(): {
    [column: string]: any;
  };
  /** The values in the order of the columns. */
  [Symbol.iterator](): Iterator<any>;
}

/** `Record`, or a subclass of it. */
export type RecordClass = Function & {
  prototype: Record;
};

/** A row as a plain object: own properties by column name, in column order. */
export type Row = {
  [column: string]: any;
};

/** A server's version. For PostgreSQL 10 and newer `minor` is 0 and the second number is `micro`. */
export interface ServerVersion {
  /** The first number: 18 of 18.4. */
  readonly major: number;
  /** 0 for PostgreSQL 10 and newer. */
  readonly minor: number;
  /** The number of the release: 4 of 18.4. */
  readonly micro: number;
  /** `alpha`, `beta`, `candidate`, `devel`, or `final`. */
  readonly releaselevel: string;
  /** The number of the pre-release, 0 for a release. */
  readonly serial: number;
}

/**
 * How the program itself makes values of a type from what PostgreSQL sends, and what it sends from values. Types that are
 * made of the type follow: arrays, domains, composites, ranges and multiranges.
 *
 * NULL never reaches either function. What one throws fails its own call, with a DataError whose `cause` it is.
 *
 * ```ts
 * await connection.setTypeCodec({
 *   schema: 'pg_catalog',
 *   type: 'numeric',
 *   encode: (value: { cents: number }) => `${value.cents / 100}`,
 *   decode: (text) => ({ cents: Math.round(Number(text) * 100) }),
 * })
 * await connection.fetchValue('select $1::numeric + 0.5', [{ cents: 1050 }]) // => { cents: 1100 }
 * ```
 */
export interface TypeCodec {
  /** Its name in the catalog, in its exact case; of a built-in type also SQL's own, such as `integer`. */
  type: string;
  /** Default `public`; built-in types are in `pg_catalog`. */
  schema?: string | undefined;
  /**
   * What the functions exchange. Default `text`: the text that PostgreSQL has for a value. `binary`: its binary form, a
   * Buffer to `decode` and a Uint8Array from `encode`. `tuple`: a list of what it consists of, for composite types
   * (its attributes in order), and for date (`[days]` since 2000-01-01), time, timestamp and timestamptz
   * (`[microseconds]`), timetz (`[microseconds, seconds west of UTC]`) and interval (`[months, days, microseconds]`);
   * microseconds are bigint.
   */
  format?: 'text' | 'binary' | 'tuple' | undefined;
  /**
   * Whether values that `encode` takes may be lists. If so, a list within an array of the type is one of its elements, and
   * an array of more dimensions goes in as its text; else it is a further dimension. Default true for the format `tuple`,
   * json, jsonb, tid, the geometric types, snapshots, and types that are not built in except enums, else false.
   */
  takesLists?: boolean | undefined;
  /** Gets every argument for the type but null, strings too. */
  encode: (value: any) => any;
  /** Gets what came. */
  decode: (wire: any) => any;
}

/** A column of a result, or an attribute of a composite type. */
export interface Attribute {
  /** Its name, as the server has it. */
  readonly name: string;
  /** The type of its values. */
  readonly type: TypeInfo;
}

/** What the server says of a type. */
export interface TypeInfo {
  /** Its number in `pg_type`, which differs between databases for a type that is not built in. */
  readonly oid: number;
  /** As it is written in SQL, without its schema: `int4`, `int4[]`, `my_enum`. */
  readonly name: string;
  /** What it is made of; `scalar` for a type that is made of no other. */
  readonly kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum';
  /** `pg_catalog` for a built-in type. */
  readonly schema: string;
}

/** What {@link Queryable.query} takes. */
export interface QueryOptions extends FetchOptions {
  /**
   * What each row is: an object, or an array of the values in column order. Default `object`. An InterfaceError for
   * `array` together with `recordClass`.
   */
  rows?: 'object' | 'array' | undefined;
  /** Tells how long each part of the call took, as `timing` of the result. Default false. */
  timing?: boolean | undefined;
}

/** What {@link Queryable.fetchValue} takes. */
export interface ValueOptions extends CallOptions {
  /** A name, or an index from 0; negative counts from the end. Default 0. */
  column?: number | string | undefined;
}

/** An `AbortSignal`, as the project's own types declare it. */
type Signal = typeof globalThis extends {
  AbortSignal: {
    prototype: infer T;
  };
} ? T : SignalShape;

/** What a connection's values are: the types of its database, and codecs of the program's for them. */
declare abstract class Typed<C extends object> extends Listenable<C> {
  protected constructor(...args: never[]);
  /**
   * Has values of a type go in and out by functions of the program's own: see {@link TypeCodec}. Arrays and domains of the
   * type, and composites that have it, follow. Another codec for the same type takes its place.
   *
   * It is for this connection alone; the option `types.codecs` is for all of a pool. Calls that were made before keep what
   * there was, and so do statements that `prepare()` gave before. A type that is not built in is looked up, which is a query.
   *
   * Rejects with an InterfaceError for a type that is not there, one that is neither scalar nor composite, or a format
   * that it does not have; with an UnsupportedClientFeatureError for a domain, and for a composite type in another
   * format than `tuple`.
   *
   * ```ts
   * await connection.execute('create type pg_temp.pair as (a int, b int)')
   * const schema = await connection.fetchValue('select pg_my_temp_schema()::regnamespace::text')
   * await connection.setTypeCodec({ type: 'pair', schema, format: 'tuple', encode: (pair) => pair, decode: ([a, b]) => a + b })
   * await connection.fetchValue('select $1::pair', [[2, 3]]) // => 5
   * ```
   */
  setTypeCodec(codec: TypeCodec): Promise<void>;
  /**
   * Takes the codec of a type back: its values are what they were before. Does nothing when it has none.
   *
   * @param options.schema Default `public`; built-in types are in `pg_catalog`.
   *
   * Rejects with an InterfaceError when the connection is closed.
   */
  resetTypeCodec(type: string, options?: {
    schema?: string | undefined;
  }): Promise<void>;
  /**
   * Has values of a scalar type be as those of a built-in one that they are stored like: a type that an extension has made of
   * integers takes and gives numbers. `resetTypeCodec()` takes it back. Types of hstore, citext, ltree and pgvector need none.
   *
   * @param options.codecName The built-in type, by its name in the catalog or SQL's own: `int`, `text` … Also
   * `pg_contrib.hstore`, for the type hstore, whose values are objects without it too.
   * @param options.format How values travel: in the built-in type's binary form (`binary`, the default where the type has
   * a binary form), or as its text (`text`), for a type that has its texts but another binary form, or none.
   *
   * Rejects with an InterfaceError for a type that is not there or is no scalar one, a name that no scalar built-in type
   * has, and for a format that the type does not have.
   *
   * ```ts
   * await connection.execute("create type pg_temp.level as enum ('low', 'high')")
   * const schema = await connection.fetchValue('select pg_my_temp_schema()::regnamespace::text')
   * await connection.setBuiltinTypeCodec('level', { schema, codecName: 'text' })
   * await connection.fetchValue('select $1::level', ['low']) // => 'low'
   * ```
   */
  setBuiltinTypeCodec(type: string, options: {
    schema?: string | undefined;
    codecName: string;
    format?: 'text' | 'binary' | undefined;
  }): Promise<void>;
  /**
   * Forgets what is known of the database's types, and the statements that were prepared. Tables that change need no such
   * call: what a statement relied on is noticed when it runs. A type that was renamed, or moved to another schema, is told
   * by its new name from then on. Sends nothing: the next calls describe their texts anew.
   *
   * Rejects with an InterfaceError, or a ConnectionDoesNotExistError, when the connection is closed.
   *
   * ```ts
   * await connection.execute("create type mood as enum ('so', 'la la')")
   * await connection.reloadSchemaState()
   * ```
   */
  reloadSchemaState(): Promise<void>;
}

/** What is called with each notification of a channel. */
type ChannelListener<C> = (connection: C, pid: number, channel: string, payload: string) => void;

/**
 * A transaction, or a savepoint within one, made by `connection.transaction()`. What opens it is sent with the first
 * call in it, so that it costs no round trip, and a transaction in which nothing was called sends nothing.
 *
 * A connection is one session: calls that are made on the connection while the transaction is open are part of it.
 */
declare class TransactionOf<C> extends Queryable implements AsyncDisposable {
  /** The connection that it runs on. */
  readonly connection: C;
  /** Transactions are made by `connection.transaction()`. */
  protected constructor(...args: never[]);
  /** Where it is. */
  get state(): TransactionState;
  /**
   * Starts it: within another transaction of the connection it is a savepoint.
   *
   * Rejects with an InterfaceError when it was started before, when a transaction was begun by a statement, or when the
   * options contradict those of the transaction around it.
   */
  start(): Promise<void>;
  /**
   * Commits it; a savepoint is released.
   *
   * Rejects with a TransactionRollbackError when an earlier statement had failed, so that the server rolled back
   * instead, with the server's error when it could not commit, with a ConnectionDoesNotExistError (see its
   * `maybeExecuted`) when the answer was lost, and with an InterfaceError when it is not open.
   */
  commit(): Promise<void>;
  /** Rolls it back; rejects with an InterfaceError when it is not open. */
  rollback(): Promise<void>;
  /**
   * Runs a body in a savepoint: commits when it returns, rolls back when it throws, and gives or throws the same. What
   * had been done before in this transaction stays.
   */
  transaction<R>(body: (tx: TransactionOf<C>) => Awaitable<R>, options?: TransactionOptions): Promise<R>;
  /** Rolls it back if it is still open. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A stream of Node's that is written to. */
interface NodeWritable {
  write(piece: Uint8Array): boolean;
  end(): unknown;
  on(event: string, listener: (...args: any[]) => void): unknown;
  removeListener(event: string, listener: (...args: any[]) => void): unknown;
}

/** A web stream that bytes are written to: a `WritableStream<Uint8Array>`. */
interface WebWritable {
  getWriter(): {
    readonly closed: Promise<unknown>;
    readonly ready: Promise<unknown>;
    write(piece: Uint8Array): Promise<void>;
    close(): Promise<void>;
    abort(reason?: any): Promise<void>;
  };
}

/** A `Buffer`, where the project has Node's types, else the `Uint8Array` that a Buffer is. */
type Bytes = typeof globalThis extends {
  Buffer: {
    alloc(size: number): infer T;
  };
} ? T : Uint8Array;

/** A stream of Node's that is read. */
interface NodeReadable {
  pipe(destination: any): unknown;
  on(event: string, listener: (...args: any[]) => void): unknown;
  [Symbol.asyncIterator](): AsyncIterator<any>;
}

/** A web stream that gives bytes: a `ReadableStream<Uint8Array>`. */
interface WebReadable {
  getReader(): {
    read(): Promise<{
      done: boolean;
      value?: Uint8Array | undefined;
    }>;
    cancel(reason?: any): Promise<void>;
  };
}

/** What a `DataError` is made of besides its message. */
interface DataErrorOptions extends PostgresErrorOptions {
  /** Which argument was refused, counted from 1. */
  argument?: number;
  /** Which set of arguments, or which record, it was in, counted from 0. */
  element?: number;
  /** The argument that was refused. */
  value?: unknown;
}

/** The limits of a {@link NotificationStream} that were checked. */
interface StreamLimits {
  readonly signal: Signal | undefined;
  readonly limit: number;
}

/** What a signal is known by where there is no type of that name. */
interface SignalShape {
  readonly aborted: boolean;
  readonly reason: any;
  addEventListener(type: 'abort', listener: () => void, options?: {
    once?: boolean;
  }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What can be listened to: the channels of a connection `C`, its server's log, its end, and its calls. */
declare abstract class Listenable<C extends object> extends Queryable {
  protected constructor(...args: never[]);
  /**
   * Calls `callback` with every notification of a channel, in their order, on a later tick than the one that read it.
   * Notifications that this session sends itself come too; theirs is the number of `getServerPid()`. `payload` is `''`
   * where none was given. Adding a callback twice is adding it once.
   *
   * The first listener of a channel sends LISTEN, and the promise is fulfilled when the server has answered. In a
   * transaction that counts from its COMMIT on; after a rollback LISTEN is sent again. While there is a listener, the
   * process stays alive unless `unref()` was called.
   *
   * ```ts
   * await connection.addListener('news', (_connection, pid, channel, payload) => {
   *   console.log(channel, payload)
   * })
   * ```
   *
   * @param channel Its exact name, in any characters: `"` and capitals are part of it. At most 63 bytes.
   *
   * Rejects with an InterfaceError for a channel that cannot be or a callback that is no function, with the server's
   * error, or with a TimeoutError after the connection's `commandTimeout`; the callback is not added then.
   */
  addListener(channel: string, callback: ChannelListener<C>): Promise<void>;
  /**
   * Takes a listener back, at once. When it was the last one of its channel, UNLISTEN is sent, and the promise is fulfilled
   * when the server has answered. Does nothing when it is not there or the connection is closed.
   */
  removeListener(channel: string, callback: ChannelListener<C>): Promise<void>;
  /**
   * The notifications of a channel, one after the other. LISTEN is sent by this call and not by the first `next()`, so
   * that calls made behind it may already cause notifications; `listening` of the iterator tells when it was answered.
   * Leaving the loop sends UNLISTEN.
   *
   * Notifications wait until they are read, `limit` of them at most. One more ends the iteration with an InterfaceError
   * behind those that wait: none is lost silently. The loss of the connection ends it in the same way, with a
   * ConnectionDoesNotExistError; `close()`, `terminate()` and `reset()` end it without an error. An abort drops what waits
   * and throws `signal.reason`.
   *
   * ```ts
   * const news = connection.notifications('news')
   * await connection.execute("notify news, 'hello'")
   * for await (const { channel, payload } of news) {
   *   console.log(channel, payload) // => news hello
   *   break
   * }
   * ```
   *
   * @param options.limit How many may wait, default 10,000.
   * @throws InterfaceError when the connection is closed, or for a channel or an option that cannot be;
   * ConnectionDoesNotExistError when the connection was lost.
   */
  notifications(channel: string, options?: NotificationOptions): NotificationStream;
  /**
   * Calls `callback` with every notice and warning of the server, in order, never inside the call that caused it. A
   * message is a PostgresLogMessage; one that carries the code of an error is an instance of that error's class.
   *
   * @throws InterfaceError when the connection is closed or `callback` is no function; ConnectionDoesNotExistError when the
   * connection was lost.
   */
  addLogListener(callback: (connection: C, message: PostgresLogMessage | PostgresError) => void): void;
  /** Takes a log listener back; does nothing when it is not there. */
  removeLogListener(callback: (connection: C, message: PostgresLogMessage | PostgresError) => void): void;
  /** Calls `callback` once when the connection has ended, however that happened. */
  addTerminationListener(callback: (connection: C) => void): void;
  /** Takes a termination listener back; does nothing when it is not there. */
  removeTerminationListener(callback: (connection: C) => void): void;
  /**
   * Calls `callback` when a call has ended, whether it succeeded, failed or was aborted, on a later tick: with its text,
   * arguments, limit, milliseconds and error. What the driver asks for itself is told too, as `internal`.
   *
   * ```ts
   * connection.addQueryLogger(({ query, elapsed }) => {
   *   if (elapsed > 1_000) console.warn(`slow, ${Math.round(elapsed)} ms: ${query}`)
   * })
   * ```
   *
   * @throws InterfaceError when `callback` is no function.
   */
  addQueryLogger(callback: (record: LogRecord<C>) => void): void;
  /** Takes a query logger back; does nothing when it is not there. */
  removeQueryLogger(callback: (record: LogRecord<C>) => void): void;
}

export {}
