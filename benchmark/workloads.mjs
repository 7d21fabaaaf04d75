import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A piece of work as data. Every runner, in whatever language, reads the same one.
 *
 * @typedef {object} Workload
 * @property {number} order place in tables and charts
 * @property {'query' | 'service' | 'write' | 'connect' | 'import'} kind a statement on an open connection, the same for
 *   each request to an HTTP service, writing many rows on a connection, opening and closing one, or loading the package
 * @property {string} name the file's name without its suffix
 * @property {string} [like] the name of a workload whose statement, argument, rows and columns these are
 * @property {string} title what tables and charts print
 * @property {string} about one sentence for the report
 * @property {string[]} [setup] statements that make the data, run once
 * @property {string[]} [tables] tables that `setup` makes, vacuumed and analysed afterwards
 * @property {string} [sql] the statement, with `$1` when `argument` is given; for `write` what gives the rows to write
 * @property {string} [target] for `write`: the table that takes the rows
 * @property {string} [insert] for `write`: the statement that is run for each row
 * @property {string} [insertArrays] for `write`: the statement that takes all rows, each column as one array; the rows
 *   go by COPY where there is neither
 * @property {{ from: number, count: number, step: number }} [argument] call n sends from + n * step mod count
 * @property {Other} [other] a second statement beside it
 * @property {number | null} [rows] rows of one answer; null when the server's version decides
 * @property {[name: string, type: string][]} [columns] columns of the answer, in order
 * @property {Login} [login] how a session is opened, default `trust`
 * @property {boolean} [unnamed] no statement may be kept prepared: each call sends its text
 * @property {Mode[]} modes
 * @property {Mode[]} quick modes that the quick form measures
 *
 * @typedef {object} Other
 * @property {string} [like] the name of a workload whose statement, argument and rows these are
 * @property {string} [sql]
 * @property {{ from: number, count: number, step: number }} [argument]
 * @property {number} [rows]
 * @property {number} [every] of a service: one in so many requests is for this one
 * @property {number} [workers] of a query: so many more workers make this one, one call after another; they are not timed
 *
 * @typedef {'one' | 'inflight' | 'pool' | 'service'} Mode
 * @typedef {'trust' | 'scram' | 'tls'} Login
 */

/** How many calls run at the same time, and on how many connections. */
export const MODES = {
  one: { title: 'one at a time', workers: 1, connections: 1 },
  inflight: { title: '64 in flight on one connection', workers: 64, connections: 1 },
  pool: { title: '64 workers, 10 connections', workers: 64, connections: 10 },
  service: { title: '64 clients over HTTP, 10 connections', workers: 64, connections: 10 },
}

/** With an argument, this many calls are verified, each with its own key; without, a single one. */
const VERIFIED_CALLS = 64

const folder = new URL('./workloads/', import.meta.url)

/**
 * @param {string} path
 * @returns {Workload}
 */
export function readWorkload(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** @returns {Workload[]} every workload, whole, in the order of the report */
export function readWorkloads() {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => completed(readWorkload(fileURLToPath(new URL(file, folder)))))
    .sort((a, b) => a.order - b.order)
}

/** @param {Workload} workload */
function completed(workload) {
  if (workload.like === undefined) return workload
  const { sql, argument, rows, columns } = named(workload.like)
  return {
    sql,
    argument,
    rows,
    columns,
    ...workload,
    ...(workload.other && { other: other(workload.other) }),
  }
}

/** @param {Other} other */
function other(other) {
  if (other.like === undefined) return other
  const { sql, argument, rows } = named(other.like)
  return { sql, argument, rows, ...other }
}

function named(name) {
  return readWorkload(fileURLToPath(new URL(`${name}.json`, folder)))
}

/**
 * The arguments of the n-th call: a walk over all keys that never asks for the same one twice in a row.
 *
 * @param {Pick<Workload, 'argument'>} of
 * @param {number} n
 * @returns {number[]}
 */
export function argumentsOf({ argument }, n) {
  return argument === undefined ? [] : [argument.from + ((n * argument.step) % argument.count)]
}

/**
 * How the rows of a `write` go.
 *
 * @param {Workload} workload
 * @returns {'each' | 'arrays' | 'copy'}
 */
export function wayOf({ insert, insertArrays }) {
  if (insert !== undefined) return 'each'
  return insertArrays === undefined ? 'copy' : 'arrays'
}

/**
 * @param {any[][]} rows
 * @returns {any[][]} an array for each column
 */
export function columnsOf(rows) {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]))
}

/** @param {Workload} workload */
export function verifiedCalls({ argument }) {
  return argument === undefined ? 1 : VERIFIED_CALLS
}
