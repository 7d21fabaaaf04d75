import { types } from 'node:util'

const copyOf = Uint8Array.prototype.slice

/** What is nested deeper stays what it is. */
const DEEPEST = 64

/**
 * A value as it stands now: lists, plain objects, Maps, dates and bytes are copied, whatever they hold too. What is of
 * another class is not: nobody but the class knows how.
 */
export function snapshot(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
  if (Array.isArray(value)) return value.map((element) => snapshot(element, depth + 1))
  if (types.isDate(value)) return new Date(value.getTime())
  // A Buffer's own slice() shares its memory.
  if (types.isTypedArray(value)) return copyOf.call(value as Uint8Array)
  if (types.isAnyArrayBuffer(value)) return value.slice(0)
  if (types.isMap(value)) return new Map([...value].map(([key, held]) => [key, snapshot(held, depth + 1)]))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: { [name: string]: unknown } = Object.create(prototype)
  for (const [name, held] of Object.entries(value)) {
    Object.defineProperty(copy, name, {
      value: snapshot(held, depth + 1),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return copy
}
