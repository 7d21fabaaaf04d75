import { types } from 'node:util'
import { Range } from '../types/range.ts'
import { isPlain } from './plain-object.ts'

const copyOfTyped = Uint8Array.prototype.slice
const copyOfBuffer = ArrayBuffer.prototype.slice
const entriesOf = Map.prototype.entries
const timeOf = Date.prototype.getTime

/** A value that is nested deeper is not copied. */
const DEEPEST = 64

/** A list that is longer is not copied: walking the holes of one of 2^32 elements would hold the event loop for minutes. */
const LONGEST = 2 ** 24

/**
 * A value as it stands now: lists, plain objects, Maps, dates and bytes are copied, whatever they hold too. What is of
 * another class is not: nobody but the class knows how. A value that cannot be read, because its own code throws, stays
 * what it is. It never throws.
 */
export function snapshot(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  try {
    return copyOf(value, new Map(), 0)
  } catch {
    return value
  }
}

/** @param seen the copies of what it stands in or beside: a value that is met twice is copied once. */
function copyOf(value: unknown, seen: Map<object, unknown>, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (Array.isArray(value)) return copyOfList(value, seen, depth)
  if (types.isDate(value)) return new Date(timeOf.call(value))
  // A Buffer's own slice() shares its memory.
  if (types.isTypedArray(value)) return copyOfTyped.call(value as Uint8Array)
  if (types.isArrayBuffer(value)) return copyOfBuffer.call(value, 0)
  if (types.isMap(value)) {
    const copy = new Map<unknown, unknown>()
    seen.set(value, copy)
    for (const [key, held] of entriesOf.call(value)) copy.set(key, copyOf(held, seen, depth + 1))
    return copy
  }
  if (Object.getPrototypeOf(value) === Range.prototype) return copyOfRange(value as Range, seen, depth)
  if (!isPlain(value)) return value
  const copy: { [name: string]: unknown } = Object.create(Object.getPrototypeOf(value))
  seen.set(value, copy)
  for (const [name, held] of Object.entries(value)) {
    Object.defineProperty(copy, name, {
      value: copyOf(held, seen, depth + 1),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return copy
}

/** Its bounds may be lists and objects. */
function copyOfRange(range: Range, seen: Map<object, unknown>, depth: number): Range {
  const { lowerInc, upperInc, isEmpty } = range
  const [lower, upper] = [range.lower, range.upper].map((bound) => copyOf(bound, seen, depth + 1))
  const copy = new Range(lower, upper, { lowerInc, upperInc, empty: isEmpty })
  seen.set(range, copy)
  return copy
}

function copyOfList(values: readonly unknown[], seen: Map<object, unknown>, depth: number): unknown {
  // The length of a proxy for a list can be anything.
  const { length } = values
  if (!(Number.isInteger(length) && length >= 0 && length <= LONGEST)) return values
  const copy: unknown[] = []
  seen.set(values, copy)
  for (let index = 0; index < length; index++) copy.push(copyOf(values[index], seen, depth + 1))
  return copy
}
