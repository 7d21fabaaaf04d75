import test from 'ava'
import { InterfaceError, TimeoutError, UndefinedTableError } from '../../index.ts'
import { open, reason } from '../query/open.ts'

test('explain gives the plan of the statement with its arguments, and runs nothing', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table planned(a int)')
  const statement = await connection.prepare(
    'insert into planned select n from generate_series(1, $1::int) n',
  )
  const [plan] = await statement.explain([3])
  t.is(plan.Plan['Node Type'], 'ModifyTable')
  t.is(plan['Execution Time'], undefined)
  t.truthy(plan.Plan.Plans[0].Output)
  t.is(await connection.fetchValue('select count(*) from planned'), 0)
})

test('analyze runs it within a transaction that is rolled back', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table run(a int)')
  const statement = await connection.prepare('insert into run select n from generate_series(1, $1::int) n')
  const [plan] = await statement.explain([3], { analyze: true })
  t.is(typeof plan['Execution Time'], 'number')
  t.is(plan.Plan.Plans[0]['Actual Rows'], 3)
  t.false(connection.isInTransaction())
  t.is(await connection.fetchValue('select count(*) from run'), 0)
  await connection.transaction(async (tx) => {
    await tx.execute('insert into run values (7)')
    await statement.explain([3], { analyze: true })
    t.deepEqual(await tx.fetch('table run'), [{ a: 7 }])
  })
  t.deepEqual(await connection.fetch('table run'), [{ a: 7 }])
})

test('the plan is the same whatever json columns come out as', async (t) => {
  const connection = await open(t, { types: { json: 'text' } })
  const statement = await connection.prepare('select 1')
  t.is((await statement.explain())[0].Plan['Node Type'], 'Result')
})

test('what goes wrong leaves no transaction behind', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table gone(a int)')
  const statement = await connection.prepare('select a, pg_sleep(60) from gone')
  await connection.execute('insert into gone values (1)')
  const late = await reason(statement.explain([], { analyze: true, timeout: 50 }))
  t.true(late instanceof TimeoutError)
  t.false(connection.isInTransaction())
  const controller = new AbortController()
  const given = statement.explain([], { analyze: true, signal: controller.signal })
  controller.abort(new Error('given up'))
  t.is((await reason(given)).message, 'given up')
  t.false(connection.isInTransaction())
  await connection.execute('drop table gone')
  for (const analyze of [false, true]) {
    t.true((await reason(statement.explain([], { analyze }))) instanceof UndefinedTableError)
  }
  t.false(connection.isInTransaction())
  for (const [args, options] of [
    [1, {}],
    [[], { analyze: 1 }],
    [[], { analyse: true }],
  ]) {
    t.true((await reason(statement.explain(args as never, options as never))) instanceof InterfaceError)
  }
  await connection.execute('begin')
  const manual = await reason(statement.explain([], { analyze: true }))
  t.regex(manual.message, /manually started transaction/)
  await connection.execute('rollback')
})
