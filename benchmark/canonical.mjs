import { createHash } from 'node:crypto'

// Two roads lead to the same text: from what the server itself wrote, and from the values a driver made
// of it. A driver is timed only when its values arrive at the server's text, through the kinds allowed here.

/**
 * @typedef {object} Expected what a runner has to find before it may measure
 * @property {number} calls calls made, the n-th with the workload's n-th argument
 * @property {number} rows rows of all calls together
 * @property {number} integerSum sum of all int2, int4 and int8 values, array elements included
 * @property {string} digest SHA-256 of the canonical text of all rows
 * @property {string} first the first row, for the message when the digest differs
 */

const NULL = '\\N'
const INTEGER_TYPES = new Set(['int2', 'int4', 'int8'])

/** From the text format of PostgreSQL, `TimeZone` UTC. @type {Record<string, (text: string) => string>} */
const fromText = {
  timestamptz: (text) => String(Date.parse(`${text.replace(' ', 'T').replace('+00', '')}Z`)),
  jsonb: (text) => stableJson(JSON.parse(text)),
  float8: (text) => String(Number(text)),
  bool: (text) => (text === 't' ? 'true' : 'false'),
}

/** From JavaScript: which kinds a type may arrive as. @type {Record<string, (value: any) => string | undefined>} */
const fromValue = {
  int2: (value) => number(value),
  int4: (value) => number(value),
  oid: (value) => number(value),
  // Exactness is each driver's own choice here: text, number where exact, or BigInt.
  int8: (value) => number(value) ?? (typeof value === 'bigint' ? value.toString() : string(value)),
  float8: (value) => number(value),
  bool: (value) => (typeof value === 'boolean' ? String(value) : undefined),
  timestamptz: (value) => (value instanceof Date ? String(value.getTime()) : undefined),
  jsonb: (value) => (typeof value === 'object' && value !== null ? stableJson(value) : undefined),
  'int4[]': (value) =>
    Array.isArray(value) && value.every((element) => typeof element === 'number')
      ? `{${value.join(',')}}`
      : undefined,
}

/** Ranges and composites come as text where a driver has no kind of its own for them. */
Object.assign(fromValue, {
  'text[]': (value) =>
    Array.isArray(value) ? `{${value.map(quoted(/[\s{},"\\]|^$|^null$/i, '\\$&')).join(',')}}` : undefined,
  int4range: (value) => string(value) ?? range(value),
  tstzrange: (value) => string(value) ?? range(value),
  bench_address: (value) =>
    string(value) ??
    (typeof value?.number === 'number'
      ? `(${[value.street, String(value.number), value.city].map(quoted(/[\s(),"\\]|^$/, '$&$&')).join(',')})`
      : undefined),
})

/** A text as PostgreSQL writes it in an array or a composite. */
function quoted(special, escaping) {
  return (text) => (special.test(text) ? `"${text.replaceAll(/["\\]/g, escaping)}"` : text)
}

function range(value) {
  return typeof value?.lowerInc === 'boolean' ? String(value) : undefined
}

const number = (value) => (typeof value === 'number' ? String(value) : undefined)
const string = (value) => (typeof value === 'string' ? value : undefined)

/** jsonb orders keys its own way and drivers keep it; the comparison must not depend on that. */
function stableJson(value) {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${stableJson(value[key])}`).join(',')}}`
}

/**
 * What the server's text of all calls amounts to.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @param {Record<string, string | null>[][]} calls rows of each call, cells as the server's text
 * @returns {Expected}
 */
export function expectedOf(workload, calls) {
  return summarize(workload, calls, (type, text) => fromText[type]?.(text) ?? text)
}

/**
 * Compares a driver's rows with the expected, and names the first difference.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @param {Record<string, any>[][]} calls
 * @param {Expected} expected
 */
export function verify(workload, calls, expected) {
  const found = summarize(workload, calls, (type, value, name) => {
    const text = (fromValue[type] ?? string)(value)
    if (text === undefined) throw new Error(`column "${name}" of type ${type} came as ${kindOf(value)}`)
    return text
  })
  for (const key of /** @type {const} */ (['rows', 'integerSum', 'first', 'digest'])) {
    if (found[key] !== expected[key]) {
      throw new Error(`wrong result: ${key} is "${found[key]}", expected "${expected[key]}"`)
    }
  }
}

function summarize(workload, calls, canonical) {
  const hash = createHash('sha256')
  let rows = 0
  let integerSum = 0
  let first = ''
  for (const call of calls) {
    for (const row of call) {
      const cells = workload.columns.map(([name, type]) => {
        const value = row[name]
        const text = value === null ? NULL : canonical(type, value, name)
        if (INTEGER_TYPES.has(type)) integerSum += Number(text)
        if (type === 'int4[]')
          for (const element of text.slice(1, -1).split(',')) integerSum += Number(element)
        return text
      })
      const line = cells.join('\x1f')
      if (rows === 0) first = line.slice(0, 400)
      hash.update(line).update('\n')
      rows += 1
    }
  }
  return { calls: calls.length, rows, integerSum, first, digest: hash.digest('hex') }
}

function kindOf(value) {
  if (typeof value !== 'object') return typeof value
  return value === null ? 'null' : (value.constructor?.name ?? 'object')
}
