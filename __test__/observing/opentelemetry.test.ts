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
import { connect, Interval, Range } from '../../index.ts'
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

test.serial('whatever a body throws, the span of its transaction is ended', async (t) => {
  const { spans } = bench(t, { operations: ['transaction'] })
  const connection = await open(t)
  const trap = (): never => {
    throw new Error('a trap')
  }
  const get = (_target: object, name: unknown) => (name === 'then' ? undefined : trap())
  const hostile = new Proxy({}, { get, getPrototypeOf: trap })
  for (const thrown of [Object.create(null), null, Symbol('sign'), hostile]) {
    await reason(
      connection.transaction(() => {
        throw thrown
      }),
    )
  }
  t.deepEqual(
    spans().map(({ attributes, status }) => [attributes['error.type'], status.code]),
    Array.from({ length: 4 }, () => ['_OTHER', SpanStatusCode.ERROR]),
  )
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

test.serial('COPY is told by its table as it was given, and counts', async (t) => {
  const { span, spans, durations } = bench(t, { operations: ['copy'] })
  const connection = await open(t)
  await connection.execute('create temp table "Copied" (n int)')
  await connection.copyToTable('Copied', { source: { text: '1\n2\n' } })
  await connection.copyRecordsToTable('Copied', { records: [[1]], schema: 'pg_temp' })
  await connection.copyFromTable('Copied', { output: () => {} })
  await connection.copyFromQuery('select n from "Copied"', [], { output: () => {} })
  t.deepEqual(
    spans().map(({ name, attributes }) => [
      name,
      attributes['db.query.summary'],
      attributes['db.collection.name'],
    ]),
    [
      ['COPY Copied', 'COPY Copied', 'Copied'],
      ['COPY pg_temp.Copied', 'COPY pg_temp.Copied', 'pg_temp.Copied'],
      ['COPY Copied', 'COPY Copied', 'Copied'],
      ['COPY select "Copied"', 'COPY select "Copied"', undefined],
    ],
  )
  t.is(span('COPY pg_temp.Copied').attributes['db.operation.name'], 'COPY')
  const points = await durations()
  t.deepEqual(
    points.map(({ attributes, count }) => [attributes['db.collection.name'], count]),
    [
      ['Copied', 2],
      ['pg_temp.Copied', 1],
      [undefined, 1],
    ],
  )
})

test.serial('a procedure is told by its name', async (t) => {
  const { span } = bench(t, { operations: ['query'] })
  const connection = await open(t)
  await connection.execute('create procedure pg_temp.work(n int) language sql as $$ select 1 $$')
  await connection.execute('call pg_temp.work($1)', [1])
  t.is(span('call pg_temp.work').attributes['db.stored_procedure.name'], 'pg_temp.work')
})

test.serial('how many rows a call gave is told where that was asked for, and nowhere else', async (t) => {
  const silent = bench(t, { operations: ['query', 'batch'] })
  const { spans } = bench(t, { operations: ['query', 'batch'], returnedRows: true })
  const connection = await open(t)
  const many = 'select array[n, n] from generate_series(1, $1::int) n'
  await connection.fetch(many, [3])
  await connection.query(many, [2])
  await connection.fetchRow(many, [2])
  await connection.fetchRow(many, [0])
  await connection.fetchValue(many, [2])
  await connection.fetchValue(many, [0])
  await connection.execute(many, [2])
  await connection.fetchMany(many, [[2], [3]])
  await connection.executeMany(many, [[2], [3]])
  const statement = await connection.prepare(many)
  await statement.fetch([4])
  await reason(connection.fetch('select 1/0'))
  const rows = (span: ReadableSpan) => span.attributes['db.response.returned_rows']
  const none = undefined
  t.deepEqual(spans().map(rows), [3, 2, 1, 0, 1, none, none, 5, none, 4, none])
  t.deepEqual(
    silent.spans().map(rows),
    Array.from({ length: 11 }, () => none),
  )
})

test.serial('arguments are told where that was asked for, in words whatever they are', async (t) => {
  const { spans } = bench(t, { operations: ['query', 'batch'], queryParameters: true })
  const connection = await open(t)
  const types = [
    'text',
    'int',
    'int8',
    'text',
    'timestamptz',
    'bytea',
    'jsonb',
    'int[]',
    'interval',
    'int4range',
  ]
  const args = [
    'a',
    1,
    2n,
    null,
    new Date(0),
    Buffer.from('ab'),
    { a: [1] },
    [1, 2],
    new Interval({ days: 1 }),
    new Range(1, 2),
  ]
  await connection.fetch(`select ${types.map((type, index) => `$${index + 1}::${type}`)}`, args)
  await reason(
    connection.fetch('select $1::jsonb', [
      {
        toJSON: () => {
          throw new Error('its own')
        },
      },
    ]),
  )
  await connection.fetchMany('select $1::int', [[1], [2]])
  const parameters = spans().map(({ attributes }) =>
    Object.entries(attributes).filter(([name]) => name.startsWith('db.query.parameter.')),
  )
  const words = [
    'a',
    '1',
    '2',
    'null',
    '1970-01-01T00:00:00.000Z',
    '\\x6162',
    '{"a":[1]}',
    '[1,2]',
    'P1D',
    '[1,2)',
  ]
  t.deepEqual(parameters, [
    words.map((word, index) => [`db.query.parameter.${index}`, word]),
    [['db.query.parameter.0', '(object)']],
    [],
  ])
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
