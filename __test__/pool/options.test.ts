// Options that a pool does not have, or cannot change: what is meant instead is told.

import test from 'ava'
import { ClientConfigurationError, createPool } from '../../index.ts'
import { reason } from '../query/open.ts'
import { openPool, pidOf } from './open.ts'

/** Names of other pools, and mistyped ones, with what is told of them. */
const NAMES: readonly (readonly [name: string, hint: string])[] = [
  ['max', 'use maxSize'],
  ['maxsize', 'use maxSize'],
  ['max_size', 'use maxSize'],
  ['maxSze', 'use maxSize'],
  ['connectionLimit', 'use maxSize'],
  ['min', 'use minSize'],
  ['idleTimeoutMillis', 'use maxInactiveConnectionLifetime'],
  ['idle_timeout', 'use maxInactiveConnectionLifetime, in milliseconds'],
  ['maxLifetimeSeconds', 'use maxConnectionLifetime, in milliseconds'],
  ['maxUses', 'use maxQueries, which counts queries'],
  ['connectionTimeoutMillis', 'use acquireTimeout; timeout is the limit of each connect'],
  ['max_pipeline', 'use pipeline: { maxInFlight }'],
  ['allowExitOnIdle', 'leave it out: an idle pool does not keep the process alive'],
  // Those are for connect to judge.
  ['hostname', 'use host'],
  ['query_timeout', 'leave it out, and give the option commandTimeout'],
]

for (const [name, hint] of NAMES) {
  test(`a pool has no option ${name}`, async (t) => {
    const error = await reason(createPool({ [name]: 1 } as never))
    t.true(error instanceof ClientConfigurationError)
    t.is(error.message, `invalid options: there is no option "${name}"`)
    t.is(error.hint, hint)
  })
}

test('setConnectArgs refuses options of the pool, which it cannot change', async (t) => {
  const pool = await openPool(t, { maxSize: 1 })
  const pid = await pidOf(pool)
  for (const options of [{ maxSize: 2 }, { setup: () => {} }, { acquireTimeout: 1 }]) {
    const [name] = Object.keys(options)
    const error = t.throws(() => pool.setConnectArgs(undefined, options as never), {
      instanceOf: ClientConfigurationError,
    })
    t.is(error.message, `invalid connect arguments: ${name} is an option of the pool`)
  }
  t.is(await pidOf(pool), pid)
})
