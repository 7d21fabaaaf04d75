// `npm run bench`: measures cornac beside its peers and writes benchmark/report.md, report.json and charts/.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkBudgets, describeLimits, modeTitle, ratioText } from './budget.mjs'
import { drawCharts } from './charts.mjs'
import { findDrivers, installPeers } from './drivers.mjs'
import { prepareFixture } from './fixture.mjs'
import { describeMachine } from './machine.mjs'
import { readOptions, USAGE } from './options.mjs'
import { number, writeReport } from './report.mjs'
import { runRounds } from './rounds.mjs'
import { openServer } from './server.mjs'
import { Summary } from './summary.mjs'
import { MODES, readWorkloads, wayOf } from './workloads.mjs'

/** Limits are there for the picture, not for a ratio: fewer rounds do. */
const LIMIT_ROUNDS = 2

async function main(argv) {
  if (argv.includes('--help')) return process.stdout.write(USAGE)
  const startedAt = Date.now()
  // An interrupted run still removes its server and its files.
  process.once('SIGINT', () => process.exit(130))
  const options = readOptions(argv)
  await installPeers()
  const machine = describeMachine()
  const found = findDrivers(options)
  const { works, drivers } = select(options, found.drivers)
  const server = await openServer(options.url)
  try {
    const fixture = await prepareFixture(server.targets.trust, readWorkloads())
    const result = await runRounds({
      works,
      drivers,
      options,
      startedAt,
      targets: server.targets,
      postmaster: server.postmaster,
      workloadPath: fixture.workloadPath,
      expectedPath: fixture.expectedPath,
      wanted: (round, driver, work) => isWanted(options, round, driver, work),
      onMeasurement: tell,
    })
    const run = describe({ options, argv, machine, drivers, works, found, fixture, ...result })
    save(options.output, run, result.measurements)
    process.stdout.write(`\n${verdict(run)}\n`)
  } finally {
    await server.stop()
  }
}

/** @param {import('./options.mjs').Options} options */
function select({ quick, only }, allDrivers) {
  const narrowed = (texts) =>
    only.every((words) => {
      const list = words.split(',')
      // A word that names nothing of this kind does not narrow it.
      return (
        !list.some((word) => matchesKind(word, texts.kind)) || list.some((word) => texts.name.includes(word))
      )
    })
  const workloads = readWorkloads()
  const names = {
    driver: allDrivers.map(({ name }) => name),
    workload: workloads.map(({ name }) => name),
    mode: Object.keys(MODES),
  }
  const matchesKind = (word, kind) => names[kind].some((name) => name.includes(word))
  const works = workloads
    .filter(({ name }) => narrowed({ kind: 'workload', name }))
    .flatMap((workload) => (quick ? workload.quick : workload.modes).map((mode) => ({ workload, mode })))
    .filter(({ mode }) => narrowed({ kind: 'mode', name: mode }))
  return { works, drivers: allDrivers.filter(({ name }) => narrowed({ kind: 'driver', name })) }
}

function isWanted({ quick, rounds }, round, driver, { workload, mode }) {
  if (driver.role === 'limit') {
    const { kinds, modes, tls } = driver
    const knows = kinds.includes(workload.kind) && !workload.unnamed && modes.includes(mode)
    return knows && (workload.login !== 'tls' || tls) && round < Math.min(rounds, LIMIT_ROUNDS)
  }
  // Statement names and pipelining are no part of these; pipelining makes no difference to one query at a time.
  const isCopy = workload.kind === 'write' && wayOf(workload) === 'copy'
  if (workload.sql === undefined || workload.unnamed || isCopy) return !/-(named|pipeline)$/.test(driver.name)
  if (workload.kind === 'write') return driver.name !== 'node-postgres-pipeline' || wayOf(workload) === 'each'
  return !(quick && driver.name === 'node-postgres-pipeline' && mode !== 'inflight')
}

function describe({ options, argv, machine, drivers, works, found, fixture, measurements, notReached }) {
  const peers = drivers.filter(({ role }) => role === 'peer').map(({ name }) => name)
  const summary = new Summary(measurements, peers)
  const versions = {}
  for (const { driver, version } of measurements) if (version !== undefined) versions[driver] = version
  const run = {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ').concat(' UTC'),
    command: ['npm run bench', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' '),
    options,
    machine,
    serverVersion: fixture.serverVersion,
    versions,
    drivers,
    leftOut: found.leftOut,
    works,
    notReached,
    cpuSource: measurements.find(({ cpuSource }) => cpuSource !== undefined)?.cpuSource ?? 'none',
    summary,
    checks: checkBudgets(summary, works),
  }
  return { ...run, charts: drawCharts(run) }
}

function save(output, run, measurements) {
  mkdirSync(join(output, 'charts'), { recursive: true })
  for (const { file, svg } of run.charts) writeFileSync(join(output, 'charts', file), svg)
  writeFileSync(join(output, 'report.md'), writeReport(run))
  const { date, command, options, machine, serverVersion, versions, leftOut, notReached, checks } = run
  const { output: _, url: __, ...settings } = options
  const raw = {
    date,
    command,
    settings,
    machine,
    serverVersion,
    versions,
    leftOut,
    notReached,
    checks,
    measurements,
  }
  writeFileSync(join(output, 'report.json'), `${JSON.stringify(raw, null, 1)}\n`)
}

function tell(measurement, left) {
  const { ok, reason, workload, mode, driver, queriesPerSecond, mainCpuUs, processCpuUs, p50Us } = measurement
  const work = `${workload}, ${modeTitle(mode)}`.padEnd(46)
  const shown = (value) => (value == null ? '–' : number(value))
  const figures = ok
    ? `${shown(queriesPerSecond).padStart(8)} /s  main ${shown(mainCpuUs)} µs  process ${shown(processCpuUs)} µs  p50 ${shown(p50Us)} µs`
    : `left out: ${reason}`
  process.stdout.write(`${String(left).padStart(5)}  ${work} ${driver.padEnd(23)} ${figures}\n`)
}

/** The budget as the terminal shows it. */
function verdict({ checks, options }) {
  const rows = checks.map((check) => {
    const { budget, workload, mode, ratio, held, reached, peer } = check
    const { floor, aim } = describeLimits(check)
    const verdicts = [
      `floor ${floor} ${held ? 'held' : 'NOT HELD'}`,
      `aim ${aim} ${reached ? 'reached' : 'not yet'}`,
    ]
    return [
      `${budget.title}: ${workload}, ${modeTitle(mode)}`,
      `${ratioText(ratio)} of ${peer.driver}`,
      ...verdicts,
    ]
  })
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column].length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
  const held = checks.filter((check) => check.held).length
  return [
    ...lines,
    `${held} of ${checks.length} floors held; report: ${join(options.output, 'report.md')}`,
  ].join('\n')
}

await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
