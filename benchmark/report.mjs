import { describeLimits, modeTitle, ratioText } from './budget.mjs'
import { FIGURES } from './summary.mjs'
import { MODES } from './workloads.mjs'

/**
 * @typedef {object} Run everything that a report tells
 * @property {string} date
 * @property {string} command
 * @property {import('./options.mjs').Options} options
 * @property {import('./machine.mjs').Machine} machine
 * @property {string} serverVersion
 * @property {Record<string, string>} versions of the drivers
 * @property {import('./drivers.mjs').Driver[]} drivers
 * @property {{ name: string, reason: string }[]} leftOut
 * @property {import('./rounds.mjs').Work[]} works
 * @property {number} notReached
 * @property {string} cpuSource
 * @property {import('./summary.mjs').Summary} summary
 * @property {import('./budget.mjs').Check[]} checks
 * @property {{ file: string, title: string }[]} charts
 */

/**
 * The report as Markdown.
 *
 * @param {Run} run
 * @returns {string}
 */
export function writeReport(run) {
  const parts = [
    '# Benchmark report',
    circumstances(run),
    ...run.charts.map(({ file, title }) => `![${title}](charts/${file})`),
    '## Budget',
    budgetTable(run),
    '## Figures',
    'Medians of the rounds. In brackets behind cornac’s figure: its ratio to the best peer on that line, which is set in **bold**.',
    ...FIGURES.flatMap((figure) => figureTables(run, figure)),
    ...leftOut(run),
  ]
  return `${parts.join('\n\n')}\n`
}

/** @param {Run} run */
function circumstances({ date, command, options, machine, serverVersion, versions, cpuSource }) {
  const { warmup, seconds, delay } = options.window
  const lines = [
    ['date', date],
    ['command', `\`${command}\``],
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GiB; client and server share it`],
    ['load before', machine.loadBefore.join(', ')],
    ['system', machine.system],
    ['Node.js', machine.node],
    ['PostgreSQL', serverVersion],
    ['drivers', Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')],
    ['rounds', `${options.rounds}, interleaved over the drivers, one process each`],
    ['window', `${warmup} s warm-up, ${seconds} s measured, ${delay} s for the event loop's delay`],
    ['main-thread CPU from', cpuSource],
  ]
  return table(['', ''], lines)
}

/** @param {Run} run */
function budgetTable({ checks, drivers }) {
  if (checks.length === 0) return 'Nothing to compare: cornac or its peers were not part of this run.'
  const held = checks.filter((check) => check.held).length
  const reached = checks.filter((check) => check.reached).length
  const rows = checks.map((check) => {
    const { floor, aim } = describeLimits(check)
    return [
      check.budget.title,
      check.workload,
      modeTitle(check.mode),
      number(check.ours),
      `${number(check.peer.value)} (${titleOf(drivers, check.peer.driver)})`,
      ratioText(check.ratio),
      floor,
      check.held ? 'yes' : '**no**',
      aim,
      check.reached ? 'yes' : 'no',
    ]
  })
  const head = ['figure', 'work', 'mode', 'cornac', 'best peer', 'ratio', 'floor', 'held', 'aim', 'reached']
  return `${held} of ${checks.length} floors held, ${reached} aims reached.\n\n${table(head, rows)}`
}

/**
 * @param {Run} run
 * @param {import('./summary.mjs').Figure} figure
 */
function figureTables({ summary, works, drivers }, figure) {
  const blocks = [`### ${figure.title}${figure.unit === '/s' ? '' : `, ${figure.unit}`}`]
  const shown = drivers.filter(({ name }) => summary.cells.some((cell) => cell.driver === name && cell.figures[figure.key]))
  const rows = works.flatMap(({ workload, mode }) => {
    // Opening a session and loading a package move no rows.
    if (workload.sql === undefined && figure.key === 'rowsPerSecond') return []
    const best = summary.bestPeer(workload.name, mode, figure)
    const cells = shown.map(({ name }) => {
      const value = summary.median(name, workload.name, mode, figure.key)
      if (value === undefined) return '–'
      if (name === best?.driver) return `**${number(value)}**`
      if (name === 'cornac' && best !== undefined && best.value > 0) {
        return `${number(value)} (${ratioText(value / best.value)})`
      }
      return number(value)
    })
    return cells.every((cell) => cell === '–') ? [] : [[workload.title, MODES[mode].title, ...cells]]
  })
  return rows.length === 0 ? [] : [...blocks, table(['work', 'mode', ...shown.map(({ title }) => title)], rows)]
}

/** @param {Run} run */
function leftOut({ leftOut: missing, summary, notReached }) {
  const lines = missing.map(({ name, reason }) => `- ${name}: ${reason}`)
  for (const { driver, workload, mode, reason } of summary.cells) {
    if (reason !== undefined) lines.push(`- ${driver}, ${workload}, ${modeTitle(mode)}: ${reason}`)
  }
  if (notReached > 0) lines.push(`- ${notReached} measurements, because the time of the quick form was up`)
  return lines.length === 0 ? [] : ['## Left out', lines.join('\n')]
}

/**
 * A Markdown table; cells are plain text.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Three significant digits, thousands apart. @param {number} value */
export function number(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function titleOf(drivers, name) {
  return drivers.find((driver) => driver.name === name)?.title ?? name
}
