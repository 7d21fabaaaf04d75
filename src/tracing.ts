import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import type { CallTiming } from './types/call-timing.ts'

/** What is traced: each has the tracing channel `cornac:` and its name. */
export type TracedOperation =
  | 'query'
  | 'prepare'
  | 'batch'
  | 'copy'
  | 'connect'
  | 'transaction'
  | 'pool:connect'
  | 'pool:acquire'
  | 'pool:release'

/**
 * What an operation is, in the names of OpenTelemetry's conventions for database clients (the stable ones of 1.45).
 * The values of arguments are never among them.
 */
export interface TraceAttributes {
  /** Always `postgresql`. */
  'db.system.name': 'postgresql'
  /** The database. */
  'db.namespace'?: string
  /** The host as it was given, or the file of a socket; while connecting only when there is one host. */
  'server.address'?: string
  /** Not for a socket. */
  'server.port'?: number
  /** The text as it was given, with `$1` for its arguments. Literals in it are the caller's. */
  'db.query.text'?: string
  /** `COPY`, or for a transaction `BEGIN` or `SAVEPOINT`. */
  'db.operation.name'?: string
  /** The name of the table of a COPY as it was given, with its schema if that was given. */
  'db.collection.name'?: string
  /** How many sets of arguments a batch has; not told for a source that is read on the way. */
  'db.operation.batch.size'?: number
  /**
   * How many rows a query or a batch gave, once it has: a call that gives one row or one value gave one. Not of `execute`,
   * of a cursor, or where the value is NULL or there is no row, which `fetchValue` does not tell apart.
   */
  'db.response.returned_rows'?: number
  /** The hosts and the database of a pool, as `host:port/database`. */
  'db.client.connection.pool.name'?: string
}

/** What the subscribers of a tracing channel get: one object for all events of an operation. */
export interface TraceMessage<C = object> {
  /** What it is, in the names of OpenTelemetry's conventions. */
  readonly attributes: TraceAttributes
  /** Not while connecting, and not while a pool is asked for one. */
  readonly connection: C | undefined
  /** The arguments of a query, which may be secrets. */
  readonly args: readonly unknown[] | undefined
  /** Milliseconds, `null` for no limit. */
  readonly timeout: number | null
  /** The driver asks this for itself. */
  readonly isInternal: boolean
  /**
   * What a subscriber of `start` wants to have in the server's log with a query: it is sent as a comment behind the text. No
   * cached statement is used then, so that the server parses the text again. Batches, COPY, prepared statements, cursors and
   * what begins a transaction are sent without it. A text that could end the comment early is not sent, and goes to
   * `onCallbackError` as an InterfaceError.
   */
  comment?: string
  /** How long each part took, of a query, a statement, a batch or a COPY that the server has answered. */
  timing?: CallTiming
  /** What it gave, once it has. */
  result?: unknown
  /** Why it failed, if it did. */
  error?: unknown
}

type Channel = TracingChannel<unknown, TraceMessage>

/** Made when an operation first asks: whoever subscribed by the name before is subscribed to it. */
const channels: { [operation in TracedOperation]: Channel | undefined } = {
  query: undefined,
  prepare: undefined,
  batch: undefined,
  copy: undefined,
  connect: undefined,
  transaction: undefined,
  'pool:connect': undefined,
  'pool:acquire': undefined,
  'pool:release': undefined,
}

function channel(operation: TracedOperation): Channel {
  const made = channels[operation] ?? tracingChannel<unknown, TraceMessage>(`cornac:${operation}`)
  channels[operation] = made
  return made
}

/** Whether somebody subscribes to the channel of an operation. No message is made where nobody does. */
export function isTraced(operation: TracedOperation): boolean {
  return channel(operation).hasSubscribers
}

/**
 * Runs an operation and tells the subscribers of its channel of its start and its end, as `TracingChannel.tracePromise()`
 * does, which would hide from stacks who awaits it.
 *
 * @param rowsOf tells how many rows a result has, where that can be told.
 */
export function trace<T>(
  operation: TracedOperation,
  message: TraceMessage,
  run: () => Promise<T>,
  rowsOf?: (result: T) => number | undefined,
): Promise<T> {
  const { start, end } = channel(operation)
  return start.runStores(message, () => {
    try {
      return follow(operation, message, run, rowsOf)
    } finally {
      end.publish(message)
    }
  })
}

async function follow<T>(
  operation: TracedOperation,
  message: TraceMessage,
  run: () => Promise<T>,
  rowsOf: ((result: T) => number | undefined) | undefined,
): Promise<T> {
  try {
    const result = await run()
    message.result = result
    const rows = rowsOf?.(result)
    if (rows !== undefined) message.attributes['db.response.returned_rows'] = rows
    tellEnd(operation, message)
    return result
  } catch (error) {
    message.error = error
    channel(operation).error.publish(message)
    tellEnd(operation, message)
    throw error
  }
}

/** Tells that it has ended. */
function tellEnd(operation: TracedOperation, message: TraceMessage): void {
  const { asyncStart, asyncEnd } = channel(operation)
  asyncStart.publish(message)
  asyncEnd.publish(message)
}

/**
 * An operation that ends elsewhere than it begins. Tells its beginning; what is given tells its end, once, with the
 * error if it failed.
 */
export function traceOpen(operation: TracedOperation, message: TraceMessage): (error?: unknown) => void {
  const { start, end, error: failed } = channel(operation)
  start.publish(message)
  end.publish(message)
  let isOver = false
  return (error) => {
    if (isOver) return
    isOver = true
    if (error !== undefined) {
      message.error = error
      failed.publish(message)
    }
    tellEnd(operation, message)
  }
}
