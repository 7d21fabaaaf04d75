import { FIGURES } from './summary.mjs'
import { MODES, wayOf } from './workloads.mjs'

/**
 * What was promised, as data: ratios to the best peer on the same work in the same run.
 *
 * @typedef {object} Budget
 * @property {string} title
 * @property {string} figure
 * @property {(workload: import('./workloads.mjs').Workload, mode: string) => boolean} on the works it holds for
 * @property {number} floor the ratio that must never be lost again
 * @property {number} aim the ratio worked toward
 * @property {number} [aimAbsolute] an aim in the figure's own unit, instead
 * @property {string[]} [versus] only these peers
 *
 * @typedef {object} Check one budget on one work
 * @property {Budget} budget
 * @property {string} workload
 * @property {string} mode
 * @property {number} ours
 * @property {{ driver: string, value: number }} peer
 * @property {number} ratio
 * @property {boolean} held
 * @property {boolean} reached
 */

const MANY_ROWS = 100
const isQuery = ({ kind }) => kind === 'query'
const isEncrypted = ({ login }) => login === 'tls'
const hasManyRows = (workload) => isQuery(workload) && (workload.rows ?? MANY_ROWS) >= MANY_ROWS
/** Where cornac makes objects and the peers hand the server's text on: the same rows, but not the same work. */
const isTextForPeers = ({ name }) => name === 'ranges-1000' || name === 'composites-1000'
const parsesJson = ({ columns = [] }) => columns.some(([, type]) => type === 'jsonb')
const isPoint = ({ name }) => name === 'point-select'
/** Also where nothing is kept prepared. */
const isPointAtATime = ({ name, like }, mode) => mode === 'one' && (like ?? name) === 'point-select'
const isBig = ({ name }) => name === 'mixed-10000'
/** The promise is about drivers written in JavaScript, as libpq is not. */
const IN_JAVASCRIPT = ['node-postgres', 'postgres-js']

/** @type {Budget[]} */
export const BUDGETS = [
  {
    title: 'main-thread CPU, 100 rows and more',
    figure: 'mainCpuUs',
    on: (workload, mode) =>
      hasManyRows(workload) &&
      !parsesJson(workload) &&
      !isTextForPeers(workload) &&
      !isEncrypted(workload) &&
      mode === 'one',
    floor: 1 / 6,
    aim: 1 / 12,
  },
  {
    title: 'main-thread CPU, objects where the others give text',
    figure: 'mainCpuUs',
    on: isTextForPeers,
    floor: 0.6,
    aim: 1 / 3,
  },
  {
    title: 'main-thread CPU, 100 rows and more with parsed JSON',
    figure: 'mainCpuUs',
    on: (workload, mode) =>
      hasManyRows(workload) && parsesJson(workload) && !isEncrypted(workload) && mode === 'one',
    floor: 0.2,
    aim: 1 / 8,
  },
  {
    title: 'main-thread CPU, 100 rows and more',
    figure: 'mainCpuUs',
    on: (workload, mode) => hasManyRows(workload) && mode === 'inflight',
    floor: 0.4,
    aim: 0.2,
  },
  {
    title: 'main-thread CPU over TLS',
    figure: 'mainCpuUs',
    on: (workload, mode) => workload.name === 'mixed-10000-tls' && mode === 'one',
    floor: 1 / 8,
    aim: 1 / 12,
  },
  {
    title: 'main-thread CPU, point select',
    figure: 'mainCpuUs',
    on: (workload, mode) => isPoint(workload) && mode === 'one',
    floor: 0.65,
    aim: 0.5,
  },
  {
    title: 'main-thread CPU, point select',
    figure: 'mainCpuUs',
    on: (workload, mode) => isPoint(workload) && mode === 'inflight',
    floor: 0.35,
    aim: 0.2,
  },
  {
    title: 'main-thread CPU, point select',
    figure: 'mainCpuUs',
    on: (workload, mode) => isPoint(workload) && mode === 'pool',
    floor: 0.13,
    aim: 1 / 12,
  },
  {
    title: 'process CPU, point select',
    figure: 'processCpuUs',
    on: isPointAtATime,
    floor: 1,
    aim: 0.5,
  },
  {
    title: 'process CPU',
    figure: 'processCpuUs',
    on: (workload, mode) => isQuery(workload) && !isPointAtATime(workload, mode),
    floor: 0.6,
    aim: 1 / 4,
  },
  {
    title: 'latency p50',
    figure: 'p50Us',
    on: (workload, mode) => isQuery(workload) && !workload.unnamed && mode === 'one',
    floor: 0.95,
    aim: 0.7,
  },
  {
    title: 'latency p50, nothing kept prepared',
    figure: 'p50Us',
    on: (workload, mode) => workload.unnamed === true && mode === 'one',
    floor: 1,
    aim: 0.8,
    versus: ['node-postgres'],
  },
  {
    title: 'queries per second, point select',
    figure: 'queriesPerSecond',
    on: (workload, mode) => isPoint(workload) && mode === 'inflight',
    floor: 1,
    aim: 1.3,
    versus: ['node-postgres-pipeline'],
  },
  {
    title: 'queries per second, point select',
    figure: 'queriesPerSecond',
    on: (workload, mode) => isPoint(workload) && mode === 'pool',
    floor: 2.5,
    aim: 5,
  },
  {
    title: 'queries per second over TLS',
    figure: 'queriesPerSecond',
    on: (workload, mode) => workload.name === 'web-rows-tls' && mode === 'pool',
    floor: 3,
    aim: 5,
  },
  {
    title: 'requests per second, HTTP service',
    figure: 'queriesPerSecond',
    on: ({ kind }) => kind === 'service',
    floor: 1.3,
    aim: 2,
  },
  {
    title: 'process CPU a request, HTTP service',
    figure: 'processCpuUs',
    on: ({ kind }) => kind === 'service',
    floor: 0.7,
    aim: 0.5,
  },
  {
    title: 'latency p99 of fast calls beside slow ones',
    figure: 'p99Us',
    on: ({ other }) => other?.workers !== undefined,
    floor: 1,
    aim: 0.5,
  },
  {
    title: 'rows per second',
    figure: 'rowsPerSecond',
    on: (workload, mode) => isBig(workload) && mode === 'one',
    floor: 3,
    aim: 6,
  },
  {
    title: 'rows per second over TLS',
    figure: 'rowsPerSecond',
    on: (workload, mode) => workload.name === 'mixed-10000-tls' && mode === 'one',
    floor: 3,
    aim: 5,
  },
  {
    title: 'rows written per second',
    figure: 'rowsPerSecond',
    // Not one insert for all rows: what the server needs for it is more than a third of what the best peer takes.
    on: (workload) => workload.kind === 'write' && wayOf(workload) !== 'arrays',
    floor: 3,
    aim: 10,
  },
  {
    title: 'event-loop delay p99, reading 10,000 rows',
    figure: 'delayP99Ms',
    on: (workload, mode) => isBig(workload) && mode === 'one',
    floor: 1 / 4,
    aim: 1 / 4,
    aimAbsolute: 1,
  },
  {
    title: 'sessions per second, connect and close',
    figure: 'queriesPerSecond',
    on: ({ name }) => name === 'connect-trust',
    floor: 1,
    aim: 1.1,
    versus: IN_JAVASCRIPT,
  },
  {
    title: 'sessions per second, connect and close',
    figure: 'queriesPerSecond',
    on: ({ name }) => name === 'connect-scram' || name === 'connect-tls',
    floor: 1.2,
    aim: 1.5,
    versus: IN_JAVASCRIPT,
  },
  {
    title: 'time to import',
    figure: 'p50Us',
    on: ({ kind }) => kind === 'import',
    floor: 5 / 6,
    aim: 0.5,
    versus: ['node-postgres'],
  },
]

/**
 * Every budget on every work that both we and a peer have figures for.
 *
 * @param {import('./summary.mjs').Summary} summary
 * @param {import('./rounds.mjs').Work[]} works
 * @returns {Check[]}
 */
export function checkBudgets(summary, works) {
  const checks = []
  for (const budget of BUDGETS) {
    const figure = FIGURES.find(({ key }) => key === budget.figure)
    for (const { workload, mode } of works.filter((work) => budget.on(work.workload, work.mode))) {
      const ours = summary.median('cornac', workload.name, mode, budget.figure)
      const peer = summary.bestPeer(workload.name, mode, figure, budget.versus)
      if (ours === undefined || peer === undefined) continue
      const ratio = ours / peer.value
      const meets = (limit) => (figure.better === 'less' ? ratio <= limit : ratio >= limit)
      const reached = budget.aimAbsolute === undefined ? meets(budget.aim) : ours <= budget.aimAbsolute
      checks.push({
        budget,
        workload: workload.name,
        mode,
        ours,
        peer,
        ratio,
        held: meets(budget.floor),
        reached,
      })
    }
  }
  return checks
}

/** @param {Check} check */
export function describeLimits({ budget }) {
  const figure = FIGURES.find(({ key }) => key === budget.figure)
  const sign = figure.better === 'less' ? '≤' : '≥'
  const aim =
    budget.aimAbsolute === undefined ? ratioText(budget.aim) : `${budget.aimAbsolute} ${figure.unit}`
  return { floor: `${sign} ${ratioText(budget.floor)}`, aim: `${sign} ${aim}` }
}

/** @param {number} ratio */
export function ratioText(ratio) {
  return ratio >= 10 ? ratio.toFixed(1) : ratio >= 1 ? ratio.toFixed(2) : ratio.toFixed(3)
}

/** @param {string} mode */
export function modeTitle(mode) {
  return MODES[mode].title
}
