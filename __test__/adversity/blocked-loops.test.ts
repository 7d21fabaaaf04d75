// A program whose event loop stands still: what comes meanwhile waits with the server, not in our memory.

import { setImmediate } from 'node:timers/promises'
import test from 'ava'
import { barrier, open } from '../query/open.ts'
import { untilBlocked } from '../support/waiting.ts'

const MB = 2 ** 20

/** Holds up this thread, and nothing else. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test.serial(
  'notices to a program that stands still wait with the server, and all of them come',
  async (t) => {
    const connection = await open(t)
    const blocked = await barrier(t)
    const count = 60_000
    let next = 0
    let inOrder = true
    connection.addLogListener((_, { message }) => {
      if (!message.startsWith(`${next++} `)) inOrder = false
    })
    const before = process.memoryUsage.rss()
    const running = connection.execute(
      `do $$ begin
       perform pg_advisory_lock_shared(${blocked.key});
       for i in 0 .. ${count - 1} loop raise notice '% %', i, repeat('x', 1000); end loop;
     end $$`,
    )
    await untilBlocked(connection)
    await blocked.open()
    block(2_000)
    const grown = (process.memoryUsage.rss() - before) / MB
    t.log(`${grown.toFixed(1)} MB while it stood still`)
    // Half of the 60 MB that were sent, or would have been.
    t.true(grown < 30, `${grown} MB`)
    t.is(await running, 'DO')
    await setImmediate()
    t.is(next, count)
    t.true(inOrder)
  },
)

test.serial(
  'a time limit that passes while the program stands still cancels on the server all the same',
  async (t) => {
    const [connection, observer] = [await open(t), await open(t)]
    const blocked = await barrier(t)
    connection.addLogListener(() => {})
    const pid = connection.getServerPid()
    const flood = connection.execute(
      `do $$ begin
       perform pg_advisory_lock_shared(${blocked.key});
       for i in 1 .. 20000 loop raise notice '%', repeat('x', 1000); end loop;
       perform pg_sleep(60);
     end $$`,
      [],
      { timeout: 2_000 },
    )
    await untilBlocked(connection)
    await blocked.open()
    block(3_000)
    await t.throwsAsync(flood, { name: 'TimeoutError' })
    t.is(await connection.fetchValue('select pg_backend_pid()'), pid)
    t.is(await observer.fetchValue('select state from pg_stat_activity where pid = $1', [pid]), 'idle')
  },
)
