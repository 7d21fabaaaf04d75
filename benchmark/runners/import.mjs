import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Samples } from './samples.mjs'

const run = promisify(execFile)

/** So that a slow machine's window is not a single process. */
const IMPORTS_AT_LEAST = 5

/**
 * Loads the package again and again, each time in a process of its own, which measures itself.
 *
 * @param {import('./adapter.mjs').Adapter} adapter
 * @param {import('./load.mjs').Window} window
 * @returns {Promise<Partial<import('./load.mjs').Figures>>}
 */
export async function measureImport({ importing }, { seconds }) {
  const program = `
    const began = performance.now()
    const cpu = process.cpuUsage()
    if (!(${importing})) throw new Error('the package lacks its names')
    const elapsed = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    console.log(JSON.stringify({ elapsed, cpu: user + system, rss: process.resourceUsage().maxRSS }))
    process.exit()`
  const load = async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program])
    return JSON.parse(stdout)
  }
  // The first one finds the files' pages cold.
  await load()
  const [times, cpus] = [new Samples(), new Samples()]
  let rss = 0
  for (
    const end = performance.now() + seconds * 1000;
    times.length < IMPORTS_AT_LEAST || performance.now() < end;
  ) {
    const measured = await load()
    times.push(measured.elapsed * 1000)
    cpus.push(measured.cpu)
    rss = Math.max(rss, measured.rss)
  }
  return {
    p50Us: times.percentile(0.5),
    p99Us: times.percentile(0.99),
    processCpuUs: cpus.percentile(0.5) ?? 0,
    rssMb: rss / 1024,
  }
}
