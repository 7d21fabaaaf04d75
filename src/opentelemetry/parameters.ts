import { isDate, isUint8Array } from 'node:util/types'
import type { Attributes } from '@opentelemetry/api'

/** Arguments as attributes of a span, each in words: `$1` is `db.query.parameter.0`, as the conventions count them. */
export function parameterAttributes(args: readonly unknown[] | undefined): Attributes {
  const attributes: Attributes = {}
  for (const [index, value] of (args ?? []).entries())
    attributes[`db.query.parameter.${index}`] = words(value)
  return attributes
}

/** Whatever it is: an argument that the driver refuses is told as well, and its own code may throw. */
function words(value: unknown): string {
  try {
    if (isUint8Array(value)) return `\\x${Buffer.from(value).toString('hex')}`
    if (isDate(value)) return value.toISOString()
    if (typeof value !== 'object' || value === null || hasWords(value)) return String(value)
    return (
      JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ??
      '(object)'
    )
  } catch {
    return `(${typeof value})`
  }
}

/** An interval, a range, bits, a moment: what it is converted to is its form in PostgreSQL or in ISO 8601. */
function hasWords(value: object): boolean {
  return !Array.isArray(value) && value.toString !== Object.prototype.toString
}
