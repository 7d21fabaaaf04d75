// What onProgress may do: it may be a function of any kind, and fail in any way.

import test from 'ava'
import type { Connection, CopyProgress } from '../../index.ts'
import { reason } from '../query/open.ts'
import { openTable } from './table.ts'

type Tell = (progress: CopyProgress) => void | Promise<void>

/** COPYs of every kind, whose source or output takes longer than the time between two reports. */
const COPIES: Record<string, (connection: Connection, onProgress: Tell, rows?: number) => Promise<string>> = {
  bytes: (connection, onProgress, rows = 3) => {
    const source = pausing(Array.from({ length: rows }, () => Buffer.from('1\n')))
    return connection.copyToTable('t', { source, onProgress })
  },
  records: (connection, onProgress, rows = 3) => {
    const records = pausing(Array.from({ length: rows }, () => [1]))
    return connection.copyRecordsToTable('t', { records, onProgress })
  },
  // A row that is large is sent at once.
  query: (connection, onProgress, rows = 3) =>
    connection.copyFromQuery(
      `select pg_sleep(0.12), repeat('x', 10000) from generate_series(1, ${rows})`,
      [],
      {
        output: () => {},
        onProgress,
      },
    ),
}

/** What is behind a pause is told: no more than ten reports are made a second. */
async function* pausing<T>(pieces: readonly T[]): AsyncGenerator<T> {
  for (const piece of pieces) {
    await new Promise((resolve) => setTimeout(resolve, 120))
    yield piece
  }
}

for (const [kind, copy] of Object.entries(COPIES)) {
  test(`what onProgress throws or rejects with ends a COPY of ${kind}`, async (t) => {
    const connection = await openTable(t, 'a int')
    const failure = new Error('in onProgress')
    const fail: Record<string, Tell> = {
      throws: () => {
        throw failure
      },
      rejects: async () => {
        throw failure
      },
      'rejects later': async () => {
        await new Promise(setImmediate)
        throw failure
      },
    }
    for (const [how, tell] of Object.entries(fail)) {
      t.is(await reason(copy(connection, tell, 100)), failure, `${how} at first`)
      t.is(await connection.fetchValue('select count(*) from t'), 0, how)
    }
    const atEnd: Tell = async ({ rows }) => {
      await new Promise(setImmediate)
      if (rows === 1) throw failure
    }
    t.is(await reason(copy(connection, atEnd, 1)), failure, 'at the end')
    t.is(await connection.fetchValue('select 1'), 1)
  })

  test(`a COPY of ${kind} is not over before onProgress has taken what it was told`, async (t) => {
    const connection = await openTable(t, 'a int')
    let taken = 0
    let told = 0
    const tag = await copy(connection, async () => {
      told++
      await new Promise((resolve) => setTimeout(resolve, 50))
      taken++
    })
    t.is(tag, 'COPY 3')
    t.true(told > 0)
    t.is(taken, told)
  })
}
