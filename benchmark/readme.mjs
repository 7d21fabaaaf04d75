// Writes the table of figures in README.md from report.json, the report of a whole run: `node benchmark/readme.mjs`.
// The sentences around the table are written by hand.

import { readFileSync, writeFileSync } from 'node:fs'
import { ratioText } from './budget.mjs'
import { FIGURES, Summary } from './summary.mjs'

/**
 * @typedef {object} Line
 * @property {string} title
 * @property {[workload: string, mode: string]} work
 * @property {('mainCpuUs' | 'processCpuUs' | 'queriesPerSecond')[]} figures those that are told
 * @property {string[]} [versus] only these peers
 */

const CPU = /** @type {const} */ (['mainCpuUs', 'processCpuUs'])
const ALL = /** @type {const} */ ([...CPU, 'queriesPerSecond'])
const IN_JAVASCRIPT = ['node-postgres', 'postgres-js']

/** @type {Line[]} */
const LINES = [
  { title: 'point select, 64 workers on 10 connections', work: ['point-select', 'pool'], figures: [...ALL] },
  {
    title: 'point select, 64 in flight on one connection, throughput to `pipeline: true`',
    work: ['point-select', 'inflight'],
    figures: [...ALL],
    versus: ['node-postgres-pipeline'],
  },
  { title: 'point select, one at a time', work: ['point-select', 'one'], figures: [...ALL] },
  { title: '10,000 rows × 10 columns', work: ['mixed-10000', 'one'], figures: [...ALL] },
  { title: '10,000 rows × 10 columns over TLS', work: ['mixed-10000-tls', 'one'], figures: [...ALL] },
  { title: '~600 rows × 12 columns of pg_type', work: ['pg-type', 'one'], figures: [...CPU] },
  { title: '1,000 rows × 1 int', work: ['ints-1000', 'one'], figures: [...CPU] },
  { title: '100 rows × int[100]', work: ['int-arrays', 'one'], figures: [...CPU] },
  { title: '100 web rows × 8 columns, JSON parsed', work: ['web-rows', 'one'], figures: [...CPU] },
  { title: '10 × 100 kB text, 64 in flight', work: ['texts-100k', 'inflight'], figures: ['processCpuUs'] },
  { title: '`executeMany` of 1,000 rows', work: ['execute-many', 'one'], figures: [...ALL] },
  { title: 'one insert for 1,000 rows', work: ['insert-rows', 'one'], figures: [...ALL] },
  { title: 'COPY of 10,000 records', work: ['copy-records', 'one'], figures: [...ALL] },
  ...[
    ['plain', 'connect-trust'],
    ['SCRAM', 'connect-scram'],
    ['TLS', 'connect-tls'],
  ].map(([way, workload]) => ({
    title: `connect and close, ${way}, to the drivers in JavaScript`,
    work: /** @type {[string, string]} */ ([workload, 'one']),
    figures: /** @type {Line['figures']} */ (['queriesPerSecond']),
    versus: IN_JAVASCRIPT,
  })),
]

/** The table that begins with this line is replaced, up to the first line that is none of it. */
const HEAD = '| work | main-thread CPU | process CPU | throughput |'

const report = JSON.parse(readFileSync(new URL('report.json', import.meta.url), 'utf8'))
const drivers = [...new Set(report.measurements.map(({ driver }) => driver))]
const limits = ['cornac', 'asyncpg', 'pgx', 'bare-rust']
const summary = new Summary(
  report.measurements,
  drivers.filter((name) => !limits.includes(name)),
)

/** @param {Line} line */
function row({ title, work, figures, versus }) {
  const cells = ALL.map((key) => {
    const figure = FIGURES.find((candidate) => candidate.key === key)
    const ours = summary.median('cornac', ...work, key)
    const only = key === 'queriesPerSecond' ? versus : undefined
    const best = summary.bestPeer(...work, figure, only)
    if (!figures.includes(key) || ours === undefined || best === undefined) return ''
    return ratioText(ours / best.value)
  })
  return cells.some((cell) => cell !== '') ? [`| ${[title, ...cells].join(' | ')} |`] : []
}

const path = new URL('../README.md', import.meta.url)
const lines = readFileSync(path, 'utf8').split('\n')
const start = lines.indexOf(HEAD)
if (start < 0) throw new Error(`README.md has no table that begins with ${JSON.stringify(HEAD)}`)
const length = lines.slice(start).findIndex((line) => !line.startsWith('|'))
lines.splice(start, length, HEAD, '|---|---|---|---|', ...LINES.flatMap(row))
writeFileSync(path, lines.join('\n'))
