import test from 'ava'
import { runPlan } from '../../src/connect/run-plan.ts'
import { networkOf, up } from './network.ts'
import { runOn } from './run-on.ts'
import { planIn } from './world.ts'

const HOSTS = 'postgres://192.0.2.1,192.0.2.2,192.0.2.3'

test('load balancing shuffles hosts and addresses, and tries each once', async (t) => {
  const orders = new Set<string>()
  for (let round = 0; round < 200; round++) {
    const io = {
      ...networkOf({ names: { a: ['192.0.2.1', '192.0.2.2'], b: ['192.0.2.3'] } }),
      random: Math.random,
    }
    await t.throwsAsync(runPlan(planIn({}, 'postgres://a,b?load_balance_hosts=random'), io))
    const dialled = io.log.filter((line) => line.startsWith('dial')).map((line) => line.slice(5, 14))
    t.deepEqual([...dialled].sort(), ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    orders.add(dialled.map((address) => address.at(-1)).join(''))
  }
  t.deepEqual([...orders].sort(), ['123', '213', '312', '321'])
})

test('load balancing spreads connections evenly', async (t) => {
  const counts = new Map<string, number>()
  const reactions = { '192.0.2.1': up, '192.0.2.2': up, '192.0.2.3': up }
  for (let round = 0; round < 3000; round++) {
    const io = { ...networkOf({ reactions }), random: Math.random }
    const { to } = await runPlan(planIn({}, `${HOSTS}?load_balance_hosts=random`), io)
    counts.set(to, (counts.get(to) ?? 0) + 1)
  }
  for (const count of counts.values()) t.true(count > 850 && count < 1150, String(count))
})

test('the default hosts stay in order under load balancing', async (t) => {
  const { log } = await runOn({ random: [0.9, 0.1, 0.5] }, 'postgres://?load_balance_hosts=random')
  t.regex(log[0]!, /\/run\/postgresql/)
})
