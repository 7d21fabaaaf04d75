// The runner of the JavaScript drivers: one driver, one workload, one mode, one process.
// It prints one line of JSON. Flags and environment are the same for the runners of other languages.

import { readFileSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { verify } from '../canonical.mjs'
import { argumentsOf, MODES, readWorkload } from '../workloads.mjs'
import { loadAdapter } from './adapter.mjs'
import { answerCheck } from './answers.mjs'
import { measureImport } from './import.mjs'
import { applyLoad } from './load.mjs'
import { measureService } from './service.mjs'
import { takeTarget } from './target.mjs'

const { values: flags } = parseArgs({
  options: {
    driver: { type: 'string' },
    workload: { type: 'string' },
    mode: { type: 'string', default: 'one' },
    expected: { type: 'string', default: '' },
    seconds: { type: 'string', default: '1' },
    warmup: { type: 'string', default: '0.3' },
    delay: { type: 'string', default: '0.3' },
  },
})

const target = takeTarget()
const window = { warmup: Number(flags.warmup), seconds: Number(flags.seconds), delay: Number(flags.delay) }

try {
  const adapter = await loadAdapter(flags.driver ?? '')
  const workload = readWorkload(flags.workload ?? '')
  const measure = {
    query: () => measureQuery(adapter, workload),
    service: () => measureService({ adapter, target, workload, flags, window }),
    write: () => measureWrite(adapter, workload),
    connect: () => measureConnect(adapter),
    import: () => measureImport(adapter, window),
  }[workload.kind]
  const figures = await measure()
  report({ ok: true, version: adapter.version, ...figures })
} catch (error) {
  report({ ok: false, reason: reasonOf(error) })
}
// A driver that keeps a socket open must not keep the benchmark waiting.
process.exit()

/** @param {import('./adapter.mjs').Adapter} adapter */
async function measureConnect(adapter) {
  await adapter.connectAndClose(target)
  const { workers } = MODES.one
  return applyLoad(workers, () => adapter.connectAndClose(target).then(() => 0), window)
}

/**
 * @param {import('./adapter.mjs').Adapter} adapter
 * @param {import('../workloads.mjs').Workload} workload
 */
async function measureQuery(adapter, workload) {
  const { workers, connections } = MODES[flags.mode]
  const session = await adapter.open(target, workload, { connections })
  const check = answerCheck(session, workload, workers, flags.expected)
  await check()
  const others = keepCalling(session, workload)
  const figures = await applyLoad(
    workers,
    (worker, n) => session.fetch(worker, argumentsOf(workload, n)).then((rows) => rows.length),
    window,
  )
  await others.stop()
  // And once more: what was verified before the load must still be true after it.
  await check()
  await session.close()
  return figures
}

/** Makes the workload's other statement again and again, beside what is timed. */
function keepCalling(session, { other }) {
  let isOver = false
  const work = async () => {
    while (!isOver) await session.other(other.sql, [])
  }
  const working = Promise.all(Array.from({ length: other?.workers ?? 0 }, work))
  return {
    stop() {
      isOver = true
      return working
    },
  }
}

/**
 * What is written is what the driver itself has read, in its own kinds of values.
 *
 * @param {import('./adapter.mjs').Adapter} adapter
 * @param {import('../workloads.mjs').Workload} workload
 */
async function measureWrite(adapter, workload) {
  const session = await adapter.openWriter(target, workload)
  const expected = JSON.parse(readFileSync(flags.expected, 'utf8'))
  const names = workload.columns.map(([name]) => name)
  const source = await session.fetch(workload.sql)
  verify(workload, [source], expected)
  const rows = source.map((row) => names.map((name) => row[name]))
  const written = `select ${names.join(', ')} from ${workload.target} order by id`
  const check = async () => {
    await session.fetch(`truncate ${workload.target}`)
    await session.write(rows)
    verify(workload, [await session.fetch(written)], expected)
    await session.fetch(`truncate ${workload.target}`)
  }
  await check()
  const figures = await applyLoad(
    MODES.one.workers,
    () => session.write(rows).then(() => rows.length),
    window,
  )
  await check()
  await session.close()
  return figures
}

function reasonOf(error) {
  return error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
}

function report(result) {
  writeSync(1, `${JSON.stringify(result)}\n`)
}
