import test from 'ava'
import { open, preparedTexts } from './open.ts'

const collect = globalThis.gc as () => void

/** Characters of each text. */
const LENGTH = 5_000

test('20,000 distinct texts leave memory flat', async (t) => {
  const connection = await open(t)
  let next = 0
  const round = async (count: number): Promise<void> => {
    for (const end = next + count; next < end; ) {
      const text = `select ${next} as "column ${next++}" --`
      await Promise.all([connection.fetchRow(text.padEnd(LENGTH, 'x')), connection.fetchRow('select 1')])
    }
  }
  const memory = () => {
    collect()
    collect()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rss: rss / 2 ** 20, own: (heapUsed + external) / 2 ** 20 }
  }
  await round(7_000)
  const before = memory()
  await round(13_000)
  const after = memory()
  // The texts alone are 62 MiB. What is resident varies by some 20 MiB from one moment to the next.
  t.true(after.own - before.own < 6, `${(after.own - before.own).toFixed(1)} MiB more within JavaScript`)
  t.true(after.rss - before.rss < 40, `${(after.rss - before.rss).toFixed(1)} MiB more resident`)
  t.true((await preparedTexts(connection)).length <= 100)
})
