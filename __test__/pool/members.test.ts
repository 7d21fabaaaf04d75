// Who gets which connection, without a server: ten thousand callers, failures and ends in every order.

import test from 'ava'
import type { Connection } from '../../src/connection.ts'
import type { Member } from '../../src/pool/member.ts'
import { Members } from '../../src/pool/members.ts'
import { checkPoolOptions, type PoolOptions } from '../../src/pool/pool-options.ts'
import { Waiter } from '../../src/pool/waiter.ts'

/** As much of a connection as the members of a pool use. */
class Stand {
  readonly #ended: () => void
  isOpen = true

  constructor(ended: () => void) {
    this.#ended = ended
  }

  async close(): Promise<void> {
    await null
    this.terminate()
  }

  terminate(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#ended()
  }
}

class Outage extends Error {}

/** The same numbers in every run. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

interface World {
  readonly members: Members
  /** Those that are open. */
  readonly open: Set<Stand>
  most: number
  opened: number
  fails: () => unknown
  fits: () => boolean
  answers: () => boolean
  checked: number
  /** Milliseconds that have passed without this process. */
  ahead: number
  slept: number
}

function world(options: PoolOptions, random: () => number): World {
  const { settings } = checkPoolOptions(options, undefined)
  const open = new Set<Stand>()
  const made: World = {
    members: new Members(settings, {
      async open(_signal, ended) {
        await null
        made.opened++
        const error = made.fails()
        if (error !== undefined) throw error
        const stand = new Stand(() => {
          open.delete(stand)
          ended()
        })
        open.add(stand)
        made.most = Math.max(made.most, open.size)
        return stand as unknown as Connection
      },
      fits: () => made.fits(),
      async check(connection) {
        await null
        made.checked++
        const isAlive = made.answers()
        if (!isAlive) connection.terminate()
        return isAlive
      },
      isOutage: (error) => error instanceof Outage,
      reason: (error) => error,
      now: () => performance.now() + made.ahead,
      date: () => Date.now() + made.slept,
      random,
    }),
    open,
    most: 0,
    opened: 0,
    fails: () => undefined,
    fits: () => true,
    answers: () => true,
    checked: 0,
    ahead: 0,
    slept: 0,
  }
  return made
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('ten thousand callers on ten connections: none is lost, none is one too many, the rest is served in order', async (t) => {
  const random = chance(7)
  const pool = world({ maxSize: 10 }, random)
  const served: number[] = []
  let aborted = 0
  const holders = new Set<Member>()
  const callers = Array.from({ length: 10_000 }, async (_, n) => {
    const abort = new AbortController()
    const isAborted = random() < 0.3
    const waiter = new Waiter(
      pool.members,
      true,
      { timeout: null, signal: abort.signal },
      () => new Error('late'),
    )
    if (isAborted) setImmediate(() => abort.abort(new Error('enough')))
    let member: Member
    try {
      member = await waiter.promise
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
    const member =
      pool.members.takeShared() ??
      (await new Waiter(pool.members, false, { timeout: null, signal: undefined }, () => new Error('late'))
        .promise)
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
    const member =
      pool.members.takeWhole() ??
      (await new Waiter(pool.members, true, { timeout: null, signal: undefined }, () => new Error('late'))
        .promise)
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
  const waiters = Array.from({ length: 50 }, () =>
    new Waiter(
      pool.members,
      true,
      { timeout: null, signal: undefined },
      () => new Error('late'),
    ).promise.catch((error) => error),
  )
  for (const error of await Promise.all(waiters)) t.is(error, outage)
  t.true(pool.opened <= 4)
  t.is(pool.members.outage, outage)
  // It is back: who comes now is served after a pause that is short at first.
  pool.fails = () => undefined
  const before = pool.opened
  const member = await new Waiter(
    pool.members,
    true,
    { timeout: null, signal: undefined },
    () => new Error('late'),
  ).promise
  t.is(pool.opened, before + 1)
  t.is(pool.members.outage, undefined)
  pool.members.giveBack(member)
  await pool.members.close(() => new Error('closed'))
})

test('while there are other connections an outage harms nobody', async (t) => {
  const pool = world({ maxSize: 2 }, chance(3))
  const wait = (): Promise<Member> =>
    new Waiter(pool.members, true, { timeout: null, signal: undefined }, () => new Error('late')).promise
  const first = await wait()
  pool.fails = () => new Outage('too many connections')
  const second = wait()
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
  const [one, two] = await Promise.allSettled(
    [0, 1].map(
      () =>
        new Waiter(pool.members, true, { timeout: null, signal: undefined }, () => new Error('late')).promise,
    ),
  )
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

for (const clock of ['ahead', 'slept'] as const) {
  test(`connections that were idle for long are asked whether they live (${clock})`, async (t) => {
    const pool = world({ minSize: 2, maxSize: 2 }, chance(3))
    const wait = (): Promise<Member> =>
      new Waiter(pool.members, true, { timeout: null, signal: undefined }, () => new Error('late')).promise
    await pool.members.fill()
    pool.members.giveBack(await wait())
    t.is(pool.checked, 0)
    pool[clock] += 3_600_000
    const first = await wait()
    // Both are asked at once, and both live.
    t.is(pool.checked, 2)
    pool.members.giveBack(first)
    pool[clock] += 3_600_000
    // None does: both are replaced, and the caller gets a new one.
    pool.answers = () => false
    const opened = pool.opened
    const next = await wait()
    t.true(pool.opened > opened)
    t.not(next, first)
    pool.members.giveBack(next)
    await pool.members.close(() => new Error('closed'))
  })
}

test('a connection whose server has changed its role is replaced', async (t) => {
  const pool = world({ minSize: 1, maxSize: 1 }, chance(3))
  const wait = (): Promise<Member> =>
    new Waiter(pool.members, true, { timeout: null, signal: undefined }, () => new Error('late')).promise
  await pool.members.fill()
  const first = await wait()
  pool.fits = () => false
  pool.members.giveBack(first)
  pool.fits = () => true
  t.not(await wait(), first)
  pool.members.terminate(() => new Error('closed'))
})
