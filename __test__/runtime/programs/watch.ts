// One native core whose wake-ups are counted, and what its environment has for it meanwhile; prints that as JSON.

import { createHook } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { loadBinding } from '#native'
import { connect } from '../../../index.ts'
import { VERSION } from '../../../src/boundary/generated.ts'

const [dsn] = process.argv.slice(2) as [string]

/** A thing that the event loop has, as the process's own report tells of it. */
interface Handle {
  readonly type: string
  readonly is_active: boolean
  readonly is_referenced: boolean
}

const report = process.report as unknown as { excludeNetwork: boolean; getReport(): { libuv: Handle[] } }
report.excludeNetwork = true

/** What watches a descriptor, and what of other threads' wake-ups keeps the process alive. */
function loop(): { watches: number; referenced: number; held: number } {
  const { libuv } = report.getReport()
  const watches = libuv.filter(({ type, is_active }) => type === 'poll' && is_active)
  return {
    watches: watches.length,
    referenced: watches.filter(({ is_referenced }) => is_referenced).length,
    held: libuv.filter(({ type, is_referenced }) => type === 'async' && is_referenced).length,
  }
}

const contexts = { made: 0, ended: 0 }
const made = new Set<number>()
createHook({
  init(id, type) {
    if (type !== 'cornac') return
    made.add(id)
    contexts.made++
  },
  destroy(id) {
    if (made.has(id)) contexts.ended++
  },
}).enable()

let wakeUps = 0
let throws = false
const binding = loadBinding(VERSION)
const { Core } = binding
const cores: InstanceType<typeof Core>[] = []
binding.Core = class extends Core {
  constructor(wake: () => boolean, watches: boolean) {
    super(() => {
      wakeUps++
      const holds = wake()
      if (!throws) return holds
      throws = false
      throw new Error('on purpose')
    }, watches)
    cores.push(this)
  }
}
const uncaught: string[] = []
process.on('uncaughtException', (error) => uncaught.push(String((error as Error | undefined)?.message)))

const before = loop()
const connection = await connect(dsn)
const ask = (): Promise<number | null> => connection.fetchValue<number>('select 1', [], { timeout: 20_000 })
for (let i = 0; i < 40; i++) await ask()
wakeUps = 0
for (let i = 0; i < 40; i++) await ask()
const answered = wakeUps
const atRest = loop()
throws = true
const value = await ask()
await turn()
const usable = await ask()
const again = loop()
for (const core of cores) core.close()
wakeUps = 0
// What libuv and Node.js end by and by ends within a few turns.
for (let i = 0; i < 100; i++) await turn()
console.log(
  JSON.stringify({
    before,
    atRest,
    again,
    closed: loop(),
    answered,
    value,
    usable,
    uncaught,
    contexts,
    late: wakeUps,
  }),
)
process.exit()
