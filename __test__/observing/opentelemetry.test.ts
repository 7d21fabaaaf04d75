import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import test, { type ExecutionContext } from 'ava'
import { connect } from '../../index.ts'
import { type InstrumentOptions, instrument } from '../../src/opentelemetry.ts'
import { openPool } from '../pool/open.ts'
import { open, reason } from '../query/open.ts'
import { testDatabase } from '../support/server.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

interface Bench {
  readonly spans: () => ReadableSpan[]
  readonly span: (name: string) => ReadableSpan
  readonly within: <T>(name: string, body: (span: Span) => Promise<T>) => Promise<T>
  readonly durations: () => Promise<{ attributes: Attributes; count: number }[]>
}

/** What is told until the test ends. */
function bench(t: ExecutionContext, options: InstrumentOptions = {}): Bench {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const instrumentation = instrument({ tracerProvider, meterProvider, ...options })
  t.teardown(async () => {
    instrumentation.stop()
    await meterProvider.shutdown()
  })
  const spans = () => exporter.getFinishedSpans()
  return {
    spans,
    span: (name) => {
      const found = spans().filter((span) => span.name === name)
      t.is(found.length, 1, `${name}: ${spans().map((span) => span.name)}`)
      return found[0]!
    },
    within: (name, body) =>
      tracerProvider.getTracer('test').startActiveSpan(name, (span) => body(span).finally(() => span.end())),
    durations: async () => {
      await meterProvider.forceFlush()
      const metric = metricExporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap(({ metrics }) => metrics)
        .find(({ descriptor }) => descriptor.name === 'db.client.operation.duration')
      t.is(metric?.descriptor.unit, 's')
      return (metric?.dataPoints ?? []).map(({ attributes, value }) => ({
        attributes,
        count: (value as { count: number }).count,
      }))
    },
  }
}

const parentOf = (span: ReadableSpan) => span.parentSpanContext?.spanId

test.serial('a query is a client’s span with the attributes of the conventions, and no value', async (t) => {
  const { span, durations } = bench(t)
  const { name, server } = await testDatabase()
  const connection = await open(t)
  await connection.fetch("select $1::text as a, 'literal' from pg_class limit 1", ['secret'])
  const query = span('select pg_class')
  t.is(query.kind, SpanKind.CLIENT)
  t.is(query.status.code, SpanStatusCode.UNSET)
  const place = {
    'db.system.name': 'postgresql',
    'db.namespace': name,
    'server.address': server.host,
    'server.port': server.port,
  }
  t.deepEqual(query.attributes, {
    ...place,
    'db.query.summary': 'select pg_class',
    'db.query.text': 'select $1::text as a, ? from pg_class limit ?',
  })
  t.deepEqual(span(`connect ${name}`).attributes, place)
  t.deepEqual(await durations(), [
    { attributes: { ...place, 'db.query.summary': 'select pg_class' }, count: 1 },
  ])
})

test.serial('a failure tells its SQLSTATE, or the name of what was thrown', async (t) => {
  const { span, durations } = bench(t)
  const connection = await open(t)
  await reason(connection.fetch('select 1/0 from pg_type'))
  const failed = span('select pg_type')
  t.deepEqual(failed.status, { code: SpanStatusCode.ERROR, message: 'division by zero' })
  t.is(failed.attributes['error.type'], '22012')
  t.is(failed.attributes['db.response.status_code'], '22012')
  await reason(connection.fetch('select pg_sleep(60) from pg_proc', [], { timeout: 20 }))
  t.is(span('select pg_proc').attributes['error.type'], 'TimeoutError')
  t.false('db.response.status_code' in span('select pg_proc').attributes)
  const points = await durations()
  t.deepEqual(
    points.map(({ attributes }) => attributes['error.type']),
    ['22012', 'TimeoutError'],
  )
})

test.serial(
  'what is called in the body of a transaction is within its span, which is within the active one',
  async (t) => {
    const { span, within } = bench(t)
    const { name } = await testDatabase()
    const connection = await open(t)
    let outer = ''
    let inner = ''
    await within('request', async (active) => {
      outer = active.spanContext().spanId
      await connection.transaction(async (tx) => {
        await tx.fetch('select 1 from pg_class')
        await within('work', async (work) => {
          inner = work.spanContext().spanId
          await tx.fetch('select 1 from pg_type')
        })
        await tx.transaction(async () => void (await tx.connection.fetch('select 1 from pg_proc')))
      })
      await connection.fetch('select 1 from pg_am')
    })
    const transaction = span(`BEGIN ${name}`)
    const savepoint = span(`SAVEPOINT ${name}`)
    t.is(parentOf(transaction), outer)
    t.is(parentOf(span('select pg_class')), transaction.spanContext().spanId)
    t.is(parentOf(span('select pg_type')), inner)
    t.is(parentOf(savepoint), transaction.spanContext().spanId)
    t.is(parentOf(span('select pg_proc')), savepoint.spanContext().spanId)
    t.is(parentOf(span('select pg_am')), outer)
  },
)

test.serial('a transaction that is ended by hand has a span from its start to its end', async (t) => {
  const { span, spans } = bench(t, { operations: ['transaction'] })
  const { name } = await testDatabase()
  const connection = await open(t)
  const tx = connection.transaction()
  await tx.start()
  await tx.execute('select 1')
  t.is(spans().length, 0)
  await tx.rollback()
  t.is(span(`BEGIN ${name}`).status.code, SpanStatusCode.UNSET)
  const lost = connection.transaction()
  await lost.start()
  connection.terminate()
  t.is(spans().at(-1)?.status.code, SpanStatusCode.ERROR)
})

test.serial('batches and prepared statements have names of their own', async (t) => {
  const { span } = bench(t)
  const connection = await open(t)
  await connection.execute('create temp table batched (n int)')
  await connection.executeMany('insert into batched values ($1)', [[1], [2]])
  const batch = span('BATCH insert batched')
  t.is(batch.attributes['db.operation.batch.size'], 2)
  await connection.executeMany('insert into batched values ($1 + 1)', [[1]])
  t.false('db.operation.batch.size' in span('insert batched').attributes)
  const statement = await connection.prepare('select * from batched')
  t.is(span('PREPARE select batched').attributes['db.operation.name'], 'PREPARE')
  await statement.fetch()
  span('select batched')
})

test.serial('COPY is told by its table, and counts', async (t) => {
  const { span, durations } = bench(t, { operations: ['copy'] })
  const connection = await open(t)
  await connection.execute('create temp table copied (n int)')
  await connection.copyToTable('copied', { source: { text: '1\n2\n' } })
  t.is(span('COPY "copied"').attributes['db.operation.name'], 'COPY')
  const [point] = await durations()
  t.is(point?.count, 1)
})

test.serial('an acquire from a pool is a local span', async (t) => {
  const { spans } = bench(t, { operations: ['pool:acquire'] })
  const pool = await openPool(t)
  await pool.withConnection((connection) => connection.fetch('select 1'))
  const [acquire] = spans()
  t.is(acquire?.kind, SpanKind.INTERNAL)
  t.true(acquire?.name.startsWith('pool:acquire '))
})

test.serial(
  'options choose what is told, hooks add to it, and a hook that throws harms nothing',
  async (t) => {
    const seen: unknown[] = []
    const { spans, within } = bench(t, {
      operations: ['query'],
      requireParentSpan: true,
      queryText: 'whole',
      requestHook: (span, { args }) => {
        span.setAttribute('args', String(args))
        throw new Error('from the hook')
      },
      responseHook: (_span, message) => {
        seen.push(message.result, typeof message.timing?.complete)
        throw new Error('from the hook')
      },
    })
    const connection = await open(t)
    await connection.fetch('select 1')
    t.is(spans().length, 0)
    await within('request', () => connection.fetchValue("select 'x' || $1", ['y']))
    const [query] = spans()
    t.is(query?.attributes['db.query.text'], "select 'x' || $1")
    t.is(query?.attributes.args, 'y')
    t.deepEqual(seen, ['xy', 'number'])
    t.throws(() => instrument({ queryText: 'all' as any }), { instanceOf: TypeError })
  },
)

test.serial('queryText: none leaves the text out', async (t) => {
  const { spans } = bench(t, { operations: ['query'], queryText: 'none' })
  const connection = await open(t)
  await connection.fetch('select 1')
  t.false('db.query.text' in spans()[0]!.attributes)
})

test.serial('after stop() nothing is told, and what had begun is ended', async (t) => {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const connection = await open(t)
  const instrumentation = instrument({ tracerProvider })
  const running = connection.fetch('select pg_sleep(0.05)')
  instrumentation[Symbol.dispose]()
  t.is(exporter.getFinishedSpans().length, 1)
  await running
  await connection.fetch('select 1')
  t.is(exporter.getFinishedSpans().length, 1)
})

test.serial('a connect that fails tells why, and one with several hosts where it led', async (t) => {
  const { spans } = bench(t, { operations: ['connect'] })
  const database = await testDatabase()
  const { host, port } = database.server
  await reason(connect(database.dsn(), { host: '127.0.0.1', port: 1 }))
  t.is(spans()[0]?.status.code, SpanStatusCode.ERROR)
  t.is(spans()[0]?.attributes['error.type'], '08006')
  const connection = await connect(database.dsn(), { host: ['127.0.0.1', host], port: [1, port] })
  t.teardown(() => connection.terminate())
  t.is(spans()[1]?.attributes['server.port'], port)
  t.is(trace.getActiveSpan(), undefined)
})
