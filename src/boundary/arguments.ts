import { Json } from '../types/json.ts'
import { Tag } from './generated.ts'
import type { Writer } from './writer.ts'

const NO_JSON = 0xffffffff

/** The OIDs of json and jsonb: the only types whose arguments may be an array that is no PostgreSQL array. */
const JSON_OID = 114
const JSONB_OID = 3802

/** Nested arrays beyond this are refused by the other side; deeper recursion would only cost stack. */
const DEEPEST = 64

/** Two characters an element are more than a string can have; trying would take many seconds (of holes, say). */
const MOST_IN_JSON = 2 ** 28

/**
 * Writes one argument; false for one that no parameter takes, of which nothing but the reason is written. `typeOid` is
 * the parameter's type where it is known already: an array is then written in the one form that is needed, else as a
 * PostgreSQL array and as JSON.
 *
 * Nothing throws but what `JSON.stringify` throws for an object; kinds that cannot be sent are written as refused
 * and become a DataError that names the parameter's type.
 */
export function writeArgument(writer: Writer, value: unknown, typeOid: number | undefined): boolean {
  switch (typeof value) {
    case 'number':
      if ((value | 0) === value && !Object.is(value, -0)) {
        writer.byte(Tag.Int32)
        writer.int32(value)
      } else {
        writer.byte(Tag.Float64)
        writer.float64(value)
      }
      return true
    case 'string':
      if (!value.isWellFormed()) return refuse(writer, 'a string with a lone surrogate')
      return text(writer, Tag.Text, value)
    case 'boolean':
      writer.byte(value ? Tag.True : Tag.False)
      return true
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) return text(writer, Tag.BigInt, value.toString())
      writer.byte(Tag.Int64)
      writer.int64(value)
      return true
    case 'object':
      return writeObject(writer, value, typeOid)
    case 'undefined':
      return refuse(writer, 'undefined')
    default:
      return refuse(writer, `a ${typeof value}`)
  }
}

function writeObject(writer: Writer, value: object | null, typeOid: number | undefined): boolean {
  if (value === null) {
    writer.byte(Tag.Null)
    return true
  }
  if (Array.isArray(value)) return writeArray(writer, value, typeOid, 0)
  if (ArrayBuffer.isView(value)) {
    if (isNumeric(value)) return writeArray(writer, Array.from<unknown>(value), typeOid, 0)
    return bytes(writer, new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  }
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return bytes(writer, new Uint8Array(value))
  }
  if (value instanceof Date) {
    const time = value.getTime()
    writer.byte(Tag.Date)
    writer.float64(time)
    return true
  }
  if (value instanceof Json) {
    const json: unknown = value.text
    // A subclass may say what it likes.
    if (typeof json !== 'string') return refuse(writer, 'a Json whose text is no string')
    if (!json.isWellFormed()) return refuse(writer, 'JSON text with a lone surrogate')
    return text(writer, Tag.Json, json)
  }
  const json = JSON.stringify(value) as string | undefined
  if (json === undefined) return refuse(writer, 'an object that JSON.stringify leaves out')
  return text(writer, Tag.Object, json)
}

/** Typed arrays other than bytes stand for arrays of numbers. */
function isNumeric(view: ArrayBufferView): view is Float64Array {
  return !(view instanceof Uint8Array || view instanceof DataView || view instanceof Uint8ClampedArray)
}

function writeArray(
  writer: Writer,
  values: readonly unknown[],
  typeOid: number | undefined,
  depth: number,
): boolean {
  if (depth > DEEPEST) return refuse(writer, `an array nested more than ${DEEPEST} deep`)
  if (typeOid === JSON_OID || typeOid === JSONB_OID) {
    if (lengthOf(values) > MOST_IN_JSON)
      throw new RangeError('the array has more elements than JSON text can hold')
    return text(writer, Tag.Object, JSON.stringify(values))
  }
  writer.byte(Tag.Array)
  const size = writer.reserve()
  const count = writer.reserve()
  const start = writer.position
  // Read once: elements are code of the user's, which may change the array.
  const length = lengthOf(values)
  let written = 0
  let isGood = true
  // The first that cannot be sent is the last, as it decides for the whole array.
  while (isGood && written < length) isGood = writeElement(writer, values[written++], depth)
  writer.patch(count, written)
  writer.patch(size, writer.position - start)
  const json = depth === 0 && typeOid === undefined ? jsonOf(values) : undefined
  if (json === undefined) writer.uint32(NO_JSON)
  else writer.text(json)
  return isGood
}

/** An array's length; that of a proxy for one can be anything. */
export function lengthOf(values: readonly unknown[]): number {
  const length: unknown = values.length
  if (Number.isInteger(length) && (length as number) >= 0 && (length as number) <= 0xffffffff)
    return length as number
  throw new TypeError('an array whose length is no count cannot be sent')
}

function writeElement(writer: Writer, value: unknown, depth: number): boolean {
  if (Array.isArray(value)) return writeArray(writer, value, undefined, depth + 1)
  // An element of an array is never json by itself, so that its own form is all there is.
  return writeArgument(writer, value, undefined)
}

/** The JSON form of an array, if it has one: what has none may still be a PostgreSQL array. */
function jsonOf(values: readonly unknown[]): string | undefined {
  try {
    return values.length > MOST_IN_JSON ? undefined : JSON.stringify(values)
  } catch {
    return undefined
  }
}

function text(writer: Writer, tag: number, value: string): true {
  writer.byte(tag)
  writer.text(value)
  return true
}

function bytes(writer: Writer, value: Uint8Array): true {
  writer.byte(Tag.Bytes)
  writer.bytes(value)
  return true
}

function refuse(writer: Writer, what: string): false {
  text(writer, Tag.Refused, what)
  return false
}
