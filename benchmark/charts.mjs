import { drawBars } from './chart.mjs'
import { FIGURES } from './summary.mjs'

/**
 * @typedef {object} Plot one picture: a panel for each work, a bar for each driver
 * @property {string} file
 * @property {string} title
 * @property {string} figure
 * @property {[workload: string, mode: import('./workloads.mjs').Mode][]} panels
 */

/** @type {Plot[]} */
const PLOTS = [
  {
    file: 'main-thread.svg',
    title: 'Main-thread CPU per query',
    figure: 'mainCpuUs',
    panels: [
      ['point-select', 'inflight'],
      ['web-rows', 'one'],
      ['ints-1000', 'one'],
      ['mixed-10000', 'one'],
    ],
  },
  {
    file: 'throughput.svg',
    title: 'Queries per second',
    figure: 'queriesPerSecond',
    panels: [
      ['point-select', 'inflight'],
      ['point-select', 'pool'],
      ['web-rows', 'inflight'],
      ['mixed-10000', 'one'],
    ],
  },
  {
    file: 'latency.svg',
    title: 'Latency one at a time, p50',
    figure: 'p50Us',
    panels: [
      ['select-1', 'one'],
      ['point-select', 'one'],
      ['web-rows', 'one'],
      ['mixed-10000', 'one'],
    ],
  },
  {
    file: 'http-service.svg',
    title: 'Requests per second of an HTTP service',
    figure: 'queriesPerSecond',
    panels: [
      ['http-point-select', 'service'],
      ['http-mixed', 'service'],
    ],
  },
  {
    file: 'event-loop.svg',
    title: 'Event-loop delay, p99',
    figure: 'delayP99Ms',
    panels: [
      ['mixed-10000', 'one'],
      ['texts-100k', 'one'],
      ['ints-1000', 'inflight'],
      ['web-rows', 'inflight'],
    ],
  },
]

/**
 * Every picture that the run has figures for.
 *
 * @param {Omit<import('./report.mjs').Run, 'charts'>} run
 * @returns {{ file: string, title: string, svg: string }[]}
 */
export function drawCharts({ summary, works, drivers, machine, serverVersion }) {
  const footer = `${machine.cpu}, ${machine.cores} cores shared with the server · Node ${machine.node}, PostgreSQL ${serverVersion}`
  return PLOTS.flatMap(({ file, title, figure: key, panels }) => {
    const figure = FIGURES.find((candidate) => candidate.key === key)
    const drawn = panels.flatMap(([name, mode]) => {
      const work = works.find(({ workload, mode: other }) => workload.name === name && other === mode)
      if (work === undefined) return []
      const bars = drivers.flatMap(({ name: driver, title: label, role }) => {
        const value = summary.median(driver, name, mode, key)
        return value === undefined ? [] : [{ label, value, role }]
      })
      return bars.length === 0 ? [] : [{ workload: work.workload.title, mode, bars }]
    })
    return drawn.length === 0
      ? []
      : [{ file, title, svg: drawBars({ title, figure, panels: drawn, footer }) }]
  })
}
