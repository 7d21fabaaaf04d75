/** PostgreSQL for Node.js services whose event loop is the bottleneck. */

export type { Args, CallOptions } from './src/call-options.ts'
export type {
  AuthMethod,
  ConnectOptions,
  RequireAuth,
  SslMode,
  TargetSessionAttrs,
  TlsOptions,
  TypeOptions,
} from './src/config/connect-options.ts'
export { connect } from './src/connect.ts'
export {
  Connection,
  type ConnectionClass,
  type NotificationListener,
  type QueryLogRecord,
  type Transaction,
} from './src/connection.ts'
export type {
  CopyCallOptions,
  CopyFormat,
  CopyFromOptions,
  CopyFromTableOptions,
  CopyOutput,
  CopyRecordsOptions,
  CopySource,
  CopyToOptions,
} from './src/copy/options.ts'
export type { CopyProgress } from './src/copy/progress.ts'
export { createPool } from './src/create-pool.ts'
export type { Cursor, CursorFactory, CursorOptions } from './src/cursor.ts'
export * from './src/errors/index.ts'
export type { FetchOptions } from './src/fetch-options.ts'
export type { Notification, NotificationOptions, NotificationStream } from './src/notifications.ts'
export type { LoggedOperation, LogRecord } from './src/observer.ts'
export type { PoolConnection } from './src/pool/lease.ts'
export { Pool, type PoolTransactionOptions } from './src/pool/pool.ts'
export type { PoolOptions } from './src/pool/pool-options.ts'
export type { PoolStats } from './src/pool/pool-stats.ts'
export type { ExplainOptions, PreparedStatement, PrepareOptions } from './src/prepared-statement.ts'
export type { QueryResult, ResultColumn } from './src/query-result.ts'
export { Queryable } from './src/queryable.ts'
export { type SqlPart, type SqlQuery, sql } from './src/sql.ts'
export type { TraceAttributes, TracedOperation, TraceMessage } from './src/tracing.ts'
export type { TransactionState } from './src/transaction-misuse.ts'
export type { Isolation, TransactionOptions } from './src/transaction-options.ts'
export type { Awaitable } from './src/types/awaitable.ts'
export { BitString } from './src/types/bit-string.ts'
export type { CallTiming } from './src/types/call-timing.ts'
export type { CodecInfo, ConnectionSettings } from './src/types/connection-settings.ts'
export type {
  Box,
  Circle,
  Line,
  LineSegment,
  Path,
  Point,
  Polygon,
  Snapshot,
} from './src/types/geometry.ts'
export { Interval } from './src/types/interval.ts'
export { Json, json } from './src/types/json.ts'
export { Range } from './src/types/range.ts'
export { Record, type RecordClass } from './src/types/record.ts'
export type { Row } from './src/types/row.ts'
export type { ServerVersion } from './src/types/server-version.ts'
export type { TypeCodec } from './src/types/type-codec.ts'
export type { Attribute, TypeInfo } from './src/types/type-info.ts'
export type { QueryOptions, ValueOptions } from './src/wanted.ts'
