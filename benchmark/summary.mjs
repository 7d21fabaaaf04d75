/**
 * @typedef {import('./rounds.mjs').Measurement} Measurement
 *
 * @typedef {object} Figure a number that a runner reports
 * @property {keyof import('./runners/load.mjs').Figures} key
 * @property {string} title
 * @property {string} unit
 * @property {'less' | 'more'} better
 *
 * @typedef {object} Spread of one figure over the rounds
 * @property {number} median
 * @property {number} least
 * @property {number} most
 * @property {number} rounds
 *
 * @typedef {object} Cell all that is known of one driver on one work
 * @property {string} driver
 * @property {string} workload
 * @property {string} mode
 * @property {string} [reason] why there are no figures
 * @property {Record<string, Spread>} figures
 */

/** @type {Figure[]} */
export const FIGURES = [
  { key: 'queriesPerSecond', title: 'queries per second', unit: '/s', better: 'more' },
  { key: 'rowsPerSecond', title: 'rows per second', unit: '/s', better: 'more' },
  { key: 'mainCpuUs', title: 'main-thread CPU per query', unit: 'µs', better: 'less' },
  { key: 'processCpuUs', title: 'process CPU per query', unit: 'µs', better: 'less' },
  { key: 'serverCpuUs', title: "the server's CPU per query", unit: 'µs', better: 'less' },
  { key: 'p50Us', title: 'latency, p50', unit: 'µs', better: 'less' },
  { key: 'p99Us', title: 'latency, p99', unit: 'µs', better: 'less' },
  { key: 'delayP99Ms', title: 'event-loop delay, p99', unit: 'ms', better: 'less' },
  { key: 'delayMaxMs', title: 'event-loop delay, longest', unit: 'ms', better: 'less' },
  { key: 'rssMb', title: 'resident memory, most', unit: 'MiB', better: 'less' },
]

/** The medians of all rounds, found by driver and work. */
export class Summary {
  /** @type {Map<string, Cell>} */
  #cells = new Map()
  #peers

  /**
   * @param {Measurement[]} measurements
   * @param {string[]} peers names of the drivers that ratios are taken to
   */
  constructor(measurements, peers) {
    this.#peers = peers
    for (const [key, group] of groupBy(measurements, keyOf)) this.#cells.set(key, summarize(group))
  }

  /** @returns {Cell[]} */
  get cells() {
    return [...this.#cells.values()]
  }

  /** @returns {Cell | undefined} */
  cell(driver, workload, mode) {
    return this.#cells.get(keyOf({ driver, workload, mode }))
  }

  /** @returns {number | undefined} */
  median(driver, workload, mode, figure) {
    return this.cell(driver, workload, mode)?.figures[figure]?.median
  }

  /**
   * The peer that does best by this figure on this work.
   *
   * @param {Figure} figure
   * @param {string[]} [only] compare to these peers alone
   * @returns {{ driver: string, value: number } | undefined}
   */
  bestPeer(workload, mode, { key, better }, only) {
    let best
    for (const driver of this.#peers.filter((peer) => only?.includes(peer) ?? true)) {
      const value = this.median(driver, workload, mode, key)
      if (value === undefined) continue
      if (best === undefined || (better === 'less' ? value < best.value : value > best.value))
        best = { driver, value }
    }
    return best
  }
}

/** @param {{ driver: string, workload: string, mode: string }} of */
function keyOf({ driver, workload, mode }) {
  return `${driver} ${workload} ${mode}`
}

function groupBy(items, key) {
  const groups = new Map()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}

/**
 * @param {Measurement[]} group
 * @returns {Cell}
 */
function summarize(group) {
  const { driver, workload, mode } = group[0]
  const failed = group.find(({ ok }) => !ok)
  if (failed !== undefined) return { driver, workload, mode, reason: failed.reason ?? 'failed', figures: {} }
  const figures = {}
  for (const { key } of FIGURES) {
    const values = group.map((measurement) => measurement[key]).filter((value) => typeof value === 'number')
    if (values.length > 0) figures[key] = spreadOf(values)
  }
  return { driver, workload, mode, figures }
}

/**
 * @param {number[]} values
 * @returns {Spread}
 */
function spreadOf(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, least: sorted[0], most: sorted[sorted.length - 1], rounds: sorted.length }
}
