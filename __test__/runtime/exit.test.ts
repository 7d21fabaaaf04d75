// How a process with connections ends: by itself when nothing is left to do, at once when it is told to, always with
// the right code, never with a session left on the server.

import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { type TestDatabase, testDatabase } from '../support/server.ts'
import { AT_ONCE_MS, GUARD_MS, until } from '../support/waiting.ts'
import { type Child, type Exit, start } from './child.ts'

async function begin(
  t: ExecutionContext,
  way: string,
): Promise<{ child: Child; database: TestDatabase; name: string }> {
  const database = await testDatabase()
  const name = `exit test ${way}`
  const child = start(t, 'exits', [way, database.dsn({ parameters: { application_name: name } })])
  return { child, database, name }
}

/** Waits until the server has noticed that a program is gone: it has no session left. */
function untilLeft(database: TestDatabase, name: string): Promise<void> {
  return until(`the sessions of "${name}" end`, async () => {
    const rows = await database.admin(`select pid from pg_stat_activity where application_name = '${name}'`)
    return rows.length === 0
  })
}

/** Waits for the end, which must come at once after the line "leaving": the calls in flight take a minute. */
async function leaves(t: ExecutionContext, child: Child): Promise<Exit> {
  await child.line('leaving')
  const start = performance.now()
  const exit = await child.exited
  const took = performance.now() - start
  t.true(took < AT_ONCE_MS, `it took ${Math.round(took)} ms to end`)
  return exit
}

for (const way of ['idle', 'unref', 'log-listener', 'terminated', 'refused-argument', 'reset']) {
  test(`a process with nothing left to do ends by itself: ${way}`, async (t) => {
    const { child, database, name } = await begin(t, way)
    await child.line('pid')
    const ended = await Promise.race([child.exited, delay(GUARD_MS, undefined, { ref: false })])
    t.deepEqual({ code: ended?.code, stderr: ended?.stderr }, { code: 0, stderr: '' })
    await untilLeft(database, name)
  })
}

test('a top-level await that never settles is not kept alive by an idle connection', async (t) => {
  const { child, database, name } = await begin(t, 'never-settling')
  await child.line('pid')
  const ended = await Promise.race([child.exited, delay(GUARD_MS, undefined, { ref: false })])
  // Node.js's code for an unsettled top-level await.
  t.is(ended?.code, 13)
  await untilLeft(database, name)
})

test('ref() keeps the process alive', async (t) => {
  const { child, database, name } = await begin(t, 'ref')
  await child.line('alive')
  child.process.kill('SIGKILL')
  t.is((await child.exited).signal, 'SIGKILL')
  await untilLeft(database, name)
})

for (const [way, line] of [
  ['pending', 'value 7'],
  ['abandoned', 'error TimeoutError'],
  ['connecting', 'connected'],
] as const) {
  test(`an operation in flight keeps the process alive until it ends: ${way}`, async (t) => {
    const { child, database, name } = await begin(t, way)
    await child.line(line)
    const ended = await Promise.race([child.exited, delay(GUARD_MS, undefined, { ref: false })])
    t.deepEqual({ code: ended?.code, stderr: ended?.stderr }, { code: 0, stderr: '' })
    await untilLeft(database, name)
  })
}

for (const [way, code] of [
  ['exit', 3],
  ['exit-at-once', 4],
] as const) {
  test(`process.exit with queries in flight ends at once with its code: ${way}`, async (t) => {
    const { child, database, name } = await begin(t, way)
    const exit = await leaves(t, child)
    t.deepEqual(
      { code: exit.code, signal: exit.signal, stderr: exit.stderr },
      { code, signal: null, stderr: '' },
    )
    await untilLeft(database, name)
  })
}

for (const way of ['throw', 'throw-in-reaction']) {
  test(`an uncaught error ends the process with code 1: ${way}`, async (t) => {
    const { child, database, name } = await begin(t, way)
    const exit = await leaves(t, child)
    t.deepEqual({ code: exit.code, signal: exit.signal }, { code: 1, signal: null })
    t.regex(exit.stderr, /thrown by the program/)
    await untilLeft(database, name)
  })
}

test('SIGTERM with queries in flight ends the process as it would any other', async (t) => {
  const { child, database, name } = await begin(t, 'signal')
  await child.line('leaving')
  child.process.kill('SIGTERM')
  const start = performance.now()
  const exit = await child.exited
  t.true(performance.now() - start < AT_ONCE_MS)
  t.deepEqual({ code: exit.code, signal: exit.signal }, { code: null, signal: 'SIGTERM' })
  await untilLeft(database, name)
})
