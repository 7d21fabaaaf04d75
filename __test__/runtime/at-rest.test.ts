// Sessions that have had nothing but small queries, one at a time: the event loop's own thread reads their answers, until
// something else is asked of them.

import test, { type ExecutionContext } from 'ava'
import { type Connection, connect, PostgresConnectionError, TimeoutError } from '../../index.ts'
import { answer, describe } from '../adversity/conversation.ts'
import { open, reason } from '../query/open.ts'
import { noticeResponse } from '../support/protocol-messages.ts'
import { ScriptedServer } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { type Exit, start } from './child.ts'

/** How long close() waits for the server's end, in milliseconds. */
const FAREWELL_MS = 5_000

/** More queries than make a session one at rest. */
async function rest(connection: Connection): Promise<void> {
  for (let i = 0; i < 40; i++) {
    const value = await connection.fetchValue('select $1::int', [i])
    if (value !== i) throw new Error(`${value} came instead of ${i}`)
  }
}

async function play(t: ExecutionContext, scene: string, env: Record<string, string> = {}): Promise<Exit> {
  const database = await testDatabase()
  return start(t, 'at-rest', [scene, database.dsn()], { env }).exited
}

async function wakeUps(
  t: ExecutionContext,
  env: Record<string, string> = {},
  scene = 'count',
): Promise<number> {
  const { code, stdout, stderr } = await play(t, scene, env)
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  return Number(/^wake-ups (\d+) of 500$/m.exec(stdout)?.[1])
}

const linux = process.platform === 'linux' ? test : test.skip

linux('no thread of the driver wakes for the answers of a session at rest', async (t) => {
  const woken = await wakeUps(t)
  t.true(woken < 50, `it woke ${woken} times for 500 answers`)
})

linux('neither do time limits and signals wake one, as long as they are not needed', async (t) => {
  const woken = await wakeUps(t, {}, 'count with limits')
  t.true(woken < 50, `it woke ${woken} times for 500 answers`)
})

linux('CORNAC_LOOKOUT=0 leaves them to the driver’s thread', async (t) => {
  const woken = await wakeUps(t, { CORNAC_LOOKOUT: '0' })
  t.true(woken >= 400, `it woke ${woken} times for 500 answers`)
})

test('a process ends by itself with a session at rest, in main and worker threads, and when it is told to', async (t) => {
  const lines = (result: string): string => `${`worker ended with ${result}\n`.repeat(4)}`
  const ends = await Promise.all(['worker', 'terminate', 'exit'].map((scene) => play(t, scene)))
  t.deepEqual(
    ends.map(({ code, signal, stdout, stderr }) => ({ code, signal, stdout, stderr })),
    [
      { code: 0, signal: null, stdout: lines('0'), stderr: '' },
      { code: 0, signal: null, stdout: lines('1'), stderr: '' },
      { code: 3, signal: null, stdout: '', stderr: '' },
    ],
  )
})

test('what a caller throws behind such an answer is uncaught, and the session goes on', async (t) => {
  const { code, stdout, stderr } = await play(t, 'throw')
  t.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'uncaught on purpose\nusable\n', stderr: '' })
})

/** What ends the rest. */
const works: { [name: string]: (t: ExecutionContext, connection: Connection) => Promise<unknown> } = {
  'many calls at once': async (t, connection) => {
    const calls = Array.from({ length: 50 }, (_, i) => connection.fetchValue('select $1::int', [i]))
    t.deepEqual(
      await Promise.all(calls),
      calls.map((_, i) => i),
    )
  },
  'a large result': async (t, connection) => {
    const rows = await connection.fetch('select n, repeat($1, 50) from generate_series(1, 20000) n', ['é'])
    t.deepEqual([rows.length, rows.at(-1)], [20_000, { n: 20_000, repeat: 'é'.repeat(50) }])
  },
  'a result of a few kilobytes': async (t, connection) => {
    for (const bytes of [4_000, 5_000, 8_191, 8_192, 8_193, 16_384, 65_535, 65_536, 70_000]) {
      t.is((await connection.fetchValue<string>('select repeat($1, $2)', ['x', bytes]))?.length, bytes)
    }
  },
  'a large argument': async (t, connection) => {
    t.is(await connection.fetchValue('select length($1)', ['x'.repeat(3_000_000)]), 3_000_000)
  },
  'an error': async (t, connection) => {
    t.is((await reason(connection.fetch('select 1 / $1::int', [0]))).sqlstate, '22012')
  },
  'a timeout': async (t, connection) => {
    t.true(
      (await reason(connection.fetch('select pg_sleep(60)', [], { timeout: 20 }))) instanceof TimeoutError,
    )
  },
  'an abort while it waits': async (t, connection) => {
    const controller = new AbortController()
    const call = reason(connection.fetch('select pg_sleep(60)', [], { signal: controller.signal }))
    controller.abort()
    t.is((await call).name, 'AbortError')
  },
  'a transaction': async (t, connection) => {
    const inner = await connection.transaction(async () => {
      await rest(connection)
      return connection.fetchValue('select 2')
    })
    t.is(inner, 2)
  },
  'a cursor': async (t, connection) => {
    let sum = 0
    await connection.transaction(async () => {
      for await (const { n } of connection.cursor<{ n: number }>('select generate_series(1, 500) n')) sum += n
    })
    t.is(sum, 125_250)
  },
  'a batch': async (t, connection) => {
    await connection.executeMany(
      'select $1::int',
      Array.from({ length: 1_000 }, (_, i) => [i]),
    )
    t.pass()
  },
  'a type that has to be looked up': async (t, connection) => {
    await connection.execute('drop type if exists at_rest; create type at_rest as enum ($$a$$, $$b$$)')
    await rest(connection)
    t.is(await connection.fetchValue('select $1::at_rest', ['b']), 'b')
  },
}

for (const [name, work] of Object.entries(works)) {
  test(`a session at rest does what comes, and rests again: ${name}`, async (t) => {
    const connection = await open(t)
    for (let round = 0; round < 3; round++) {
      await rest(connection)
      await work(t, connection)
    }
    await rest(connection)
    await connection.close()
  })
}

test('each time limit of a session at rest is kept, whatever the limits before it', async (t) => {
  const connection = await open(t)
  for (const before of [60_000, 30]) {
    for (let i = 0; i < 40; i++)
      await connection.fetchValue('select 1', [], { timeout: before }).catch(() => {})
    for (const timeout of [100, 20, 60]) {
      const error = await reason(connection.fetchValue('select pg_sleep(60)', [], { timeout }))
      t.true(error instanceof TimeoutError, String(error))
      for (let i = 0; i < 40; i++) await connection.fetchValue('select 1', [], { timeout: 60_000 })
    }
  }
})

test('notifications come to a session at rest, one or a flood of them', async (t) => {
  const [connection, sender] = [await open(t), await open(t)]
  const came: string[] = []
  await connection.addListener('at_rest', (_connection, _pid, _channel, payload) => void came.push(payload))
  for (const count of [1, 1, 20_000, 1]) {
    came.length = 0
    await rest(connection)
    await sender.fetch('select pg_notify($1, n::text) from generate_series(1, $2) n', ['at_rest', count])
    await until('the notifications come', () => came.length === count)
    t.is(came.at(-1), String(count))
  }
  await rest(connection)
})

test('the end of a session at rest is noticed while nothing is asked of it', async (t) => {
  const database = await testDatabase()
  const connection = await open(t)
  await rest(connection)
  await database.admin(`select pg_terminate_backend(${connection.getServerPid()})`)
  await until('it is closed', () => connection.isClosed())
  t.true((await reason(connection.fetchValue('select 1'))) instanceof Error)
})

test('the end of a session at rest rejects the query under way', async (t) => {
  const connection = await open(t)
  await rest(connection)
  const error = await reason(connection.fetchValue('select pg_terminate_backend(pg_backend_pid())'))
  t.true(error instanceof PostgresConnectionError || error.sqlstate === '57P01', String(error))
  await until('it is closed', () => connection.isClosed())
})

test('close() of a session at rest ends with the server’s end, whatever the server says right before it', async (t) => {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await describe(session)
    await answer(session)
    await session.expectUntil('X')
    session.send(noticeResponse({ S: 'WARNING', V: 'WARNING', C: '01000', M: 'so long' }))
    session.end()
  })
  t.teardown(() => server.close())
  for (let round = 0; round < 50; round++) {
    const connection = await connect(server.dsn())
    t.deepEqual(await connection.fetch('first'), [])
    const begin = performance.now()
    await connection.close()
    t.true(performance.now() - begin < FAREWELL_MS, 'the end was not seen')
  }
})

test('close() of a session at rest waits five seconds for a server that does not close the socket', async (t) => {
  let release = (): void => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await describe(session)
    await answer(session)
    await session.expectUntil('X')
    await released
  })
  t.teardown(() => server.close())
  t.teardown(release)
  const connection = await connect(server.dsn())
  t.deepEqual(await connection.fetch('first'), [])
  const begin = performance.now()
  await connection.close()
  const waited = performance.now() - begin
  t.true(waited > FAREWELL_MS - 100, `it waited for ${waited} ms`)
  t.true(connection.isClosed())
})

linux('no thread of the driver wakes for a query on a new session', async (t) => {
  const { code, stdout, stderr } = await play(t, 'short')
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  const woken = Number(/^wake-ups (\d+) of 20$/m.exec(stdout)?.[1])
  t.true(woken < 10, `it woke ${woken} times for 20 answers`)
})

test('many sessions rest, and each gets its own answers', async (t) => {
  const connections = await Promise.all(Array.from({ length: 8 }, () => open(t)))
  for (const connection of connections) await rest(connection)
  for (let round = 0; round < 20; round++) {
    for (const [i, connection] of connections.entries()) {
      t.is(await connection.fetchValue('select $1::int', [i]), i)
    }
    if (round % 5 === 4) {
      const values = connections.map((connection, i) => connection.fetchValue('select $1::int', [i]))
      t.deepEqual(
        await Promise.all(values),
        connections.map((_, i) => i),
      )
    }
  }
})
