import { channel, type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel'
import type { Attributes, BatchObservableCallback, Histogram, Meter, Observable } from '@opentelemetry/api'
import type { PoolStats } from '../pool/pool-stats.ts'
import { type PoolReading, type PoolsMessage, READ_POOLS } from '../pool/registry.ts'
import { now } from '../timers.ts'
import type { TracedOperation, TraceMessage } from '../tracing.ts'

/** Seconds. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

const CONNECTIONS = '{connection}'

/**
 * The metrics of pools, by OpenTelemetry's conventions for connections of database clients: how many there are in which
 * state, who waits, and how long it takes to open one, to get one, and until it is given back.
 */
export class PoolMetrics {
  readonly #meter: Meter
  readonly #stops: (() => void)[] = []
  /** When what was acquired was acquired. */
  readonly #acquired = new WeakMap<object, number>()

  constructor(meter: Meter) {
    this.#meter = meter
    this.#observe()
    const wait = this.#histogram('wait_time', 'The time it took to obtain an open connection from the pool.')
    const create = this.#histogram('create_time', 'The time it took to create a new connection.')
    const use = this.#histogram('use_time', 'The time between borrowing a connection and returning it.')
    this.#time('pool:acquire', wait, ({ result }) => {
      if (typeof result === 'object' && result !== null) this.#acquired.set(result, now())
    })
    this.#time('pool:connect', create)
    this.#subscribe('pool:release', {
      start: ({ connection, attributes }) => {
        const since = connection && this.#acquired.get(connection)
        if (since !== undefined) use.record((now() - since) / 1_000, { ...attributes })
      },
    })
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  /** What stands now is asked of the pools when it is collected. */
  #observe(): void {
    const gauge = (name: string, unit: string, description: string): Observable =>
      this.#meter.createObservableUpDownCounter(`db.client.connection.${name}`, { unit, description })
    const count = gauge(
      'count',
      CONNECTIONS,
      'The number of connections that are in the state of the attribute.',
    )
    const least = gauge('idle.min', CONNECTIONS, 'The minimum number of idle open connections allowed.')
    const mostIdle = gauge('idle.max', CONNECTIONS, 'The maximum number of idle open connections allowed.')
    const most = gauge('max', CONNECTIONS, 'The maximum number of open connections allowed.')
    const pending = gauge(
      'pending_requests',
      '{request}',
      'The number of callers that wait for a connection.',
    )
    const timeouts = this.#meter.createObservableCounter('db.client.connection.timeouts', {
      unit: '{timeout}',
      description: 'The number of callers whose time was up before they got a connection.',
    })
    const callback: BatchObservableCallback = (result) => {
      for (const { name, minSize, maxSize, stats } of readings()) {
        const pool = { 'db.system.name': 'postgresql', 'db.client.connection.pool.name': name }
        const state = (state: string): Attributes => ({ ...pool, 'db.client.connection.state': state })
        result.observe(count, stats.idle, state('idle'))
        result.observe(count, stats.inUse, state('used'))
        result.observe(least, minSize, pool)
        // All of them may be idle.
        result.observe(mostIdle, maxSize, pool)
        result.observe(most, maxSize, pool)
        result.observe(pending, stats.waiting, pool)
        result.observe(timeouts, stats.timedOut, pool)
      }
    }
    const observed = [count, least, mostIdle, most, pending, timeouts]
    this.#meter.addBatchObservableCallback(callback, observed)
    this.#stops.push(() => this.#meter.removeBatchObservableCallback(callback, observed))
  }

  #histogram(name: string, description: string): Histogram {
    return this.#meter.createHistogram(`db.client.connection.${name}`, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: BUCKETS },
    })
  }

  /** Records how long an operation takes that succeeds. */
  #time(
    operation: TracedOperation,
    histogram: Histogram,
    done: (message: TraceMessage) => void = () => {},
  ): void {
    const starts = new WeakMap<TraceMessage, number>()
    this.#subscribe(operation, {
      start: (message) => void starts.set(message, now()),
      asyncEnd: (message) => {
        const start = starts.get(message)
        if (start === undefined || message.error !== undefined) return
        histogram.record((now() - start) / 1_000, { ...message.attributes })
        done(message)
      },
    })
  }

  #subscribe(operation: TracedOperation, given: Partial<TracingChannelSubscribers<TraceMessage>>): void {
    const ignore = (): void => {}
    const subscribers: TracingChannelSubscribers<TraceMessage> = {
      start: ignore,
      end: ignore,
      asyncStart: ignore,
      asyncEnd: ignore,
      error: ignore,
      ...given,
    }
    const traced = tracingChannel<unknown, TraceMessage>(`cornac:${operation}`)
    traced.subscribe(subscribers)
    this.#stops.push(() => void traced.unsubscribe(subscribers))
  }
}

/** The figures of all pools. Pools that have the same name are told as one. */
function readings(): Iterable<PoolReading> {
  const message: PoolsMessage = { pools: [] }
  channel(READ_POOLS).publish(message)
  const byName = new Map<string, PoolReading>()
  for (const one of message.pools) {
    const other = byName.get(one.name)
    byName.set(one.name, other === undefined ? one : together(one, other))
  }
  return byName.values()
}

function together(one: PoolReading, other: PoolReading): PoolReading {
  const stats: { -readonly [key in keyof PoolStats]: number } = { ...one.stats }
  for (const key of Object.keys(stats) as (keyof PoolStats)[]) stats[key] += other.stats[key]
  return {
    name: one.name,
    minSize: one.minSize + other.minSize,
    maxSize: one.maxSize + other.maxSize,
    stats,
  }
}
