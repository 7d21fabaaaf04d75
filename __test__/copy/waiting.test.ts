// A COPY that was called and cannot be sent yet, because its file or its first record is missing: it ends with its
// limits and with its session, and nothing of it is sent.

import { execFileSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import {
  type CallOptions,
  type Connection,
  ConnectionDoesNotExistError,
  InterfaceError,
  TimeoutError,
} from '../../index.ts'
import { reason } from '../query/open.ts'
import { sharedServer } from '../support/server.ts'
import { activityOf, until } from '../support/waiting.ts'
import { scratch } from './ends.ts'
import { openTable } from './table.ts'

const { serial } = test

/** Begins a COPY that cannot be sent yet. */
type Begin = (connection: Connection, limits: CallOptions) => Promise<string>

interface Waiting {
  readonly begin: Begin
  /** What it waits for comes, so that nothing waits for it any more. */
  readonly end: () => void
}

/**
 * A pipe, whose opening waits for its other end. That takes one of the runtime's few threads, and one that is given up
 * may not even have begun: the other end stays open as long as the process lives, so that none waits for ever.
 */
async function pipe(t: ExecutionContext): Promise<{ path: string; open(): void }> {
  const path = join(await scratch(t), 'pipe')
  execFileSync('mkfifo', [path])
  return { path, open: () => void openSync(path, 'r+') }
}

const waits: { readonly [what: string]: (t: ExecutionContext) => Promise<Waiting> } = {
  async 'a record that does not come'() {
    const records: AsyncIterable<[number]> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    }
    return {
      begin: (connection, limits) => connection.copyRecordsToTable('t', { records, ...limits }),
      end: () => {},
    }
  },
  async 'a source that does not open'(t) {
    const { path, open } = await pipe(t)
    return {
      begin: (connection, limits) => connection.copyToTable('t', { source: { path }, ...limits }),
      end: open,
    }
  },
  async 'an output that does not open'(t) {
    const { path, open } = await pipe(t)
    return {
      begin: (connection, limits) => connection.copyFromTable('t', { output: { path }, ...limits }),
      end: open,
    }
  },
}

for (const [what, make] of Object.entries(waits)) {
  serial(`a COPY that waits for ${what} ends at its timeout and when it is aborted`, async (t) => {
    const connection = await openTable(t, 'a int')
    const { begin, end } = await make(t)
    const late = await reason(begin(connection, { timeout: 30 }))
    t.true(late instanceof TimeoutError)
    t.is(late.maybeExecuted, false)
    // Of records the columns are asked for first.
    t.regex(late.query, /^COPY "t"|^SELECT \* FROM "t"/)
    const controller = new AbortController()
    const copy = reason(begin(connection, { signal: controller.signal }))
    const behind = connection.fetchValue('select 7')
    controller.abort('given up')
    t.is(await copy, 'given up')
    t.is(await behind, 7)
    end()
  })

  serial(`a COPY that waits for ${what} ends with its session`, async (t) => {
    const connection = await openTable(t, 'a int')
    const { begin, end } = await make(t)
    const copy = reason(begin(connection, {}))
    // The columns are known, and nothing but the record is missing.
    const question = what === 'a record that does not come' ? 'SELECT * FROM' : ''
    await until('the session has nothing to do', async () => {
      const { state, query } = (await activityOf(connection.getServerPid()))!
      return state === 'idle' && query!.startsWith(question)
    })
    await (await sharedServer()).admin(`select pg_terminate_backend(${connection.getServerPid()})`)
    const lost = await copy
    t.true(lost instanceof ConnectionDoesNotExistError)
    t.is(lost.maybeExecuted, false)
    t.regex(lost.query, /^COPY "t"|^SELECT \* FROM "t"/)
    end()
  })

  serial(`a COPY that waits for ${what} is refused when its connection is closed`, async (t) => {
    const connection = await openTable(t, 'a int')
    const { begin, end } = await make(t)
    const copy = reason(begin(connection, {}))
    await connection.close()
    const refused = await copy
    t.true(refused instanceof InterfaceError)
    t.regex(refused.message, /connection is clos/)
    end()
  })
}

serial('an output that is aborted before it was opened keeps what it has', async (t) => {
  const connection = await openTable(t, 'a int')
  const path = join(await scratch(t), 'rows')
  await writeFile(path, 'as it was')
  const signal = AbortSignal.abort('no')
  t.is(await reason(connection.copyFromTable('t', { output: { path }, signal })), 'no')
  t.true(
    (await reason(connection.copyFromTable('t', { output: { path }, timeout: 0 }))) instanceof TimeoutError,
  )
  t.is(await readFile(path, 'utf8'), 'as it was')
})
