// Does the same again and again, in rounds, and prints what memory is in use after each.

import { connect } from '../../../index.ts'

const [work, dsn, amount] = process.argv.slice(2) as [string, string, string]
const count = Number(amount)
const gc = globalThis.gc as () => void

async function queries(): Promise<void> {
  const connection = await connect(dsn)
  for (let i = 0; i < count; i += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        connection.fetchRow('select $1::int as n, $2::text as t', [n, 'some text']),
      ),
    )
  }
  await connection.close()
}

async function texts(): Promise<void> {
  const connection = await connect(dsn)
  for (let i = 0; i < count; i += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        connection.fetchRow(`select $1::int as "n ${Math.random()}"`, [n]),
      ),
    )
  }
  await connection.close()
}

async function connects(): Promise<void> {
  for (let i = 0; i < count; i += 5) {
    await Promise.all(
      Array.from({ length: 5 }, async (_, n) => {
        const connection = await connect(dsn)
        await connection.fetchValue('select 1')
        if (n === 0) connection.terminate()
        else await connection.close()
      }),
    )
  }
}

async function failures(): Promise<void> {
  const connection = await connect(dsn)
  const wrong = new URL(dsn)
  wrong.password = 'wrong'
  for (let i = 0; i < count; i += 10) {
    await connection.fetch('select 1 / $1::int', [0]).catch(() => {})
    await connection.fetch('select $1::int', ['x']).catch(() => {})
    await connection.fetch('select $1::int', [{}]).catch(() => {})
    await connection.fetch('select pg_sleep(1)', [], { timeout: 1 }).catch(() => {})
    await connection.fetch('select', [], { signal: AbortSignal.abort() }).catch(() => {})
    if (i % 100 === 0) await connect(wrong.href).catch(() => {})
  }
  await connection.close()
}

async function batches(): Promise<void> {
  const connection = await connect(dsn)
  await connection.execute('create temp table sink(n int, t text)')
  const sets = function* () {
    for (let i = 0; i < count; i++) yield [i, `text ${i}`]
  }
  await connection.executeMany('delete from sink where n = $1 and t = $2', sets())
  await connection.close()
}

const works: { [name: string]: () => Promise<void> } = { queries, texts, connects, failures, batches }

// What grows once (caches, code, the heap itself) has grown after the first rounds.
for (let round = 0; round < 5; round++) {
  await works[work]?.()
  for (let i = 0; i < 4; i++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  console.log(JSON.stringify({ rss, heapUsed, external, arrayBuffers }))
}
