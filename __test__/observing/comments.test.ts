// Comments behind the texts of queries: the way of a trace into the server's log.

import { tracingChannel } from 'node:diagnostics_channel'
import {
  context,
  propagation,
  type Span,
  type TextMapPropagator,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import test, { type ExecutionContext } from 'ava'
import { type Connection, InterfaceError, type TraceMessage } from '../../index.ts'
import { sqlComment } from '../../src/opentelemetry/sql-comment.ts'
import { type InstrumentOptions, instrument } from '../../src/opentelemetry.ts'
import { openPool } from '../pool/open.ts'
import { open, preparedTexts, reason } from '../query/open.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** As W3C has it. */
const traceparent: TextMapPropagator = {
  inject(context, carrier, setter) {
    const { traceId, spanId, traceFlags } = trace.getSpanContext(context)!
    setter.set(carrier, 'traceparent', `00-${traceId}-${spanId}-0${traceFlags}`)
  },
  extract: (context) => context,
  fields: () => ['traceparent'],
}

/** What the server has as the text of the call that asks for it. */
const RUNNING = "select query from pg_stat_activity where pid = pg_backend_pid() and $1 = 'x'"

/** Every query of the connection gets the comment, until the test ends. */
function comment(t: ExecutionContext, comment: unknown): void {
  const start = (message: unknown): void => {
    ;(message as { comment: unknown }).comment = comment
  }
  const channel = tracingChannel<unknown, TraceMessage>('cornac:query').start
  channel.subscribe(start)
  t.teardown(() => channel.unsubscribe(start))
}

function instrumented(
  t: ExecutionContext,
  options: InstrumentOptions,
  tracer = new BasicTracerProvider(),
): void {
  const instrumentation = instrument({ tracerProvider: tracer, ...options })
  t.teardown(() => instrumentation.stop())
}

test.serial('a comment is sent behind the text, and no cached statement knows of it', async (t) => {
  const connection = await open(t)
  t.is(await connection.fetchValue(RUNNING, ['x']), RUNNING)
  comment(t, 'a')
  for (let times = 0; times < 3; times++)
    t.is(await connection.fetchValue(RUNNING, ['x']), `${RUNNING} /*a*/`)
  const another = await connection.query<{ query: string }>(`${RUNNING} `, ['x'])
  t.is(another.rows[0]?.query, `${RUNNING}  /*a*/`)
  t.deepEqual(
    (await preparedTexts(connection)).filter((text) => text.includes('/*')),
    [],
  )
  t.true((await preparedTexts(connection)).includes(RUNNING))
})

test.serial('it is sent with every kind of call that has a text of its own', async (t) => {
  const connection = await open(t)
  await connection.execute('create table commented (text text)')
  const write = 'insert into commented select query from pg_stat_activity where pid = pg_backend_pid()'
  comment(t, 'b')
  await connection.execute(write)
  await connection.execute(`${write} and $1`, [true])
  const pool = await openPool(t)
  await pool.execute(`${write} and $1`, [true])
  t.is(await pool.fetchValue(RUNNING, ['x']), `${RUNNING} /*b*/`)
  await connection.transaction(async (tx) => {
    t.is(await tx.fetchValue(RUNNING, ['x']), `${RUNNING} /*b*/`)
    t.is((await tx.fetchRow<{ query: string }>(RUNNING, ['x']))?.query, `${RUNNING} /*b*/`)
  })
  const texts = await connection.fetch<{ text: string }>('select text from commented order by text')
  t.deepEqual(
    texts.map(({ text }) => text),
    [`${write} /*b*/`, `${write} and $1 /*b*/`, `${write} and $1 /*b*/`],
  )
})

test.serial('an error is that of the text without it', async (t) => {
  const connection = await open(t)
  comment(t, 'c')
  const error = await reason(connection.fetch('select nothing, $1::int', [1]))
  t.is(error.query, 'select nothing, $1::int')
  t.is(error.excerpt(), 'LINE 1: select nothing, $1::int\n               ^')
})

test.serial('a type of a column that changes is met with a comment as without', async (t) => {
  const [connection, owner] = [await open(t), await open(t)]
  await owner.execute('create table shifting (a int); insert into shifting values (1)')
  comment(t, 'd')
  const sql = 'select a from shifting where a = $1'
  t.is(await connection.fetchValue(sql, [1]), 1)
  await owner.execute("alter table shifting alter column a type text using 'one'")
  t.is(await connection.fetchValue(sql, ['one']), 'one')
  await owner.execute('alter table shifting alter column a type int using 1')
  t.is(await connection.fetchValue(sql, [1]), 1)
})

test.serial('what cannot be a comment is not sent, and told to who is told of callbacks', async (t) => {
  const told: unknown[] = []
  const connection = await open(t, { onCallbackError: (error) => told.push(error) })
  for (const wrong of ['a */ drop', '/*', 'a\0', '\ud800', 5, null]) {
    comment(t, wrong)
    t.is(await connection.fetchValue(RUNNING, ['x']), RUNNING)
  }
  t.is(told.length, 6)
  for (const error of told) t.true(error instanceof InterfaceError)
})

test.serial('prepared statements, cursors and batches are sent as they are', async (t) => {
  const connection = await open(t)
  comment(t, 'e')
  const statement = await connection.prepare<{ query: string }>(RUNNING)
  t.is((await statement.fetchRow(['x']))?.query, RUNNING)
  await connection.transaction(async () => {
    for await (const { query } of connection.cursor<{ query: string }>(RUNNING, ['x'])) t.is(query, RUNNING)
  })
  t.deepEqual(await connection.fetchMany(RUNNING, [['x']]), [{ query: RUNNING }])
})

/** The comment of a query that is made within a span. */
async function within(connection: Connection, sql: string): Promise<{ query: string; span: Span }> {
  const tracer = new BasicTracerProvider().getTracer('test')
  return tracer.startActiveSpan('request', async (span) => {
    const query = (await connection.fetchValue<string>(sql, ['x'])) as string
    span.end()
    return { query, span }
  })
}

test.serial('the context of a span is there by the rules of SQL commenter', async (t) => {
  instrumented(t, { sqlCommenter: traceparent, operations: ['query'] })
  const connection = await open(t)
  const { query, span } = await within(connection, RUNNING)
  const { traceId, traceFlags } = span.spanContext()
  t.is(traceFlags, TraceFlags.SAMPLED)
  const [, id] = /^.* \/\*traceparent='00-(\w{32})-\w{16}-01'\*\/$/.exec(query) ?? []
  t.is(id, traceId)
  const own = `/* of its own */ ${RUNNING}`
  t.is((await within(connection, own)).query, own)
})

test.serial('true stands for the global propagator', async (t) => {
  propagation.setGlobalPropagator(traceparent)
  t.teardown(() => propagation.disable())
  instrumented(t, { sqlCommenter: true, operations: ['query'] })
  t.regex((await within(await open(t), RUNNING)).query, /\/\*traceparent='00-\w{32}-\w{16}-01'\*\/$/)
})

test.serial('nothing is sent where the span is not sampled, or nothing was asked for', async (t) => {
  const connection = await open(t)
  instrumented(t, { operations: ['query'] })
  t.is((await within(connection, RUNNING)).query, RUNNING)
  const unsampled = new BasicTracerProvider({ sampler: new AlwaysOffSampler() })
  instrumented(t, { sqlCommenter: traceparent, operations: ['query'] }, unsampled)
  t.is(await connection.fetchValue(RUNNING, ['x']), RUNNING)
})

test.serial('a propagator that throws breaks no call', async (t) => {
  const broken: TextMapPropagator = {
    ...traceparent,
    inject() {
      throw new Error('its own')
    },
  }
  instrumented(t, { sqlCommenter: broken, operations: ['query'] })
  const connection = await open(t)
  t.is(await connection.fetchValue(RUNNING, ['x']), RUNNING)
  t.is(trace.getActiveSpan(), undefined)
})

test('names and values are encoded, and nothing of them ends the comment', (t) => {
  const of = (text: string, pairs: { [name: string]: unknown }) =>
    sqlComment(text, (carrier) => void Object.assign(carrier, pairs))
  t.is(
    of('select 1', { tracestate: "a=b,c='d'", traceparent: '00-1' }),
    "traceparent='00-1',tracestate='a%3Db%2Cc%3D%27d%27'",
  )
  t.is(of('select 1', { 'a*/b': '*/ drop \ud800' }), "a%2a%2Fb='%2a%2F%20drop%20%EF%BF%BD'")
  t.is(of('select 1', {}), undefined)
  for (const text of ['select 1 -- x', 'select /* x */ 1']) t.is(of(text, { a: 1 }), undefined)
})
