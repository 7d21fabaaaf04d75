import type { Tuple } from './custom.ts'
import { Unreadable } from './unreadable.ts'

/** A part of a tuple: an integer of so many bytes, a number up to four and a bigint beyond. */
type Part = 4 | 8

/** A tuple of integers in the order in which they travel; `order` says where each stands in the tuple. */
function integers(parts: string, sizes: readonly Part[], order: readonly number[]): Tuple {
  const length = sizes.reduce<number>((sum, size) => sum + size, 0)
  return {
    parts,
    write(values) {
      if (values.length !== sizes.length) return undefined
      const bytes = Buffer.alloc(length)
      let at = 0
      for (const [index, size] of sizes.entries()) {
        const value = values[order[index] as number]
        if (!isInteger(value)) return undefined
        const whole = BigInt(value)
        if (BigInt.asIntN(size * 8, whole) !== whole) return undefined
        if (size === 4) bytes.writeInt32BE(Number(whole), at)
        else bytes.writeBigInt64BE(whole, at)
        at += size
      }
      return bytes
    },
    read(bytes) {
      if (bytes.length !== length) throw new Unreadable('its length is not that of its type')
      const values: unknown[] = new Array(sizes.length)
      let at = 0
      for (const [index, size] of sizes.entries()) {
        values[order[index] as number] = size === 4 ? bytes.readInt32BE(at) : bytes.readBigInt64BE(at)
        at += size
      }
      return values
    },
  }
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

/**
 * What asyncpg's format `tuple` gives for scalar types, by their OIDs. PostgreSQL counts from 2000-01-01; the least and the
 * greatest value of date and timestamp are its infinities.
 */
export const TUPLES: ReadonlyMap<number, Tuple> = new Map([
  [1082, integers('[days]', [4], [0])],
  [1083, integers('[microseconds]', [8], [0])],
  [1114, integers('[microseconds]', [8], [0])],
  [1184, integers('[microseconds]', [8], [0])],
  [1266, integers('[microseconds, seconds west of UTC]', [8, 4], [0, 1])],
  [1186, integers('[months, days, microseconds]', [8, 4, 4], [2, 1, 0])],
])
