import { types } from 'node:util'
import { Unsendable } from '../errors/unsendable.ts'

/** A typed array that stands for an array of its numbers, which all do but those of bytes. */
export type Numbers = Float64Array | BigInt64Array

export function isNumbers(value: unknown): value is Numbers {
  return (
    ArrayBuffer.isView(value) &&
    !(types.isUint8Array(value) || types.isUint8ClampedArray(value) || types.isDataView(value))
  )
}

export function bytesOf(buffer: ArrayBufferLike, offset?: number, length?: number): Uint8Array {
  try {
    return new Uint8Array(buffer, offset, length)
  } catch {
    throw new Unsendable('its ArrayBuffer is detached')
  }
}

/** The length that a typed array has, whatever it says. */
const lengthOfView = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), 'length')
  ?.get as (this: Numbers) => number

export function numbersOf(view: Numbers): (number | bigint)[] {
  const length = lengthOfView.call(view)
  if (length === 0) bytesOf(view.buffer)
  // Elements of a typed array are never code of the user's, as those of its iterator may be.
  const values: (number | bigint)[] = new Array(length)
  for (let i = 0; i < length; i++) values[i] = view[i] as number | bigint
  return values
}
