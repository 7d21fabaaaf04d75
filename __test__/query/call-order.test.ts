// The order of the calls is the order on the wire, whatever a call has to wait for before it can be sent.

import test from 'ava'
import { Connection, Queryable } from '../../index.ts'
import { Cursor, CursorFactory } from '../../src/cursor.ts'
import { PreparedStatement } from '../../src/prepared-statement.ts'
import { TransactionOf } from '../../src/transaction.ts'
import { messagesOf, silent, textOf, uses } from './call-order.ts'
import { open, openWatched, reason } from './open.ts'

for (const [number, use] of uses.entries()) {
  test(`${use.of.join(', ')} keeps its place among the calls (${number})`, async (t) => {
    const { connection, link } = await openWatched(t)
    const mark = `mark_${number}`
    await connection.execute(`create temp table ${mark} (a int)`)
    if (use.inTransaction) await connection.execute('begin')
    const make = await use.prepare({ connection, mark })
    const known = messagesOf(link.captured.toServer).length
    const before = connection.execute("select 'before it'")
    const made = make()
    const behind = Promise.all([
      connection.fetchValue("select 'behind it'"),
      connection.execute("select 'a script behind it'"),
    ])
    if (use.fails) t.truthy(await reason(made!))
    else await made
    await before
    await behind
    const texts = messagesOf(link.captured.toServer).slice(known).map(textOf)
    const place = (text: string): number => texts.findIndex((said) => said.includes(text))
    const [first, last] = [place("select 'before it'"), place("select 'behind it'")]
    // What a cursor sends has the name of its portal in it and no text.
    const portal = use.of.some((name) => name.startsWith('Cursor.'))
    const its = new RegExp(portal ? 'cornac_1(?![0-9a-f])' : mark)
    const own = texts.flatMap((said, at) => (its.test(said) ? [at] : []))
    t.true(own.length > 0, texts.join('\n'))
    t.true(
      own.every((at) => first < at && at < last),
      texts.join('\n'),
    )
    t.true(last < place("select 'a script behind it'"))
  })
}

test('all calls of one tick reach the server in their order', async (t) => {
  const { connection, link } = await openWatched(t)
  const made: [mark: string, make: () => Promise<unknown> | undefined][] = []
  for (const [number, use] of uses.entries()) {
    // A transaction that is open would have all of them within it.
    const opens = use.inTransaction || use.of.some((name) => name.startsWith('Transaction.'))
    if (opens || use.of.includes('Connection.reset')) continue
    const mark = `mark_${number}_`
    await connection.execute(`create temp table ${mark} (a int)`)
    made.push([mark, await use.prepare({ connection, mark })])
  }
  const known = messagesOf(link.captured.toServer).length
  await Promise.allSettled(made.map(([, make]) => make()))
  // What `notifications` asks has no promise here.
  await connection.execute('select')
  const seen = messagesOf(link.captured.toServer)
    .slice(known)
    .flatMap((message) => /mark_\d+_/.exec(textOf(message)) ?? [])
  t.deepEqual(
    // LISTEN is said again behind a transaction that was rolled back.
    [...new Set(seen)],
    made.map(([mark]) => mark),
  )
})

test('calls made while a COPY waits for its file, its types or its first record follow it', async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table log (at serial, a text)')
  const calls: Promise<unknown>[] = []
  async function* one(text: string): AsyncGenerator<[string]> {
    yield [text]
  }
  for (let n = 0; n < 20; n++) {
    calls.push(connection.execute('insert into log (a) values ($1)', [`${n} a`]))
    calls.push(connection.copyRecordsToTable('log', { records: one(`${n} b`), columns: ['a'] }))
    calls.push(connection.executeMany('insert into log (a) values ($1)', one(`${n} c`)))
    calls.push(connection.copyToTable('log', { source: { text: `${n} d\n` }, columns: ['a'] }))
    calls.push(connection.execute(`insert into log (a) values ('${n} e')`))
  }
  await Promise.all(calls)
  t.deepEqual(
    (await connection.fetch('select a from log order by at')).map(({ a }) => a),
    Array.from({ length: 20 }, (_, n) => ['a', 'b', 'c', 'd', 'e'].map((letter) => `${n} ${letter}`)).flat(),
  )
})

test('every method that sends something is among those whose order is looked at', (t) => {
  // Older versions of Node.js have another name for the symbol.
  const looked = new Set(uses.flatMap(({ of }) => of))
  for (const name of [...looked]) looked.add(name.replace('Symbol.asyncDispose', 'nodejs.asyncDispose'))
  const types = { Connection, Transaction: TransactionOf, PreparedStatement, CursorFactory, Cursor }
  for (const [typeName, type] of Object.entries(types)) {
    for (const name of Reflect.ownKeys(type.prototype).map(String)) {
      if (name === 'constructor' || name.includes('inspect') || silent.has(name)) continue
      // Of a connection it closes.
      if (type === Connection && name.includes('asyncDispose')) continue
      t.true(looked.has(`${typeName}.${name}`), `${typeName}.${name}`)
    }
  }
  for (const name of Reflect.ownKeys(Queryable.prototype).map(String)) {
    if (name !== 'constructor') t.true(looked.has(`Connection.${name}`), name)
  }
})
