// Written by tools/check-typings.mjs from index.d.ts and surface.d.ts: change those, not this file.
// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// biome-ignore-all assist: generated
import type { Args, Attribute, AuthMethod, Awaitable, BitString, CallOptions, ClientConfigurationError, CodecInfo, ConnectOptions, Connection, ConnectionClass, ConnectionDoesNotExistError, ConnectionFailureError, ConnectionSettings, CopyFormat, CopyFromOptions, CopyRecordsOptions, CopyToOptions, Cursor, CursorFactory, CursorOptions, DataError, FetchOptions, InterfaceError, InternalClientError, Interval, InvalidAuthorizationSpecificationError, InvalidPasswordError, Json, Notification, NotificationListener, OutdatedSchemaCacheError, Pool, PoolConnection, PoolOptions, PoolStats, PostgresConnectionError, PostgresError, PostgresLogMessage, PreparedStatement, ProtocolError, QueryLogRecord, QueryOptions, QueryResult, Queryable, Range, Record, RecordClass, ResultColumn, Row, ServerVersion, SqlPart, SqlQuery, SslMode, TargetServerAttributeNotMatched, TargetSessionAttrs, TimeoutError, TlsOptions, Transaction, TransactionOptions, TypeCodec, TypeInfo, TypeOptions, UnsupportedClientFeatureError, UnsupportedServerFeatureError, connect, createPool, errors, json, sql } from 'cornac'

type Sample = { readonly sample: 1 }
/** Ours may be given where the agreed type is wanted. */
type Accepts<Wanted, Given extends Wanted> = Given
/** The same for the members that both have. */
type Fits<Wanted, Given extends Pick<Wanted, Extract<keyof Wanted, keyof Given>>> = Given
type Statics<T> = Omit<T, 'prototype'>

// What ours does not have yet, as agreed.
type Record_<K extends string, V> = { [P in K]: V }
interface Columns {
  readonly length: number
  readonly names: string[]
  column(nameOrIndex: string | number): ColumnVector
}
interface ColumnVector {
  readonly name: string
  readonly type: TypeInfo
  /** Int32Array, Float64Array, BigInt64Array …; for text a { offsets, bytes } pair; for the rest an array. */
  readonly values: any
  readonly nulls: Uint8Array | null // bitmap, bit set = NULL
  at(row: number): any
}

// Awaitable
type Expected_Awaitable<T> = T | Promise<T>
export type Awaitable_1 = Accepts<Expected_Awaitable<Sample>, Awaitable<Sample>>

// Row
type Expected_Row = { [column: string]: any }
export type Row_1 = Accepts<Expected_Row, Row>

// SslMode
type Expected_SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
export type SslMode_1 = Accepts<SslMode, Expected_SslMode>

// TargetSessionAttrs
type Expected_TargetSessionAttrs = 'any' | 'primary' | 'standby' | 'read-write' | 'read-only' | 'prefer-standby'
export type TargetSessionAttrs_1 = Accepts<TargetSessionAttrs, Expected_TargetSessionAttrs>

// AuthMethod
type Expected_AuthMethod = 'none' | 'password' | 'md5' | 'scram-sha-256' | 'gss' | 'sspi' | 'oauth'
export type AuthMethod_1 = Accepts<AuthMethod, Expected_AuthMethod>

// TlsOptions
interface Expected_TlsOptions {
  ca?: string | Uint8Array | (string | Uint8Array)[]
  cert?: string | Uint8Array
  key?: string | Uint8Array
  passphrase?: string
  crl?: string | Uint8Array | (string | Uint8Array)[]
  servername?: string
  rejectUnauthorized?: boolean // default true
  checkServerIdentity?: boolean // default true; false = verify-ca
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}
export type TlsOptions_1 = Accepts<TlsOptions, Expected_TlsOptions>

// ConnectOptions
interface Expected_ConnectOptions {
  dsn?: string
  host?: string | string[]
  port?: number | string | (number | string)[]
  user?: string
  password?: string | (() => Awaitable<string>)
  passfile?: string
  service?: string
  servicefile?: string
  database?: string
  timeout?: number | null // whole connect, default 60_000
  statementCacheSize?: number // default 100; 0 = no cache, safe behind any transaction pooler
  maxCachedStatementLifetime?: number // default 300_000; 0 = for ever
  maxCacheableStatementSize?: number // default 15_360 characters; 0 = any
  commandTimeout?: number | null
  ssl?: boolean | SslMode | TlsOptions // default 'prefer'
  directTls?: boolean
  sslcert?: string // paths, as in libpq; TlsOptions takes contents
  sslkey?: string
  sslrootcert?: string
  sslcrl?: string
  sslpassword?: string
  sslMinProtocolVersion?: 'TLSv1.2' | 'TLSv1.3'
  sslMaxProtocolVersion?: 'TLSv1.2' | 'TLSv1.3'
  channelBinding?: 'disable' | 'prefer' | 'require'
  requireAuth?: AuthMethod | AuthMethod[]
  connectionClass?: ConnectionClass
  recordClass?: RecordClass
  serverSettings?: Record_<string, string>
  targetSessionAttrs?: TargetSessionAttrs
  loadBalanceHosts?: 'disable' | 'random'
  krbsrvname?: string
  gsslib?: 'gssapi' | 'sspi'
  oauthToken?: () => Awaitable<string>
  types?: TypeOptions
  maxMessageSize?: number // bytes, default 1 GiB
  signal?: AbortSignal
  onCallbackError?: (error: unknown) => void
}
export type ConnectOptions_1 = Accepts<ConnectOptions, Expected_ConnectOptions>

// TypeOptions
interface Expected_TypeOptions {
  int8?: 'auto' | 'bigint' | 'number' | 'string' // 'auto': number when exact, else bigint
  numeric?: 'string' | 'number'
  timestamptz?: 'date' | 'string' | 'temporal' // 'date' keeps milliseconds
  timestamp?: 'date' | 'string' | 'temporal' // 'date': its UTC fields are the stored reading
  date?: 'string' | 'date' | 'temporal'
  time?: 'string' | 'temporal'
  interval?: 'interval' | 'string' | 'temporal'
  json?: 'parse' | 'text'
  bytea?: 'buffer' | 'uint8array'
  codecs?: TypeCodec[] // applied to every connection
}
export type TypeOptions_1 = Accepts<TypeOptions, Expected_TypeOptions>

// TypeCodec
interface Expected_TypeCodec {
  type: string
  schema?: string // default 'public'
  format?: 'text' | 'binary' | 'tuple' // default 'text'
  encode: (value: any) => any
  decode: (wire: any) => any
}
export type TypeCodec_1 = Accepts<TypeCodec, Expected_TypeCodec>

// connect
declare function Expected_connect<C extends Connection>(dsn: string | undefined, options: ConnectOptions & { connectionClass: ConnectionClass<C> }): Promise<C>
declare function Expected_connect<C extends Connection>(options: ConnectOptions & { connectionClass: ConnectionClass<C> }): Promise<C>
declare function Expected_connect(dsn?: string, options?: ConnectOptions): Promise<Connection>
declare function Expected_connect(options: ConnectOptions): Promise<Connection>
export type connect_1 = Accepts<typeof Expected_connect, typeof connect>

// ConnectionClass
type Expected_ConnectionClass<C extends Connection = Connection> = Function & { prototype: C }
export type ConnectionClass_1 = Accepts<Expected_ConnectionClass<Connection>, ConnectionClass<Connection>>

// CallOptions
interface Expected_CallOptions {
  timeout?: number | null
  signal?: AbortSignal
}
export type CallOptions_1 = Accepts<CallOptions, Expected_CallOptions>

// FetchOptions
interface Expected_FetchOptions extends CallOptions {
  recordClass?: RecordClass
}
export type FetchOptions_1 = Accepts<FetchOptions, Expected_FetchOptions>

// Args
type Expected_Args = readonly unknown[]
export type Args_1 = Accepts<Args, Expected_Args>

// SqlQuery
interface Expected_SqlQuery<T = Row> { readonly text: string; readonly args: Args; readonly __row?: T }
export type SqlQuery_1 = Fits<Expected_SqlQuery<Sample>, SqlQuery<Sample>>

// SqlPart
interface Expected_SqlPart { readonly __part: true }
export type SqlPart_1 = Fits<Expected_SqlPart, SqlPart>

// sql
declare const Expected_sql: {
  <T = Row>(strings: TemplateStringsArray, ...values: unknown[]): SqlQuery<T>
  /** sql.identifier('shop', 'order') is "shop"."order", quoted. */
  identifier(...names: string[]): SqlPart
  /** Queries or parts with a separator between them, default `, `; an empty list is refused. */
  join(parts: readonly (SqlQuery | SqlPart)[], separator?: SqlPart): SqlQuery
  /** Text as it is: never from outside. */
  raw(text: string): SqlPart
}
export type sql_1 = Accepts<typeof Expected_sql, typeof sql>

// QueryResult
interface Expected_QueryResult<T = Row> {
  readonly rows: T[]
  readonly columns: readonly ResultColumn[] // [] for a statement without rows
  readonly command: string // INSERT, SELECT, CREATE TABLE …
  readonly rowCount: number | null // of the command tag; null where the tag has no number
}
export type QueryResult_1 = Fits<Expected_QueryResult<Sample>, QueryResult<Sample>>

// ResultColumn
interface Expected_ResultColumn extends Attribute { readonly tableOid: number; readonly tableColumn: number; readonly typeSize: number; readonly typeModifier: number }
export type ResultColumn_1 = Fits<Expected_ResultColumn, ResultColumn>

// QueryOptions
interface Expected_QueryOptions extends FetchOptions { rows?: 'object' | 'array' }
export type QueryOptions_1 = Accepts<QueryOptions, Expected_QueryOptions>

// Queryable
interface Expected_Queryable {
  query<T = Row>(sql: string, args?: Args, options?: QueryOptions): Promise<QueryResult<T>>
  query<T = Row>(query: SqlQuery<T>, options?: QueryOptions): Promise<QueryResult<T>>
  execute(query: SqlQuery<any>, options?: CallOptions): Promise<string>
  fetch<T = Row>(query: SqlQuery<T>, options?: FetchOptions): Promise<T[]>
  fetchRow<T = Row>(query: SqlQuery<T>, options?: FetchOptions): Promise<T | null>
  fetchValue<T = any>(query: SqlQuery<any>, options?: CallOptions & { column?: number | string }): Promise<T | null>
  execute(sql: string, args?: Args, options?: CallOptions): Promise<string> // command tag
  executeMany(sql: string, argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<void>
  fetch<T = Row>(sql: string, args?: Args, options?: FetchOptions): Promise<T[]>
  fetchRow<T = Row>(sql: string, args?: Args, options?: FetchOptions): Promise<T | null>
  fetchValue<T = any>(sql: string, args?: Args, options?: CallOptions & { column?: number | string }): Promise<T | null>
  fetchMany<T = Row>(sql: string, argSets: Iterable<Args> | AsyncIterable<Args>, options?: FetchOptions): Promise<T[]>
  /** Rows column by column: typed arrays for fixed-width types, made without row objects. */
  fetchColumns(sql: string, args?: Args, options?: CallOptions): Promise<Columns>
  /** The rows as UTF-8 JSON text (an array of objects), made off the main thread. */
  fetchJson(sql: string, args?: Args, options?: CallOptions): Promise<Buffer>
  copyFromQuery(sql: string, args: Args | undefined, options: CopyFromOptions): Promise<string>
  copyFromTable(table: string, options: CopyFromOptions & { columns?: string[]; schema?: string }): Promise<string>
  copyToTable(table: string, options: CopyToOptions): Promise<string>
  copyRecordsToTable(table: string, options: CopyRecordsOptions): Promise<string>
}
export type Queryable_1 = Fits<Expected_Queryable, Queryable>

// Connection
interface Expected_Connection extends Queryable {}
declare class Expected_Connection {
  protected constructor(...args: never[])
  isClosed(): boolean
  isInTransaction(): boolean
  close(options?: CallOptions): Promise<void>
  terminate(): void
  reset(options?: CallOptions): Promise<void>
  getResetQuery(): string
  getServerPid(): number
  getServerVersion(): ServerVersion
  getSettings(): ConnectionSettings
  ref(): Connection
  unref(): Connection


  prepare<T = Row>(sql: string, options?: FetchOptions & { name?: string }): Promise<PreparedStatement<T>>
  cursor<T = Row>(sql: string, args?: Args, options?: CursorOptions): CursorFactory<T>
  transaction(options?: TransactionOptions): Transaction
  transaction<R>(body: (tx: Transaction) => Awaitable<R>, options?: TransactionOptions): Promise<R>

  addListener(channel: string, callback: NotificationListener): Promise<void>
  removeListener(channel: string, callback: NotificationListener): Promise<void>
  notifications(channel: string, options?: { signal?: AbortSignal }): AsyncIterableIterator<Notification>
  addLogListener(callback: (connection: Connection, message: PostgresLogMessage) => void): void
  removeLogListener(callback: (connection: Connection, message: PostgresLogMessage) => void): void
  addTerminationListener(callback: (connection: Connection) => void): void
  removeTerminationListener(callback: (connection: Connection) => void): void
  addQueryLogger(callback: (record: QueryLogRecord) => void): void
  removeQueryLogger(callback: (record: QueryLogRecord) => void): void

  setTypeCodec(codec: TypeCodec): Promise<void>
  resetTypeCodec(type: string, options?: { schema?: string }): Promise<void>
  setBuiltinTypeCodec(type: string, options: { schema?: string; codecName: string; format?: 'text' | 'binary' }): Promise<void>
  reloadSchemaState(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
export type Connection_1 = Fits<Expected_Connection, Connection>

// CursorOptions
interface Expected_CursorOptions extends FetchOptions { prefetch?: number }
export type CursorOptions_1 = Accepts<CursorOptions, Expected_CursorOptions>

// CursorFactory
interface Expected_CursorFactory<T> extends AsyncIterable<T> { open(options?: CallOptions): Promise<Cursor<T>> }
export type CursorFactory_1 = Fits<Expected_CursorFactory<Sample>, CursorFactory<Sample>>

// Cursor
interface Expected_Cursor<T> extends AsyncDisposable {
  fetch(n: number, options?: CallOptions): Promise<T[]>
  fetchRow(options?: CallOptions): Promise<T | null>
  forward(n: number, options?: CallOptions): Promise<number>
  readonly exhausted: boolean
  close(): Promise<void>
}
export type Cursor_1 = Fits<Expected_Cursor<Sample>, Cursor<Sample>>

// PreparedStatement
interface Expected_PreparedStatement<T = Row> {
  getName(): string
  getQuery(): string
  getStatusMessage(): string | null
  getParameters(): TypeInfo[]
  getAttributes(): Attribute[]
  fetch(args?: Args, options?: CallOptions): Promise<T[]>
  fetchRow(args?: Args, options?: CallOptions): Promise<T | null>
  fetchValue<V = any>(args?: Args, options?: CallOptions & { column?: number | string }): Promise<V | null>
  fetchMany(argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<T[]>
  executeMany(argSets: Iterable<Args> | AsyncIterable<Args>, options?: CallOptions): Promise<void>
  explain(args?: Args, options?: CallOptions & { analyze?: boolean }): Promise<any>
  cursor(args?: Args, options?: CursorOptions): CursorFactory<T>
  close(): Promise<void>
}
export type PreparedStatement_1 = Fits<Expected_PreparedStatement<Sample>, PreparedStatement<Sample>>

// TransactionOptions
interface Expected_TransactionOptions {
  isolation?: 'serializable' | 'repeatable_read' | 'read_committed' | 'read_uncommitted'
  readonly?: boolean
  deferrable?: boolean
  /** With a body: run it again, at most this many times in all, after 40001 or 40P01. Default 1. */
  attempts?: number
}
export type TransactionOptions_1 = Accepts<TransactionOptions, Expected_TransactionOptions>

// Transaction
interface Expected_Transaction extends AsyncDisposable, Queryable {
  readonly connection: Connection
  readonly state: 'new' | 'started' | 'failed' | 'committed' | 'rolledback'
  start(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
  transaction<R>(body: (tx: Transaction) => Awaitable<R>, options?: TransactionOptions): Promise<R> // savepoint
}
export type Transaction_1 = Fits<Expected_Transaction, Transaction>

// CopyFormat
interface Expected_CopyFormat extends CallOptions {
  format?: 'text' | 'csv' | 'binary'
  oids?: boolean; delimiter?: string; null?: string; header?: boolean | 'match'; quote?: string; escape?: string
  forceQuote?: boolean | string[]; encoding?: string
}
export type CopyFormat_1 = Accepts<CopyFormat, Expected_CopyFormat>

// CopyFromOptions
interface Expected_CopyFromOptions extends CopyFormat {
  output: NodeJS.WritableStream | WritableStream<Uint8Array> | ((chunk: Buffer) => Awaitable<void>) | { path: string }
}
export type CopyFromOptions_1 = Accepts<CopyFromOptions, Expected_CopyFromOptions>

// CopyToOptions
interface Expected_CopyToOptions extends CopyFormat {
  source: NodeJS.ReadableStream | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array> | Uint8Array | { path: string } | { text: string }
  columns?: string[]; schema?: string; freeze?: boolean; forceNotNull?: boolean | string[]; forceNull?: boolean | string[]; where?: string
}
export type CopyToOptions_1 = Accepts<CopyToOptions, Expected_CopyToOptions>

// CopyRecordsOptions
interface Expected_CopyRecordsOptions extends CallOptions {
  records: Iterable<Args> | AsyncIterable<Args>
  columns?: string[]; schema?: string; where?: string
}
export type CopyRecordsOptions_1 = Accepts<CopyRecordsOptions, Expected_CopyRecordsOptions>

// PoolOptions
interface Expected_PoolOptions extends ConnectOptions {
  minSize?: number // default 1, made at creation and kept
  maxSize?: number // default 10
  maxQueries?: number // default 50_000
  maxInactiveConnectionLifetime?: number // default 300_000; 0 = never
  maxConnectionLifetime?: number // default 0 = never; jittered
  maxWaiting?: number // refuse new acquires past this queue length; default none
  acquireTimeout?: number | null
  pipeline?: boolean | { maxInFlight: number } // pool.fetch… share connections; default true
  setup?: (connection: Connection) => Awaitable<void> // every acquire
  init?: (connection: Connection) => Awaitable<void> // every new connection
  reset?: (connection: Connection) => Awaitable<void> // every release
  connect?: (options: ConnectOptions) => Promise<Connection>
}
export type PoolOptions_1 = Accepts<PoolOptions, Expected_PoolOptions>

// createPool
declare function Expected_createPool(dsn?: string, options?: PoolOptions): Promise<Pool>
declare function Expected_createPool(options: PoolOptions): Promise<Pool>
export type createPool_1 = Accepts<typeof Expected_createPool, typeof createPool>

// Pool
interface Expected_Pool extends Queryable {}
declare class Expected_Pool {
  protected constructor(...args: never[])
  acquire(options?: CallOptions): Promise<PoolConnection>
  release(connection: Connection, options?: CallOptions): Promise<void>
  withConnection<R>(body: (connection: Connection) => Awaitable<R>, options?: CallOptions): Promise<R>
  transaction<R>(body: (tx: Transaction) => Awaitable<R>, options?: TransactionOptions & CallOptions): Promise<R>
  close(options?: CallOptions): Promise<void>
  terminate(): void
  expireConnections(): Promise<void>
  setConnectArgs(dsn?: string, options?: ConnectOptions): void
  getSize(): number
  getMinSize(): number
  getMaxSize(): number
  getIdleSize(): number
  getWaitingCount(): number
  getStats(): PoolStats
  isClosing(): boolean
  [Symbol.asyncDispose](): Promise<void>
}
export type Pool_1 = Fits<Expected_Pool, Pool>

// PoolConnection
interface Expected_PoolConnection extends Connection { release(options?: CallOptions): Promise<void> }
export type PoolConnection_1 = Fits<Expected_PoolConnection, PoolConnection>

// PoolStats
interface Expected_PoolStats {
  size: number; idle: number; inUse: number; waiting: number
  acquired: number; created: number; closed: number; waitedMs: number; timedOut: number
}
export type PoolStats_1 = Fits<Expected_PoolStats, PoolStats>

// ServerVersion
interface Expected_ServerVersion { major: number; minor: number; micro: number; releaselevel: string; serial: number }
export type ServerVersion_1 = Fits<Expected_ServerVersion, ServerVersion>

// ConnectionSettings
interface Expected_ConnectionSettings { readonly [name: string]: any; get(name: string): string | undefined; getCodec(type: string, options?: { schema?: string }): CodecInfo | undefined }
export type ConnectionSettings_1 = Fits<Expected_ConnectionSettings, ConnectionSettings>

// CodecInfo
interface Expected_CodecInfo { type: TypeInfo; format: 'text' | 'binary' | 'tuple'; origin: 'builtin' | 'derived' | 'custom' | 'fallback' }
export type CodecInfo_1 = Fits<Expected_CodecInfo, CodecInfo>

// TypeInfo
interface Expected_TypeInfo { oid: number; name: string; kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum'; schema: string }
export type TypeInfo_1 = Fits<Expected_TypeInfo, TypeInfo>

// Attribute
interface Expected_Attribute { name: string; type: TypeInfo }
export type Attribute_1 = Fits<Expected_Attribute, Attribute>

// Notification
interface Expected_Notification { pid: number; channel: string; payload: string }
export type Notification_1 = Fits<Expected_Notification, Notification>

// NotificationListener
type Expected_NotificationListener = (connection: Connection, pid: number, channel: string, payload: string) => void
export type NotificationListener_1 = Accepts<NotificationListener, Expected_NotificationListener>

// QueryLogRecord
interface Expected_QueryLogRecord { query: string; args: Args | undefined; timeout: number | null; elapsed: number; exception: Error | null; connection: Connection }
export type QueryLogRecord_1 = Fits<Expected_QueryLogRecord, QueryLogRecord>

// RecordClass
type Expected_RecordClass = Function & { prototype: Record }
export type RecordClass_1 = Accepts<RecordClass, Expected_RecordClass>

// Record
declare class Expected_Record {
  protected constructor(...args: never[])
  readonly [column: string]: any
  [Symbol.iterator](): Iterator<any>
  static equals(a: Record, b: Record): boolean
  static compare(a: Record, b: Record): number
}
export type Record_1 = Fits<Expected_Record, Record>
export type Record_2 = Fits<Statics<typeof Expected_Record>, Statics<typeof Record>>

// Range
declare class Expected_Range<T = any> {
  constructor(lower?: T | null, upper?: T | null, options?: { lowerInc?: boolean; upperInc?: boolean; empty?: boolean })
  readonly lower: T | null; readonly upper: T | null
  readonly lowerInc: boolean; readonly upperInc: boolean; readonly lowerInf: boolean; readonly upperInf: boolean; readonly isEmpty: boolean
  isSubset(other: Range<T>): boolean; isSuperset(other: Range<T>): boolean; equals(other: unknown): boolean; toString(): string
}
export type Range_1 = Fits<Expected_Range<Sample>, Range<Sample>>
export type Range_2 = Fits<Statics<typeof Expected_Range>, Statics<typeof Range>>
export type Range_3 = Accepts<ConstructorParameters<typeof Range<Sample>>, ConstructorParameters<typeof Expected_Range<Sample>>>

// Interval
declare class Expected_Interval { constructor(parts?: { months?: number; days?: number; microseconds?: number | bigint }); readonly months: number; readonly days: number; readonly microseconds: bigint; toString(): string }
export type Interval_1 = Fits<Expected_Interval, Interval>
export type Interval_2 = Fits<Statics<typeof Expected_Interval>, Statics<typeof Interval>>
export type Interval_3 = Accepts<ConstructorParameters<typeof Interval>, ConstructorParameters<typeof Expected_Interval>>

// BitString
declare class Expected_BitString { constructor(bits: string); readonly length: number; toString(): string }
export type BitString_1 = Fits<Expected_BitString, BitString>
export type BitString_2 = Fits<Statics<typeof Expected_BitString>, Statics<typeof BitString>>
export type BitString_3 = Accepts<ConstructorParameters<typeof BitString>, ConstructorParameters<typeof Expected_BitString>>

// Json
declare class Expected_Json { constructor(text: string) }
export type Json_1 = Fits<Expected_Json, Json>
export type Json_2 = Fits<Statics<typeof Expected_Json>, Statics<typeof Json>>
export type Json_3 = Accepts<ConstructorParameters<typeof Json>, ConstructorParameters<typeof Expected_Json>>

// json
declare function Expected_json(value: unknown): Json
export type json_1 = Accepts<typeof Expected_json, typeof json>

// PostgresError
declare class Expected_PostgresError extends Error {
  readonly sqlstate: string; readonly code: string; readonly severity: string
  readonly detail?: string; readonly hint?: string; readonly position?: number; readonly internalPosition?: number; readonly internalQuery?: string
  readonly context?: string; readonly schemaName?: string; readonly tableName?: string; readonly columnName?: string; readonly dataTypeName?: string; readonly constraintName?: string
  readonly serverSourceFilename?: string; readonly serverSourceLine?: string; readonly serverSourceFunction?: string
  readonly query?: string // not enumerable
  readonly isTransient: boolean
  readonly maybeExecuted?: boolean // the call was ended from outside after it went out
  excerpt(): string | null // the line of the query and a caret, as psql shows them
}
export type PostgresError_1 = Fits<Expected_PostgresError, PostgresError>
export type PostgresError_2 = Fits<Statics<typeof Expected_PostgresError>, Statics<typeof PostgresError>>
export type PostgresError_3 = Accepts<ConstructorParameters<typeof PostgresError>, ConstructorParameters<typeof Expected_PostgresError>>

// PostgresConnectionError
declare class Expected_PostgresConnectionError extends PostgresError {}
export type PostgresConnectionError_1 = Fits<Expected_PostgresConnectionError, PostgresConnectionError>
export type PostgresConnectionError_2 = Fits<Statics<typeof Expected_PostgresConnectionError>, Statics<typeof PostgresConnectionError>>
export type PostgresConnectionError_3 = Accepts<ConstructorParameters<typeof PostgresConnectionError>, ConstructorParameters<typeof Expected_PostgresConnectionError>>

// ConnectionDoesNotExistError
declare class Expected_ConnectionDoesNotExistError extends PostgresConnectionError { // 08003
  readonly maybeExecuted: boolean // the answer was lost after the statement went out
}
export type ConnectionDoesNotExistError_1 = Fits<Expected_ConnectionDoesNotExistError, ConnectionDoesNotExistError>
export type ConnectionDoesNotExistError_2 = Fits<Statics<typeof Expected_ConnectionDoesNotExistError>, Statics<typeof ConnectionDoesNotExistError>>
export type ConnectionDoesNotExistError_3 = Accepts<ConstructorParameters<typeof ConnectionDoesNotExistError>, ConstructorParameters<typeof Expected_ConnectionDoesNotExistError>>

// ConnectionFailureError
declare class Expected_ConnectionFailureError extends PostgresConnectionError {}
export type ConnectionFailureError_1 = Fits<Expected_ConnectionFailureError, ConnectionFailureError>
export type ConnectionFailureError_2 = Fits<Statics<typeof Expected_ConnectionFailureError>, Statics<typeof ConnectionFailureError>>
export type ConnectionFailureError_3 = Accepts<ConstructorParameters<typeof ConnectionFailureError>, ConstructorParameters<typeof Expected_ConnectionFailureError>>

// InvalidAuthorizationSpecificationError
declare class Expected_InvalidAuthorizationSpecificationError extends PostgresError {}
export type InvalidAuthorizationSpecificationError_1 = Fits<Expected_InvalidAuthorizationSpecificationError, InvalidAuthorizationSpecificationError>
export type InvalidAuthorizationSpecificationError_2 = Fits<Statics<typeof Expected_InvalidAuthorizationSpecificationError>, Statics<typeof InvalidAuthorizationSpecificationError>>
export type InvalidAuthorizationSpecificationError_3 = Accepts<ConstructorParameters<typeof InvalidAuthorizationSpecificationError>, ConstructorParameters<typeof Expected_InvalidAuthorizationSpecificationError>>

// InvalidPasswordError
declare class Expected_InvalidPasswordError extends InvalidAuthorizationSpecificationError {}
export type InvalidPasswordError_1 = Fits<Expected_InvalidPasswordError, InvalidPasswordError>
export type InvalidPasswordError_2 = Fits<Statics<typeof Expected_InvalidPasswordError>, Statics<typeof InvalidPasswordError>>
export type InvalidPasswordError_3 = Accepts<ConstructorParameters<typeof InvalidPasswordError>, ConstructorParameters<typeof Expected_InvalidPasswordError>>

// DataError
declare class Expected_DataError extends PostgresError { // 22000, and arguments refused before anything is sent
  readonly argument?: number // from 1
  readonly element?: number // from 0, in executeMany
  readonly value?: unknown // not enumerable: what was refused
}
export type DataError_1 = Fits<Expected_DataError, DataError>
export type DataError_2 = Fits<Statics<typeof Expected_DataError>, Statics<typeof DataError>>
export type DataError_3 = Accepts<ConstructorParameters<typeof DataError>, ConstructorParameters<typeof Expected_DataError>>

// InterfaceError
declare class Expected_InterfaceError extends Error { readonly detail?: string; readonly hint?: string; readonly query?: string }
export type InterfaceError_1 = Fits<Expected_InterfaceError, InterfaceError>
export type InterfaceError_2 = Fits<Statics<typeof Expected_InterfaceError>, Statics<typeof InterfaceError>>
export type InterfaceError_3 = Accepts<ConstructorParameters<typeof InterfaceError>, ConstructorParameters<typeof Expected_InterfaceError>>

// ClientConfigurationError
declare class Expected_ClientConfigurationError extends InterfaceError {}
export type ClientConfigurationError_1 = Fits<Expected_ClientConfigurationError, ClientConfigurationError>
export type ClientConfigurationError_2 = Fits<Statics<typeof Expected_ClientConfigurationError>, Statics<typeof ClientConfigurationError>>
export type ClientConfigurationError_3 = Accepts<ConstructorParameters<typeof ClientConfigurationError>, ConstructorParameters<typeof Expected_ClientConfigurationError>>

// UnsupportedClientFeatureError
declare class Expected_UnsupportedClientFeatureError extends InterfaceError {}
export type UnsupportedClientFeatureError_1 = Fits<Expected_UnsupportedClientFeatureError, UnsupportedClientFeatureError>
export type UnsupportedClientFeatureError_2 = Fits<Statics<typeof Expected_UnsupportedClientFeatureError>, Statics<typeof UnsupportedClientFeatureError>>
export type UnsupportedClientFeatureError_3 = Accepts<ConstructorParameters<typeof UnsupportedClientFeatureError>, ConstructorParameters<typeof Expected_UnsupportedClientFeatureError>>

// UnsupportedServerFeatureError
declare class Expected_UnsupportedServerFeatureError extends InterfaceError {}
export type UnsupportedServerFeatureError_1 = Fits<Expected_UnsupportedServerFeatureError, UnsupportedServerFeatureError>
export type UnsupportedServerFeatureError_2 = Fits<Statics<typeof Expected_UnsupportedServerFeatureError>, Statics<typeof UnsupportedServerFeatureError>>
export type UnsupportedServerFeatureError_3 = Accepts<ConstructorParameters<typeof UnsupportedServerFeatureError>, ConstructorParameters<typeof Expected_UnsupportedServerFeatureError>>

// TargetServerAttributeNotMatched
declare class Expected_TargetServerAttributeNotMatched extends InterfaceError {}
export type TargetServerAttributeNotMatched_1 = Fits<Expected_TargetServerAttributeNotMatched, TargetServerAttributeNotMatched>
export type TargetServerAttributeNotMatched_2 = Fits<Statics<typeof Expected_TargetServerAttributeNotMatched>, Statics<typeof TargetServerAttributeNotMatched>>
export type TargetServerAttributeNotMatched_3 = Accepts<ConstructorParameters<typeof TargetServerAttributeNotMatched>, ConstructorParameters<typeof Expected_TargetServerAttributeNotMatched>>

// InternalClientError
declare class Expected_InternalClientError extends Error {}
export type InternalClientError_1 = Fits<Expected_InternalClientError, InternalClientError>
export type InternalClientError_2 = Fits<Statics<typeof Expected_InternalClientError>, Statics<typeof InternalClientError>>
export type InternalClientError_3 = Accepts<ConstructorParameters<typeof InternalClientError>, ConstructorParameters<typeof Expected_InternalClientError>>

// ProtocolError
declare class Expected_ProtocolError extends InternalClientError {}
export type ProtocolError_1 = Fits<Expected_ProtocolError, ProtocolError>
export type ProtocolError_2 = Fits<Statics<typeof Expected_ProtocolError>, Statics<typeof ProtocolError>>
export type ProtocolError_3 = Accepts<ConstructorParameters<typeof ProtocolError>, ConstructorParameters<typeof Expected_ProtocolError>>

// OutdatedSchemaCacheError
declare class Expected_OutdatedSchemaCacheError extends InternalClientError {}
export type OutdatedSchemaCacheError_1 = Fits<Expected_OutdatedSchemaCacheError, OutdatedSchemaCacheError>
export type OutdatedSchemaCacheError_2 = Fits<Statics<typeof Expected_OutdatedSchemaCacheError>, Statics<typeof OutdatedSchemaCacheError>>
export type OutdatedSchemaCacheError_3 = Accepts<ConstructorParameters<typeof OutdatedSchemaCacheError>, ConstructorParameters<typeof Expected_OutdatedSchemaCacheError>>

// TimeoutError
declare class Expected_TimeoutError extends Error { readonly name: 'TimeoutError'; readonly code: 'ETIMEDOUT'; readonly phase: string; readonly query?: string; readonly maybeExecuted?: boolean }
export type TimeoutError_1 = Fits<Expected_TimeoutError, TimeoutError>
export type TimeoutError_2 = Fits<Statics<typeof Expected_TimeoutError>, Statics<typeof TimeoutError>>
export type TimeoutError_3 = Accepts<ConstructorParameters<typeof TimeoutError>, ConstructorParameters<typeof Expected_TimeoutError>>

// PostgresLogMessage
declare class Expected_PostgresLogMessage { readonly severity: string; readonly sqlstate: string; readonly message: string }
export type PostgresLogMessage_1 = Fits<Expected_PostgresLogMessage, PostgresLogMessage>
export type PostgresLogMessage_2 = Fits<Statics<typeof Expected_PostgresLogMessage>, Statics<typeof PostgresLogMessage>>
export type PostgresLogMessage_3 = Accepts<ConstructorParameters<typeof PostgresLogMessage>, ConstructorParameters<typeof Expected_PostgresLogMessage>>

// errors
declare const Expected_errors: { readonly [className: string]: Function }
export type errors_1 = Accepts<typeof Expected_errors, typeof errors>
