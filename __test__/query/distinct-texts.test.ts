import { setFlagsFromString } from 'node:v8'
import test from 'ava'
import { open, preparedTexts } from './open.ts'

const collect = globalThis.gc as () => void

// Since version 14.6, of Node.js 26, V8 keeps compiled functions that nobody has any more until its memory runs short.
setFlagsFromString('--no-compilation-cache')

/** Characters of each text. */
const LENGTH = 5_000

/** Texts in a round: 33 MiB of them. */
const ROUND = 7_000

/** A heap that is still growing into its room may take some rounds; what leaks grows in each. */
const ROUNDS = 6

test('tens of thousands of distinct texts leave memory flat', async (t) => {
  t.timeout(1_200_000)
  const connection = await open(t)
  let next = 0
  const round = async (): Promise<{ rss: number; own: number }> => {
    for (const end = next + ROUND; next < end; ) {
      const text = `select ${next} as "column ${next++}" --`
      await Promise.all([connection.fetchRow(text.padEnd(LENGTH, 'x')), connection.fetchRow('select 1')])
    }
    collect()
    collect()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { rss: rss / 2 ** 20, own: (heapUsed + external) / 2 ** 20 }
  }
  const usage = [await round()]
  let flat = false
  while (!flat && usage.length < ROUNDS) {
    usage.push(await round())
    const [before, after] = usage.slice(-2) as [(typeof usage)[0], (typeof usage)[0]]
    flat = after.own - before.own < 3 && after.rss - before.rss < 15
  }
  const told = usage.map(({ rss, own }) => `${rss.toFixed()} MiB, ${own.toFixed(1)} within JavaScript`)
  t.true(flat, told.join('; '))
  t.log(told.join('; '))
  t.true((await preparedTexts(connection)).length <= 100)
})
