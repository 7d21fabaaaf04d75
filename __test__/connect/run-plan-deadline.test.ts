import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { runPlan } from '../../src/connect/run-plan.ts'
import { ConnectionFailureError, TimeoutError } from '../../src/errors/index.ts'
import { eventually, GUARD_MS } from '../support/waiting.ts'
import { type Network, networkOf, up } from './network.ts'
import { reason } from './opened.ts'
import { planIn } from './world.ts'

async function run(network: Network, dsn: string, options: ConnectOptions) {
  const io = networkOf(network)
  const began = performance.now()
  let result: unknown
  try {
    result = await runPlan(planIn({}, dsn, options), io)
  } catch (error) {
    result = error
  }
  return { io, result, error: result as TimeoutError, elapsed: performance.now() - began }
}

// The first run loads and compiles; the limits below are not about that.
test.before(async () => {
  await run({ reactions: { '192.0.2.1': up } }, 'postgres://192.0.2.1', {})
})

const silent: Network = { reactions: { '192.0.2.1': 'silence' } }

test.serial('silence ends in a TimeoutError at the limit, and the attempt is given up', async (t) => {
  const { error, elapsed, io } = await run(silent, 'postgres://192.0.2.1', { timeout: 200 })
  t.true(error instanceof TimeoutError)
  t.is(error.name, 'TimeoutError')
  t.is(error.code, 'ETIMEDOUT')
  t.is(error.phase, 'connect')
  t.regex(error.message, /timed out after 200 ms while connecting to "192.0.2.1" port 5432/)
  t.true(elapsed >= 199 && elapsed < GUARD_MS, String(elapsed))
  await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual(io.log.at(-1), 'given up 192.0.2.1:5432')
})

test.serial('the attempt is told its limit, and its own time-out tells the phase', async (t) => {
  const network: Network = { reactions: { '192.0.2.1': { kind: 'timeout', phase: 'tls', after: 'limit' } } }
  const { error, io } = await run(network, 'postgres://192.0.2.1', { timeout: 200 })
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'tls')
  t.regex(error.message, /setting up TLS with "192.0.2.1"/)
  t.true(io.attempts[0]!.timeout! > 0 && io.attempts[0]!.timeout! <= 200)
})

test.serial('one budget covers the password function', async (t) => {
  const { error, io } = await run({}, 'postgres://a', { timeout: 150, password: () => new Promise(() => {}) })
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'password')
  t.deepEqual(io.log, [])
})

test.serial('one budget covers the looking up of names', async (t) => {
  const { error } = await run({ names: { a: 'silence' } }, 'postgres://a,b', { timeout: 150 })
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'resolve')
})

test.serial(
  'one budget covers the question what kind of server it is, and the connection is closed',
  async (t) => {
    const network: Network = { reactions: { '192.0.2.1': { recovery: 'silence' } } }
    const { error, io } = await run(network, 'postgres://192.0.2.1', {
      timeout: 150,
      targetSessionAttrs: 'standby',
    })
    t.true(error instanceof TimeoutError)
    t.is(error.phase, 'session')
    t.true(io.links[0]!.closed)
  },
)

test.serial('the budget is shared by all hosts, and the time-out tells of those before', async (t) => {
  const network: Network = { reactions: { '192.0.2.2': 'silence' } }
  const { error, io } = await run(network, 'postgres://192.0.2.1,192.0.2.2,192.0.2.3', { timeout: 200 })
  t.true(error instanceof TimeoutError)
  t.is(io.attempts.length, 2)
  const before = (error.cause as AggregateError).errors
  t.is(before.length, 1)
  t.true(before[0] instanceof ConnectionFailureError)
})

const primaryAndSilence: Network = {
  reactions: { '192.0.2.1': { settings: { in_hot_standby: 'off' } }, '192.0.2.2': 'silence' },
}
const TWO_HOSTS = 'postgres://192.0.2.1,192.0.2.2?target_session_attrs=prefer-standby'

test.serial('a last host that is silent leaves prefer-standby the time to take another one', async (t) => {
  const { result, elapsed, io } = await run(primaryAndSilence, TWO_HOSTS, { timeout: 5_000 })
  t.is((result as { to: string }).to, '192.0.2.1:5432')
  t.true(io.attempts[1]!.timeout! <= 2_500, String(io.attempts[1]!.timeout))
  t.true(elapsed >= 2_400 && elapsed < GUARD_MS, String(elapsed))
  t.false(io.links[0]!.closed)
})

test.serial('prefer-standby takes what it has reached when the time is over', async (t) => {
  const { result, elapsed, io } = await run(primaryAndSilence, TWO_HOSTS, { timeout: 200 })
  t.is((result as { to: string }).to, '192.0.2.1:5432')
  t.true(elapsed >= 199 && elapsed < GUARD_MS, String(elapsed))
  t.false(io.links[0]!.closed)
})

test.serial('prefer-standby takes nothing any more when its caller has given up', async (t) => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new TimeoutError('enough')), 50)
  const { error, io } = await run(primaryAndSilence, TWO_HOSTS, { timeout: 5_000, signal: controller.signal })
  t.is(error, controller.signal.reason)
  t.true(io.links[0]!.closed)
})

test.serial('both ways of prefer share the budget', async (t) => {
  const network: Network = {
    reactions: {
      '192.0.2.1/prefer': { kind: 'tls', phase: 'tls', after: 100 },
      '192.0.2.1/disable': 'silence',
    },
  }
  const { elapsed, io } = await run(network, 'postgres://192.0.2.1', { timeout: 200 })
  t.true(elapsed < GUARD_MS, String(elapsed))
  t.true(io.attempts[1]!.timeout! <= 101)
})

test.serial('connect_timeout gives up an address and goes on to the next', async (t) => {
  const network: Network = {
    names: { a: ['192.0.2.1', '192.0.2.2'] },
    reactions: { '192.0.2.1': 'silence', '192.0.2.2': up },
  }
  const { result, elapsed, io } = await run(network, 'postgres://a?connect_timeout=1', { timeout: 10_000 })
  t.is((result as { to: string }).to, '192.0.2.2:5432')
  t.true(elapsed >= 1990 && elapsed < GUARD_MS, String(elapsed))
  // Some of the two seconds may be over when an attempt is told of them.
  const limits = io.attempts.map(({ timeout }) => timeout as number)
  t.true(limits.length === 2 && limits.every((limit) => limit > 0 && limit <= 2000), String(limits))
})

test.serial('connect_timeout that ends the only attempt is a TimeoutError', async (t) => {
  const network: Network = { reactions: { '192.0.2.1': { kind: 'timeout', phase: 'startup' } } }
  const { error } = await run(network, 'postgres://192.0.2.1?connect_timeout=2', { timeout: null })
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'startup')
})

test.serial('connect_timeout on every address of the only host is a TimeoutError too', async (t) => {
  const network: Network = {
    names: { a: ['192.0.2.1', '192.0.2.2'] },
    reactions: {
      '192.0.2.1': { kind: 'timeout', phase: 'connect' },
      '192.0.2.2': { kind: 'timeout', phase: 'tls' },
    },
  }
  const { error, io } = await run(network, 'postgres://a?connect_timeout=2', {})
  t.true(error instanceof TimeoutError)
  t.is(io.attempts.length, 2)
})

test.serial('without limits nothing is told and no timer is set', async (t) => {
  const { io } = await run({ reactions: { '192.0.2.1': up } }, 'postgres://192.0.2.1', { timeout: null })
  t.is(io.attempts[0]!.timeout, undefined)
})

test.serial('a limit longer than timers know does not fire at once', async (t) => {
  const network: Network = { reactions: { '192.0.2.1': { after: 20 } } }
  const { result } = await run(network, 'postgres://192.0.2.1', { timeout: 2 ** 40 })
  t.is((result as { to: string }).to, '192.0.2.1:5432')
})

test.serial('an aborted signal rejects with its reason before anything is done', async (t) => {
  const reason = new Error('changed my mind')
  const { result, io } = await run({}, 'postgres://a', { signal: AbortSignal.abort(reason) })
  t.is(result, reason)
  t.deepEqual(io.log, [])
})

test.serial(
  'an abort on the way rejects at once with its reason, even null, and closes what was kept',
  async (t) => {
    const controller = new AbortController()
    const network: Network = {
      reactions: { '192.0.2.1': { settings: { in_hot_standby: 'off' } }, '192.0.2.2': 'silence' },
    }
    const options = { signal: controller.signal, targetSessionAttrs: 'prefer-standby' } as const
    const io = networkOf(network)
    const result = reason(runPlan(planIn({}, 'postgres://192.0.2.1,192.0.2.2', options), io))
    t.true(await eventually(() => io.attempts.length === 2))
    controller.abort('stop')
    t.is(await result, 'stop')
    t.true(io.links[0]!.closed)
  },
)

test.serial('a connection that comes after the end is closed', async (t) => {
  const network: Network = { reactions: { '192.0.2.1': { after: 600 } } }
  const { error, io } = await run(network, 'postgres://192.0.2.1', { timeout: 150 })
  t.true(error instanceof TimeoutError)
  t.true(await eventually(() => io.links.length === 1 && io.links[0]!.closed))
})

test.serial('a failure that comes after the end is no unhandled rejection', async (t) => {
  const network: Network = { reactions: { '192.0.2.1': { kind: 'io', after: 500 } } }
  const { error, io } = await run(network, 'postgres://192.0.2.1', { timeout: 100 })
  t.true(error instanceof TimeoutError)
  t.deepEqual(io.failed, [])
  t.true(await eventually(() => io.failed.length === 1))
  // A rejection that nobody handles is told at the end of the turn, and ends the test file.
  await new Promise(setImmediate)
})

test.serial('the listener on the signal is removed when all is done', async (t) => {
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }
  await run({ reactions: { '192.0.2.1': up } }, 'postgres://192.0.2.1', { signal })
  t.is(listeners, 0)
})

test.serial('a host that falls silent gets its share of the budget, and the next one is tried', async (t) => {
  const network: Network = { reactions: { '192.0.2.1': 'silence', '192.0.2.2': up } }
  const { result, io } = await run(network, 'postgres://192.0.2.1,192.0.2.2', { timeout: 4_400 })
  t.is((result as { to: string }).to, '192.0.2.2:5432')
  const [first, second] = io.attempts.map(({ timeout }) => timeout as number)
  t.true(first! >= 2_000 && first! <= 2_201, String(first))
  t.true(second! <= 2_400, String(second))
})

test.serial('the share of an address is at least 2 s and never more than what is left', async (t) => {
  const refused = { kind: 'io', phase: 'connect', osError: 111, message: 'refused' } as const
  const names = { a: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }
  const network: Network = { names, reactions: { '192.0.2.1': refused, '192.0.2.2': refused } }
  const limits = async (timeout: number | null) => {
    const { io } = await run(
      { ...network, reactions: { ...network.reactions, '192.0.2.3': up } },
      'postgres://a',
      {
        timeout,
      },
    )
    return io.attempts.map(({ timeout: limit }) => (limit === undefined ? limit : Math.round(limit / 1_000)))
  }
  t.deepEqual(await limits(60_000), [20, 30, 60])
  t.deepEqual(await limits(3_000), [2, 2, 3])
  t.deepEqual(await limits(null), [undefined, undefined, undefined])
})

test.serial('a connection that comes too late, or cannot be asked, is dropped and not closed', async (t) => {
  const network: Network = { reactions: { '192.0.2.1': { recovery: 'silence' } } }
  const { io } = await run(network, 'postgres://192.0.2.1', { timeout: 150, targetSessionAttrs: 'standby' })
  t.true(io.log.includes('drop 192.0.2.1:5432'))
  t.false(io.log.some((entry) => entry.startsWith('close ')))
})

test.serial(
  'a password function that aborts its own connect ends it, and every other call of the signal',
  async (t) => {
    for (const late of [false, true]) {
      const controller = new AbortController()
      const password = (): string | Promise<string> => {
        controller.abort(new Error('changed my mind'))
        return late ? Promise.resolve('x') : 'x'
      }
      const others = [1, 2].map(() =>
        run({ names: { a: 'silence' } }, 'postgres://a', { signal: controller.signal, timeout: 20_000 }),
      )
      const own = run({ reactions: { '192.0.2.1': up } }, 'postgres://192.0.2.1', {
        password,
        signal: controller.signal,
      })
      for (const { error } of await Promise.all([own, ...others])) t.is(error.message, 'changed my mind')
    }
  },
)
