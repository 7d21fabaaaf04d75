// The metrics of pools, by OpenTelemetry's conventions for connections.

import type { Attributes } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import test, { type ExecutionContext } from 'ava'
import { createPool } from '../../index.ts'
import { type InstrumentOptions, instrument } from '../../src/opentelemetry.ts'
import { openPool } from '../pool/open.ts'
import { reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

interface Bench {
  /** The values of a metric now, by the state of the attribute where it has one. */
  readonly read: (name: string) => Promise<Record<string, unknown>>
  readonly find: (name: string) => Promise<MetricData | undefined>
  readonly stop: () => void
}

function bench(t: ExecutionContext, options: InstrumentOptions = {}): Bench {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const instrumentation = instrument({ meterProvider, ...options })
  t.teardown(async () => {
    instrumentation.stop()
    await meterProvider.shutdown()
  })
  const find = async (name: string): Promise<MetricData | undefined> => {
    await meterProvider.forceFlush()
    const metrics = exporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(({ metrics }) => metrics)
    return metrics?.find(({ descriptor }) => descriptor.name === `db.client.connection.${name}`)
  }
  return {
    find,
    read: async (name) => {
      const metric = await find(name)
      const points = metric?.dataPoints ?? []
      const keyOf = (attributes: Attributes): string =>
        String(attributes['db.client.connection.state'] ?? attributes['db.client.connection.pool.name'])
      return Object.fromEntries(points.map(({ attributes, value }) => [keyOf(attributes), value]))
    },
    stop: () => instrumentation.stop(),
  }
}

/** The name of pools of this file's database. */
async function poolName(): Promise<string> {
  const { name, server } = await testDatabase()
  return `${server.host}:${server.port}/${name}`
}

const countOf = (histogram: unknown): number => (histogram as { count: number } | undefined)?.count ?? 0

test.serial('connections are counted by their state, whenever the pool was made', async (t) => {
  const name = await poolName()
  const before = await openPool(t, { minSize: 2, maxSize: 3 })
  const { read, find } = bench(t)
  t.deepEqual(await read('count'), { idle: 2, used: 0 })
  const held = await before.acquire()
  t.deepEqual(await read('count'), { idle: 1, used: 1 })
  t.deepEqual(await read('max'), { [name]: 3 })
  t.deepEqual(await read('idle.min'), { [name]: 2 })
  t.deepEqual(await read('idle.max'), { [name]: 3 })
  // Two pools of the same name are told as one.
  const after = await openPool(t, { minSize: 1, maxSize: 4 })
  t.deepEqual(await read('count'), { idle: 2, used: 1 })
  t.deepEqual(await read('max'), { [name]: 7 })
  await held.release()
  await after.close()
  t.deepEqual(await read('count'), { idle: 2, used: 0 })
  const count = await find('count')
  t.is(count?.descriptor.unit, '{connection}')
  t.deepEqual(count?.dataPoints[0]?.attributes, {
    'db.system.name': 'postgresql',
    'db.client.connection.pool.name': name,
    'db.client.connection.state': 'idle',
  })
  const last = await openPool(t, { minSize: 1 })
  await before.close()
  t.deepEqual(await read('count'), { idle: 1, used: 0 })
  await last.close()
})

test.serial('callers that wait, and those that wait too long, are counted', async (t) => {
  const name = await poolName()
  const { read } = bench(t)
  const pool = await openPool(t, { maxSize: 1 })
  const held = await pool.acquire()
  const waiting = [pool.acquire(), pool.fetchValue('select 1')]
  t.deepEqual(await read('pending_requests'), { [name]: 2 })
  await reason(pool.acquire({ timeout: 1 }))
  t.deepEqual(await read('timeouts'), { [name]: 1 })
  await held.release()
  await (await (waiting[0] as ReturnType<typeof pool.acquire>)).release()
  await waiting[1]
  t.deepEqual(await read('pending_requests'), { [name]: 0 })
  await pool.close()
})

test.serial(
  'how long it takes to open a connection, to get one and to give it back is told in seconds',
  async (t) => {
    const name = await poolName()
    const { read, find } = bench(t)
    const pool = await openPool(t, { minSize: 2, maxSize: 2 })
    t.is(countOf((await read('create_time'))[name]), 2)
    await pool.withConnection((connection) => connection.fetch('select pg_sleep(0.1)'))
    t.is(countOf((await read('wait_time'))[name]), 1)
    const use = (await read('use_time'))[name] as { count: number; sum: number }
    t.is(use.count, 1)
    t.true(use.sum >= 0.1 && use.sum < 60, String(use.sum))
    t.is((await find('use_time'))?.descriptor.unit, 's')
    // A call that shares a connection waits only when there is none.
    await pool.fetchValue('select 1')
    t.is(countOf((await read('wait_time'))[name]), 1)
    const held = [await pool.acquire(), await pool.acquire()]
    const call = pool.fetchValue('select 1')
    for (const connection of held) await connection.release()
    await call
    t.is(countOf((await read('wait_time'))[name]), 4)
    // What fails has no duration.
    const failing = await reason(createPool({ host: '127.0.0.1', port: 1, user: 'u', database: 'd' }))
    t.true(failing instanceof Error)
    t.deepEqual(Object.keys(await read('create_time')), [name])
    await pool.close()
  },
)

test.serial('pools: false measures none, and neither is any measured after stop()', async (t) => {
  const quiet = bench(t, { pools: false })
  const { find, stop } = bench(t)
  const pool = await openPool(t)
  t.is(await quiet.find('count'), undefined)
  t.is((await find('count'))?.dataPoints.length, 2)
  stop()
  await pool.withConnection((connection) => connection.fetch('select 1'))
  t.is(countOf((await find('use_time'))?.dataPoints[0]?.value), 0)
  await pool.close()
})
