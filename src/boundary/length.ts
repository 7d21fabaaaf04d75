import { Unsendable } from '../errors/unsendable.ts'

/** An array's length; that of a proxy for one can be anything. */
export function lengthOf(values: readonly unknown[]): number {
  const length: unknown = values.length
  if (Number.isInteger(length) && (length as number) >= 0 && (length as number) <= 0xffffffff)
    return length as number
  throw new Unsendable('an array whose length is no count cannot be sent')
}
