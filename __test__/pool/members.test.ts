// Who gets which connection, without a server: ten thousand callers, failures and ends in every order.

import test from 'ava'
import type { Member } from '../../src/pool/member.ts'
import { eventually, until } from '../support/waiting.ts'
import { chance, Outage, turn, waitFor, world } from './world.ts'

test('ten thousand callers on ten connections: none is lost, none is one too many, the rest is served in order', async (t) => {
  const random = chance(7)
  const pool = world({ maxSize: 10 }, random)
  const served: number[] = []
  let aborted = 0
  const holders = new Set<Member>()
  const callers = Array.from({ length: 10_000 }, async (_, n) => {
    const abort = new AbortController()
    const isAborted = random() < 0.3
    const waiting = waitFor(pool, true, abort.signal)
    if (isAborted) setImmediate(() => abort.abort(new Error('enough')))
    let member: Member
    try {
      member = await waiting
    } catch {
      aborted++
      return
    }
    served.push(n)
    t.false(holders.has(member))
    holders.add(member)
    t.true(holders.size <= 10)
    await turn()
    holders.delete(member)
    // One in a hundred is killed while it is used.
    if (random() < 0.01) member.connection.terminate()
    pool.members.giveBack(member)
  })
  await Promise.all(callers)
  t.is(served.length + aborted, 10_000)
  t.true(aborted > 2_000)
  t.deepEqual(
    served,
    [...served].sort((one, other) => one - other),
  )
  t.true(pool.most <= 10)
  t.is(pool.members.waiting, 0)
  await turn()
  t.is(pool.members.idle, pool.members.size)
  t.is(pool.open.size, pool.members.size)
  await pool.members.close(() => new Error('closed'))
  t.is(pool.open.size, 0)
})

test('calls that share and callers that want a connection alone are all served, whatever ends meanwhile', async (t) => {
  const random = chance(11)
  const pool = world({ maxSize: 5, pipeline: { maxInFlight: 4 } }, random)
  const inFlight = new Map<Member, number>()
  const alone = new Set<Member>()
  let done = 0
  const share = async (): Promise<void> => {
    const member = pool.members.takeShared() ?? (await waitFor(pool, false))
    t.false(alone.has(member))
    const count = (inFlight.get(member) ?? 0) + 1
    inFlight.set(member, count)
    t.true(count <= 4)
    if (random() < 0.5) await turn()
    await null
    inFlight.set(member, inFlight.get(member)! - 1)
    if (random() < 0.005) member.connection.terminate()
    pool.members.complete(member, member.sharedAt)
    done++
  }
  const own = async (): Promise<void> => {
    const member = pool.members.takeWhole() ?? (await waitFor(pool, true))
    t.false(alone.has(member))
    t.is(inFlight.get(member) ?? 0, 0)
    alone.add(member)
    await turn()
    alone.delete(member)
    if (random() < 0.01) member.connection.terminate()
    pool.members.giveBack(member)
    done++
  }
  const callers = Array.from({ length: 3_000 }, () => (random() < 0.8 ? share() : own()))
  await Promise.all(callers)
  t.is(done, 3_000)
  t.true(pool.most <= 5)
  await turn()
  t.is(pool.members.idle, pool.members.size)
  await pool.members.close(() => new Error('closed'))
})

test('when the server is away all who wait learn of it, and attempts become rare', async (t) => {
  const pool = world({ maxSize: 10 }, chance(3))
  const outage = new Outage('away')
  pool.fails = () => outage
  const waiters = Array.from({ length: 50 }, () => waitFor(pool, true).catch((error) => error))
  const errors = new Set(await Promise.all(waiters))
  t.is(errors.size, 50, 'each has its own')
  for (const error of errors) t.deepEqual(error, outage)
  t.true(pool.opened <= 4)
  t.is(pool.members.outage, outage)
  // It is back: who comes now is served after a pause that is short at first.
  pool.fails = () => undefined
  const before = pool.opened
  const member = await waitFor(pool, true)
  t.is(pool.opened, before + 1)
  t.is(pool.members.outage, undefined)
  pool.members.giveBack(member)
  await pool.members.close(() => new Error('closed'))
})

test('who has a time limit waits for a server that is away until it is over, the others are told', async (t) => {
  const pool = world({ maxSize: 10 }, chance(3))
  const outage = new Outage('away')
  pool.fails = () => outage
  const told = waitFor(pool, true)
  const served = [waitFor(pool, true, undefined, 60_000), waitFor(pool, false, undefined, 60_000)]
  const late = waitFor(pool, true, undefined, 1)
  t.deepEqual(await told.catch((error) => error), outage)
  t.is((await late.catch((error) => error)).message, 'late')
  t.is(pool.members.waiting, 2)
  pool.fails = () => undefined
  const [whole, shared] = await Promise.all(served)
  pool.members.giveBack(whole as Member)
  pool.members.complete(shared as Member, shared!.sharedAt)
  // What does not pass by itself is nobody's to wait for.
  outage.passes = false
  pool.fails = () => outage
  for (const stand of [...pool.open]) stand.terminate()
  t.deepEqual(await waitFor(pool, true, undefined, 60_000).catch((error) => error), outage)
  await pool.members.close(() => new Error('closed'))
})

test('while the server is away one attempt at a time asks whether it is back', async (t) => {
  const pool = world({ minSize: 8, maxSize: 8 }, chance(3))
  await pool.members.fill()
  pool.fails = () => new Outage('away')
  for (const stand of [...pool.open]) stand.terminate()
  const before = pool.opened
  await until('the second attempt fails', () => pool.opened > before + 4)
  // Four were made together before it was known.
  t.is(pool.opened, before + 5)
  pool.fails = () => undefined
  t.true(await eventually(() => pool.members.size === 8))
  t.is(pool.opened, before + 5 + 8)
  await pool.members.close(() => new Error('closed'))
})

test('while there are other connections an outage harms nobody', async (t) => {
  const pool = world({ maxSize: 2 }, chance(3))
  const first = await waitFor(pool, true)
  pool.fails = () => new Outage('too many connections')
  const second = waitFor(pool, true)
  await turn()
  await turn()
  pool.members.giveBack(first)
  t.is(await second, first)
  pool.members.giveBack(first)
  await pool.members.close(() => new Error('closed'))
})

test("a failure of the program's own is that of one caller", async (t) => {
  const pool = world({ maxSize: 1 }, chance(3))
  let failures = 1
  pool.fails = () => (failures-- > 0 ? new Error('hook') : undefined)
  const [one, two] = await Promise.allSettled([0, 1].map(() => waitFor(pool, true)))
  t.is((one as PromiseRejectedResult).reason.message, 'hook')
  t.is(two!.status, 'fulfilled')
  pool.members.giveBack((two as PromiseFulfilledResult<Member>).value)
  await pool.members.close(() => new Error('closed'))
})

test('minSize connections are kept, and refilled when they end', async (t) => {
  const pool = world({ minSize: 3, maxSize: 5 }, chance(3))
  await pool.members.fill()
  t.is(pool.members.idle, 3)
  for (const stand of [...pool.open]) stand.terminate()
  t.is(pool.members.size, 0)
  for (let i = 0; i < 10; i++) await turn()
  t.is(pool.members.size, 3)
  await pool.members.close(() => new Error('closed'))
  t.is(pool.open.size, 0)
})

test('a server that ends each connection as soon as it is open is asked more and more rarely, until one is of use', async (t) => {
  const pool = world({ minSize: 3, maxSize: 5 }, chance(3))
  await pool.members.fill()
  const end = (): void => {
    for (const stand of [...pool.open]) stand.terminate()
  }
  for (let i = 0; i < 50; i++) {
    end()
    await turn()
  }
  const atOnce = pool.opened
  t.true(atOnce <= 16, `${atOnce}`)
  const began = performance.now()
  while (pool.opened < atOnce + 12) {
    await turn()
    end()
  }
  // Three at a time, after 100, 200, 400 and 700 ms.
  const waited = performance.now() - began
  t.true(waited >= 1_300, `${waited}`)
  const member = await waitFor(pool, true)
  member.called(true)
  member.connection.terminate()
  end()
  const before = pool.opened
  for (let i = 0; i < 10; i++) await turn()
  t.is(pool.opened, before + 3)
  await pool.members.close(() => new Error('closed'))
})

test('a pool that is looked after while it is made opens the first connection alone, and no more than it may', async (t) => {
  const pool = world({ minSize: 3, maxSize: 3 }, chance(3))
  const opened: (() => void)[] = []
  pool.begins = () => new Promise<void>((resolve) => void opened.push(resolve))
  const filled = pool.members.fill()
  pool.members.sweep()
  t.is(opened.length, 1)
  opened[0]?.()
  await turn()
  pool.members.sweep()
  for (const open of opened) open()
  await filled
  pool.members.sweep()
  t.is(opened.length, 3)
  t.is(pool.members.size, 3)
  await pool.members.close(() => new Error('closed'))
})

test('a connection that ends just after it has said that it lives is given to nobody', async (t) => {
  const pool = world({ minSize: 1, maxSize: 1 }, chance(3))
  await pool.members.fill()
  pool.clock.ahead += 3_600_000
  const [stand] = pool.open
  pool.answers = () => {
    stand?.terminate()
    return true
  }
  const member = await waitFor(pool, true)
  t.is(pool.checked, 1)
  t.not(member.connection as unknown, stand)
  t.is(pool.members.idle, 0)
  pool.members.giveBack(member)
  await pool.members.close(() => new Error('closed'))
})

for (const clock of ['ahead', 'slept'] as const) {
  test(`connections that were idle for long are asked whether they live (${clock})`, async (t) => {
    const pool = world({ minSize: 2, maxSize: 2 }, chance(3))
    await pool.members.fill()
    pool.members.giveBack(await waitFor(pool, true))
    t.is(pool.checked, 0)
    pool.clock[clock] += 3_600_000
    const first = await waitFor(pool, true)
    // Both are asked at once, and both live.
    t.is(pool.checked, 2)
    pool.members.giveBack(first)
    pool.clock[clock] += 3_600_000
    // None does: both are replaced, and the caller gets a new one.
    pool.answers = () => false
    const opened = pool.opened
    const next = await waitFor(pool, true)
    t.true(pool.opened > opened)
    t.not(next, first)
    pool.members.giveBack(next)
    await pool.members.close(() => new Error('closed'))
  })
}

test('with maxWaiting: 0 nobody is refused because connections that nobody uses are asked or replaced', async (t) => {
  const pool = world({ maxSize: 1, maxWaiting: 0 }, chance(3))
  await pool.members.fill()
  pool.clock.ahead += 3_600_000
  const asked = await waitFor(pool, true)
  t.is(pool.checked, 1)
  await t.throwsAsync(waitFor(pool, true), { message: /0 callers wait already, and maxWaiting is 0/ })
  pool.members.giveBack(asked)
  pool.members.expire()
  const replaced = waitFor(pool, true)
  await t.throwsAsync(waitFor(pool, true), { message: /1 callers wait already, and maxWaiting is 0/ })
  pool.members.giveBack(await replaced)
  await pool.members.close(() => new Error('closed'))
})

test('a connection whose server has changed its role is replaced', async (t) => {
  const pool = world({ minSize: 1, maxSize: 1 }, chance(3))
  await pool.members.fill()
  const first = await waitFor(pool, true)
  pool.fits = () => false
  pool.members.giveBack(first)
  pool.fits = () => true
  t.not(await waitFor(pool, true), first)
  pool.members.terminate(() => new Error('closed'))
})

test('a shared connection that is to be replaced takes no more calls, and goes when those in flight are complete', async (t) => {
  const pool = world({ minSize: 1, maxSize: 2 }, chance(3))
  await pool.members.fill()
  const old = pool.members.takeShared() as Member
  pool.members.takeShared()
  t.is(old.inFlight, 2)
  pool.members.expire()
  t.true(old.isRetiring)
  pool.members.complete(old, old.sharedAt)
  // One is still in flight, and the next call goes elsewhere.
  const next = await waitFor(pool, false)
  t.not(next, old)
  t.is(old.use, 'shared')
  pool.members.complete(old, old.sharedAt)
  t.is(old.use, 'leaving')
  pool.members.complete(next, next.sharedAt)
  await pool.members.close(() => new Error('closed'))
})

test('shared connections are replaced a part at a time, and all at once when their server has changed its role', async (t) => {
  const pool = world({ minSize: 8, maxSize: 8 }, chance(3))
  await pool.members.fill()
  const members = Array.from({ length: 8 }, () => pool.members.takeShared() as Member)
  t.is(new Set(members).size, 8)
  const retiring = () => members.filter(({ isRetiring }) => isRetiring)
  pool.members.expire()
  t.is(retiring().length, 2)
  pool.members.sweep()
  t.is(retiring().length, 2)
  // When another one is there in the place of the first, the next one goes.
  const [first] = retiring() as [Member]
  pool.members.complete(first, first.sharedAt)
  for (let i = 0; i < 5; i++) await turn()
  t.is(pool.members.size, 8)
  t.is(retiring().length, 3)
  pool.fits = () => false
  pool.members.sweep()
  t.is(retiring().length, 8)
  pool.members.terminate(() => new Error('closed'))
})

test('a retiring connection is not kept for who wants one alone', async (t) => {
  const pool = world({ minSize: 2, maxSize: 2 }, chance(3))
  await pool.members.fill()
  const [one, other] = [pool.members.takeShared() as Member, pool.members.takeShared() as Member]
  pool.members.expire()
  t.deepEqual([one.isRetiring, other.isRetiring], [true, false])
  const waiting = waitFor(pool, true)
  t.deepEqual([one.isClaimed, other.isClaimed], [false, true])
  pool.members.complete(other, other.sharedAt)
  // It is of the old generation, too: who waits gets the one that is opened in its place.
  const given = await waiting
  t.false([one, other].includes(given))
  pool.members.complete(one, one.sharedAt)
  pool.members.giveBack(given)
  await pool.members.close(() => new Error('closed'))
})

for (const clock of ['ahead', 'slept'] as const) {
  test(`after this process stood still no idle connection is given away unasked (${clock})`, async (t) => {
    const pool = world({ minSize: 2, maxSize: 2 }, chance(3))
    await pool.members.fill()
    pool.clock[clock] += 900
    pool.members.sweep()
    pool.members.giveBack(await waitFor(pool, true))
    t.is(pool.checked, 0)
    // Seen by the next sweep, and by a caller that comes before it.
    pool.clock[clock] += 6_000
    pool.members.sweep()
    pool.members.giveBack(await waitFor(pool, true))
    t.is(pool.checked, 2)
    pool.members.giveBack(await waitFor(pool, true))
    t.is(pool.checked, 2)
    pool.clock[clock] += 6_000
    pool.members.giveBack(await waitFor(pool, true))
    t.true(pool.checked > 2)
    await pool.members.close(() => new Error('closed'))
  })
}
