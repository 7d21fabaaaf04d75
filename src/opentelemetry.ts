/** Spans and metrics of OpenTelemetry for a program that uses cornac: `cornac/opentelemetry`. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel'
import {
  type Attributes,
  context,
  defaultTextMapSetter,
  diag,
  type Histogram,
  type MeterProvider,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { describe, describeError } from './opentelemetry/describe.ts'
import { parameterAttributes } from './opentelemetry/parameters.ts'
import { PoolMetrics } from './opentelemetry/pool-metrics.ts'
import { readQueryText } from './opentelemetry/query-text.ts'
import { sqlComment } from './opentelemetry/sql-comment.ts'
import { now } from './timers.ts'
import type { TracedOperation, TraceMessage } from './tracing.ts'
import { wordsOf } from './words-of.ts'

export type { TraceAttributes, TracedOperation, TraceMessage } from './tracing.ts'

/** What {@link instrument} takes. */
export interface InstrumentOptions {
  /** Default: the global one, which may be set later. */
  tracerProvider?: TracerProvider | undefined
  /** Default: the global one at the time of the call. */
  meterProvider?: MeterProvider | undefined
  /** What spans are made of. Default: all but `pool:connect` and `pool:release`. */
  operations?: readonly TracedOperation[] | undefined
  /** Whether pools are measured, whatever `operations` says. Default true. */
  pools?: boolean | undefined
  /** Makes spans only within others. Default false. */
  requireParentSpan?: boolean | undefined
  /**
   * The text of a query in its span: `masked` has `?` for its literals and no comments, `whole` is as it was given, `none`
   * leaves it out. Default `masked`.
   */
  queryText?: 'masked' | 'whole' | 'none' | undefined
  /**
   * Tells the arguments of queries in their spans, which may be secrets: `$1` is `db.query.parameter.0`. Those of batches
   * are never told. Default false.
   */
  queryParameters?: boolean | undefined
  /**
   * Sends the context of each sampled span as a comment behind its query, by the rules of SQL commenter, so that it is in
   * the server's log: `/*traceparent='00-…'*\/`. A propagator says what the context is; `true` is the global one.
   * Texts that have a comment are left alone. No cached statement is used for such a call: the server parses its text again.
   * Default false.
   */
  sqlCommenter?: boolean | TextMapPropagator | undefined
  /** Tells how many rows a query or a batch gave, as `db.response.returned_rows` of its span. Default false. */
  returnedRows?: boolean | undefined
  /** Is called with each span that begins, for attributes of your own. */
  requestHook?: ((span: Span, message: TraceMessage) => void) | undefined
  /** Is called with each span that is about to end; `message` has the result or the error, and for queries the times. */
  responseHook?: ((span: Span, message: TraceMessage) => void) | undefined
}

/** What {@link instrument} gives. */
export interface Instrumentation extends Disposable {
  /** No further spans are made, and no pool is measured. Spans that have begun are ended. */
  stop(): void
}

const OPERATIONS: readonly TracedOperation[] = [
  'query',
  'prepare',
  'batch',
  'copy',
  'connect',
  'transaction',
  'pool:acquire',
]

/** What `db.client.operation.duration` counts. */
const MEASURED: ReadonlySet<TracedOperation> = new Set(['query', 'prepare', 'batch', 'copy'])

/** Seconds, as the conventions advise. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

const NAME = 'cornac'

/** The span of an operation that is on its way. */
interface Open {
  readonly span: Span | undefined
  /** The attributes that metrics have too. */
  readonly attributes: Attributes
  readonly start: number
  hasFailed: boolean
}

/** The transaction that a body runs in, and the span that was active when it began. */
interface Around {
  readonly span: Span
  readonly active: Span | undefined
}

/**
 * Makes spans of what every connection and pool of this process does, and the histogram `db.client.operation.duration`, by
 * OpenTelemetry's stable conventions for database clients; for pools the metrics `db.client.connection.…` of its conventions
 * for connections. `@opentelemetry/api` is to be installed beside.
 *
 * A span is a child of the span that is active when the call is made; within the body of a transaction it is a child of the
 * transaction's.
 *
 * ```ts no-run
 * import { instrument } from 'cornac/opentelemetry'
 *
 * const instrumentation = instrument({ requireParentSpan: true })
 * instrumentation.stop()
 * ```
 *
 * @throws TypeError for an option that cannot be.
 */
export function instrument(options: InstrumentOptions = {}): Instrumentation {
  return new Subscriptions(options)
}

class Subscriptions implements Instrumentation {
  readonly #options: InstrumentOptions
  readonly #tracer: Tracer
  readonly #duration: Histogram
  readonly #around = new AsyncLocalStorage<Around | undefined>()
  readonly #open = new Map<TraceMessage, Open>()
  readonly #stops: (() => void)[] = []

  constructor(options: InstrumentOptions) {
    this.#options = options
    const { operations = OPERATIONS, queryText = 'masked' } = options
    if (!['masked', 'whole', 'none'].includes(queryText)) {
      throw new TypeError(`queryText must be 'masked', 'whole' or 'none'`)
    }
    this.#tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(NAME)
    const meter = (options.meterProvider ?? metrics.getMeterProvider()).getMeter(NAME)
    this.#duration = meter.createHistogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    })
    for (const operation of operations) this.#subscribe(operation)
    if (options.pools === false) return
    const pools = new PoolMetrics(meter)
    this.#stops.push(() => pools.stop())
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
    for (const { span } of this.#open.values()) span?.end()
    this.#open.clear()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #subscribe(operation: TracedOperation): void {
    const channel = tracingChannel<unknown, TraceMessage>(`cornac:${operation}`)
    const subscribers: TracingChannelSubscribers<TraceMessage> = {
      start: (message) => void this.#begin(operation, message),
      end: (message) => {
        // One that fails before it gives a promise has no other end.
        if (this.#open.get(message)?.hasFailed) this.#end(operation, message)
      },
      asyncStart: () => {},
      asyncEnd: (message) => this.#end(operation, message),
      error: (message) => {
        const open = this.#open.get(message)
        if (open !== undefined) open.hasFailed = true
      },
    }
    channel.subscribe(subscribers)
    this.#stops.push(() => void channel.unsubscribe(subscribers))
    if (operation !== 'transaction') return
    // Within the body of a transaction.
    const bind = (message: TraceMessage): Around | undefined => {
      const { span } = this.#begin(operation, message)
      return span === undefined ? this.#around.getStore() : { span, active: trace.getActiveSpan() }
    }
    channel.start.bindStore(this.#around as AsyncLocalStorage<any>, bind as any)
    this.#stops.push(() => void channel.start.unbindStore(this.#around as AsyncLocalStorage<any>))
  }

  /** Once for each message: what is bound to a start runs before what is subscribed to it, and not always. */
  #begin(operation: TracedOperation, message: TraceMessage): Open {
    const begun = this.#open.get(message)
    if (begun !== undefined) return begun
    const { name, attributes, text } = describe(operation, message)
    const open: Open = {
      span: this.#span(operation, name, text, attributes, message.args),
      attributes,
      start: now(),
      hasFailed: false,
    }
    this.#open.set(message, open)
    if (open.span !== undefined) {
      if (operation === 'query' && this.#options.sqlCommenter) this.#hook(this.#comment, open.span, message)
      this.#hook(this.#options.requestHook, open.span, message)
    }
    return open
  }

  #span(
    operation: TracedOperation,
    name: string,
    text: string | undefined,
    attributes: Attributes,
    args: readonly unknown[] | undefined,
  ): Span | undefined {
    const active = trace.getActiveSpan()
    const around = this.#around.getStore()
    if (this.#options.requireParentSpan && active === undefined && around === undefined) return undefined
    // A span that the program has begun within the body is nearer.
    const isInner = around !== undefined && around.active === active
    const parent = isInner ? trace.setSpan(context.active(), around.span) : context.active()
    const shown = this.#shown(text)
    const all = {
      ...attributes,
      ...(shown === undefined ? {} : { 'db.query.text': shown }),
      ...(this.#options.queryParameters ? parameterAttributes(args) : {}),
    }
    const kind = isLocal(operation) ? SpanKind.INTERNAL : SpanKind.CLIENT
    return this.#tracer.startSpan(name, { kind, attributes: all }, parent)
  }

  readonly #comment = (span: Span, message: TraceMessage): void => {
    if (message.isInternal || !(span.spanContext().traceFlags & TraceFlags.SAMPLED)) return
    const { sqlCommenter } = this.#options
    const propagator = typeof sqlCommenter === 'object' ? sqlCommenter : propagation
    const comment = sqlComment(message.attributes['db.query.text'] ?? '', (carrier) =>
      propagator.inject(trace.setSpan(context.active(), span), carrier, defaultTextMapSetter),
    )
    if (comment !== undefined) message.comment = comment
  }

  /** What a hook, or a propagator, throws would end the process, thrown in a subscriber. */
  #hook(hook: InstrumentOptions['requestHook'], span: Span, message: TraceMessage): void {
    try {
      hook?.(span, message)
    } catch (error) {
      diag.error('cornac/opentelemetry: a hook failed', error)
    }
  }

  #shown(text: string | undefined): string | undefined {
    const { queryText = 'masked' } = this.#options
    if (text === undefined || queryText === 'none') return undefined
    return queryText === 'whole' ? text : readQueryText(text).masked
  }

  #end(operation: TracedOperation, message: TraceMessage): void {
    const open = this.#open.get(message)
    if (open === undefined) return
    this.#open.delete(message)
    const { span, hasFailed, start } = open
    const outcome: Attributes = hasFailed ? describeError(message.error) : {}
    if (operation === 'connect') {
      // It is known now which of several hosts it was.
      const { 'server.address': address, 'server.port': port } = message.attributes
      Object.assign(outcome, address && { 'server.address': address }, port && { 'server.port': port })
    }
    if (MEASURED.has(operation)) {
      this.#duration.record((now() - start) / 1_000, { ...open.attributes, ...outcome })
    }
    if (span === undefined) return
    span.setAttributes(outcome)
    const rows = message.attributes['db.response.returned_rows']
    if (rows !== undefined && this.#options.returnedRows) span.setAttribute('db.response.returned_rows', rows)
    if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR, message: wordsOf(message.error) })
    this.#hook(this.#options.responseHook, span, message)
    span.end()
  }
}

function isLocal(operation: TracedOperation): boolean {
  return operation.startsWith('pool:')
}
