// Which connection a call on a pool goes to, without a server, and a clock that is read once a turn.

import test from 'ava'
import type { Connection } from '../../src/connection.ts'
import { Member } from '../../src/pool/member.ts'
import { Sharing } from '../../src/pool/sharing.ts'
import { TurnClock } from '../../src/pool/turn-clock.ts'
import { chance, turn, world } from './world.ts'

/** Connections that calls share, at a time that stands still. */
class Calls {
  readonly #idle: Member[]
  readonly #sharing: Sharing

  constructor(size: number, maxInFlight = 32) {
    const open = Array.from({ length: size }, () => new Member({} as Connection, 0, 1, () => {}))
    this.#idle = open
    this.#sharing = new Sharing(maxInFlight, {
      get idle() {
        return open.length
      },
      size,
      takeIdle: () => open.pop(),
    })
  }

  make(count: number): Member[] {
    return Array.from({ length: count }, () => this.#sharing.pick(0) as Member)
  }

  complete(member: Member): void {
    this.#sharing.complete(member, 0, 0)
    if (member.inFlight > 0) return
    this.#sharing.delete(member)
    member.use = 'idle'
    this.#idle.push(member)
  }
}

test('as long as a connection is free each call has one for itself', (t) => {
  t.is(new Set(new Calls(10).make(10)).size, 10)
})

test('many calls are spread evenly, up to the most that there may be', (t) => {
  const inFlight = new Calls(10).make(64).map((member) => member.inFlight)
  t.true(Math.max(...inFlight) <= 7, `${Math.max(...inFlight)} on one, where 6.4 are in the mean`)
  const full = new Calls(10, 2)
  t.is(new Set(full.make(20)).size, 10)
  t.deepEqual(full.make(1), [undefined as unknown as Member])
})

test('calls that are made together go out on few connections, and none has much more than its part', (t) => {
  const calls = new Calls(10)
  const running = calls.make(64)
  const random = chance(7)
  let made = 0
  let changes = 0
  for (let round = 0; round < 200; round++) {
    // Two connections are answered all that is in flight on them, and as many calls are made.
    const answered = [random(), random()].map((at) => running[Math.floor(at * running.length)])
    const unanswered = running.filter((member) => !answered.includes(member))
    for (const member of running) if (!unanswered.includes(member)) calls.complete(member)
    const next = calls.make(running.length - unanswered.length)
    running.splice(0, running.length, ...unanswered, ...next)
    t.true(Math.max(...running.map(({ inFlight }) => inFlight)) <= 8)
    made += next.length
    changes += next.filter((member, i) => member !== next[i - 1]).length
  }
  t.true(made / changes > 3, `${made} calls changed the connection ${changes} times`)
})

test('a pool opens connections up to maxSize as long as calls share those that there are', async (t) => {
  const pool = world({ minSize: 1, maxSize: 4 }, chance(5))
  await pool.members.fill()
  pool.members.takeShared()
  for (let i = 0; i < 5; i++) await turn()
  t.is(pool.members.size, 1)
  for (let size = 2; size <= 4; size++) {
    // Until one has to share a connection.
    while (pool.members.idle > 0) pool.members.takeShared()
    pool.members.takeShared()
    for (let i = 0; i < 5; i++) await turn()
    t.is(pool.members.size, size)
  }
  pool.members.terminate(() => new Error('closed'))
})

test('a clock that is read once a turn goes on with the next turn', async (t) => {
  let time = 0
  const clock = new TurnClock(() => ++time)
  const read = () => [clock.now(), clock.now()]
  t.deepEqual(read(), [1, 1])
  await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual(read(), [2, 2])
  // A tick of the runtime's own ends a turn as well.
  await new Promise<void>((resolve) => process.nextTick(resolve))
  t.deepEqual(read(), [3, 3])
})
