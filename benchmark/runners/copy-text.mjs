// What users of drivers without an encoder of their own write to send values by COPY: PostgreSQL's text format.

/** A chunk of so many characters is worth a write of its own. */
const CHUNK_LENGTH = 65_536

const SPECIAL = /[\\\t\n\r]/g
const ESCAPES = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** @param {import('../workloads.mjs').Workload} workload */
export function copyStatement({ target, columns }) {
  return `copy ${target} (${columns.map(([name]) => name).join(', ')}) from stdin`
}

/**
 * @param {any[][]} rows
 * @returns {Generator<string>} chunks of many lines
 */
export function* copyText(rows) {
  let chunk = ''
  for (const row of rows) {
    chunk += `${row.map(fieldOf).join('\t')}\n`
    if (chunk.length < CHUNK_LENGTH) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

function fieldOf(value) {
  if (value === null) return '\\N'
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'string') return String(value)
  return value.replace(SPECIAL, (character) => ESCAPES[character])
}
