import { types } from 'node:util'
import { Unsendable } from '../errors/unsendable.ts'
import { documentText, lostKind } from '../types/document-text.ts'
import { Json } from '../types/json.ts'
import { Range } from '../types/range.ts'
import type { TypeRef } from './argument-types.ts'
import { writeBounds, writeNode } from './compound.ts'
import { AsJson, Tag } from './generated.ts'
import { lengthOf } from './length.ts'
import { hasPlainBounds, type Spelled, spelledFigure, spelledInstance } from './spelled.ts'
import { bytesOf, isNumbers, numbersOf } from './typed-array.ts'
import { InElement } from './unwritable.ts'
import { NoRoom, type Writer } from './writer.ts'

/** The OIDs of json and jsonb: the only types of which an array may be a value that is no PostgreSQL array. */
const JSON_OID = 114
const JSONB_OID = 3802
/** The OIDs of the arrays of json and jsonb. */
const JSON_ARRAY_OID = 199
const JSONB_ARRAY_OID = 3807

/** No type has this OID: what is written for it is no document. */
const NO_TYPE = 0

/** Nested arrays beyond this are refused by the other side; deeper recursion would only cost stack. */
const DEEPEST = 64

/** Two characters an element are more than a string can have; trying would take many seconds (of holes, say). */
const MOST_IN_JSON = 2 ** 28

/**
 * Writes one argument; false for one that no parameter takes, of which nothing but the reason is written. `type` is
 * that of the parameter where it is known already: an array is then written in the one form that is needed, else as a
 * PostgreSQL array and as JSON.
 *
 * What cannot be sent by its kind is written as refused and becomes a DataError that names the parameter's type. An
 * {@link Unsendable} is thrown for what has no JSON form, and whatever the value's own code throws.
 */
export function writeArgument(writer: Writer, value: unknown, type: TypeRef | undefined): boolean {
  return write(writer, value, type, 0)
}

/**
 * Writes an argument of whatever type. One that has no form without its type may have one with it: it is written as
 * refused, and what was thrown is given.
 */
export function tryArgument(writer: Writer, value: unknown): { readonly error: unknown } | undefined {
  const start = writer.position
  try {
    write(writer, value, undefined, 0)
    return undefined
  } catch (error) {
    writer.truncate(start)
    if (error instanceof NoRoom) throw error
    refuse(writer, 'the value')
    return { error }
  }
}

/** `depth` is how many arrays the value stands in, and a number the type of the outermost. */
function write(writer: Writer, value: unknown, typeOid: TypeRef | undefined, depth: number): boolean {
  if (typeof typeOid === 'object') {
    if (depth > DEEPEST) return refuse(writer, `a value nested more than ${DEEPEST} deep`)
    return writeNode(writer, value, typeOid, depth, writeWithin)
  }
  // Comparisons one by one: a switch has the runtime make the name of the type first.
  if (typeof value === 'number') {
    writeNumber(writer, value)
    return true
  }
  if (typeof value === 'string') {
    if (writer.taggedShort(Tag.Text, value)) return true
    if (!value.isWellFormed()) return refuse(writer, 'a string with a lone surrogate')
    return text(writer, Tag.Text, value)
  }
  if (typeof value === 'object') return writeObject(writer, value, typeOid, depth)
  if (typeof value === 'boolean') {
    writer.byte(value ? Tag.True : Tag.False)
    return true
  }
  if (typeof value === 'bigint') {
    writeBigInt(writer, value)
    return true
  }
  return refuse(writer, value === undefined ? 'undefined' : `a ${typeof value}`)
}

/** A value that another one is made of: of its own type, or of none that is known, in which case it has one form. */
function writeWithin(writer: Writer, value: unknown, type: TypeRef | undefined, depth: number): boolean {
  // Lists are counted anew: one may be a document.
  return typeof type === 'object'
    ? write(writer, value, type, depth)
    : write(writer, value, type ?? NO_TYPE, 0)
}

function writeNumber(writer: Writer, value: number): void {
  if ((value | 0) === value && !Object.is(value, -0)) writer.tagged32(Tag.Int32, value)
  else writer.tagged64(Tag.Float64, value)
}

function writeBigInt(writer: Writer, value: bigint): void {
  if (BigInt.asIntN(64, value) === value) {
    writer.byte(Tag.Int64)
    writer.int64(value)
  } else {
    text(writer, Tag.BigInt, value.toString())
  }
}

const timeOf = Date.prototype.getTime

/** As it was when the driver was loaded: that of fake timers is another one, of which dates are no less dates. */
const OwnDate = Date

/** The time of a Date of this realm. Asking the runtime what an object is costs more than trying. */
function ownTime(value: object): number | undefined {
  if (!(value instanceof OwnDate)) return undefined
  try {
    return timeOf.call(value)
  } catch {
    // It inherits from Date, and is none.
    return undefined
  }
}

/** Objects are told apart by what they are: those of other realms (a vm context, a worker of Jest) are no instances. */
function writeObject(
  writer: Writer,
  value: object | null,
  typeOid: number | undefined,
  depth: number,
): boolean {
  if (value === null) {
    writer.byte(Tag.Null)
    return true
  }
  const time = ownTime(value)
  if (time !== undefined) {
    writer.tagged64(Tag.Date, time)
    return true
  }
  if (Array.isArray(value)) return writeArray(writer, value, typeOid, depth)
  if (ArrayBuffer.isView(value)) {
    if (isNumbers(value)) return writeArray(writer, numbersOf(value), typeOid, depth)
    return bytes(writer, bytesOf(value.buffer, value.byteOffset, value.byteLength))
  }
  if (types.isAnyArrayBuffer(value)) return bytes(writer, bytesOf(value))
  if (types.isDate(value)) {
    writer.tagged64(Tag.Date, timeOf.call(value))
    return true
  }
  if (value instanceof Json) {
    const json: unknown = value.text
    // A subclass may say what it likes.
    if (typeof json !== 'string') return refuse(writer, 'a Json whose text is no string')
    if (!json.isWellFormed()) return refuse(writer, 'JSON text with a lone surrogate')
    return text(writer, Tag.Json, json)
  }
  const kind = lostKind(value)
  if (kind !== undefined) return refuse(writer, `a ${kind}`)
  if (!isOfJson(typeOid)) {
    if (value instanceof Range && !hasPlainBounds(value)) return writeRange(writer, value, typeOid, depth)
    const spelled = spelledInstance(value) ?? spelledFigure(value)
    if (spelled !== undefined) return writeSpelled(writer, spelled, typeOid === undefined ? value : undefined)
  }
  let json: string | undefined
  try {
    json = documentText(value)
  } catch (error) {
    if (!(error instanceof Unsendable)) throw error
    // The type decides: one that takes no document has another reason to refuse it.
    return text(writer, Tag.NoJson, error.message)
  }
  if (json === undefined) return refuse(writer, 'an object that JSON.stringify leaves out')
  return text(writer, Tag.Object, json)
}

/** Types for which an object is a document whatever it is. */
function isOfJson(typeOid: number | undefined): boolean {
  return (
    typeOid === JSON_OID || typeOid === JSONB_OID || typeOid === JSON_ARRAY_OID || typeOid === JSONB_ARRAY_OID
  )
}

/** `value` is the one that may be a document after all. */
function writeSpelled(writer: Writer, { spelling, text: own }: Spelled, value: object | undefined): boolean {
  if (!own.isWellFormed()) return refuse(writer, 'a value with a lone surrogate')
  writer.byte(Tag.Spelled)
  writer.byte(spelling)
  writer.text(own)
  if (value === undefined) writer.uint32(AsJson.None)
  else writeJsonOf(writer, () => documentText(value) ?? 'null')
  return true
}

/** A range of bounds that the type of the bounds decides on. */
function writeRange(writer: Writer, range: Range, typeOid: number | undefined, depth: number): boolean {
  if (depth > DEEPEST) return refuse(writer, `a value nested more than ${DEEPEST} deep`)
  const isGood = writeBounds(writer, range, (bound) => write(writer, bound, typeOid, depth + 1))
  if (typeOid === undefined) writeJsonOf(writer, () => documentText(range) ?? 'null')
  else writer.uint32(AsJson.None)
  return isGood
}

function writeArray(
  writer: Writer,
  values: readonly unknown[],
  typeOid: number | undefined,
  depth: number,
): boolean {
  if (depth > DEEPEST) return refuse(writer, `an array nested more than ${DEEPEST} deep`)
  if (isDocument(typeOid, depth)) return writeDocument(writer, values, depth)
  // It may be a document, or an array of documents.
  const mayBeJson = typeOid === undefined && depth <= 1
  writer.byte(Tag.Array)
  const size = writer.reserve()
  const count = writer.reserve()
  const start = writer.position
  // Read once: elements are code of the user's, which may change the array.
  const length = lengthOf(values)
  let written = 0
  let isGood = true
  while (written < length) {
    const index = written++
    let value: unknown
    try {
      value = values[index]
      if (write(writer, value, typeOid, depth + 1)) continue
    } catch (error) {
      throw error instanceof NoRoom ? error : new InElement(index, error)
    }
    isGood = false
    // One that cannot be sent decides for the whole array and is the last, unless it can be sent as a document.
    if (!(mayBeJson && depth === 0 && Array.isArray(value))) break
  }
  writer.patch(count, written)
  writer.patch(size, writer.position - start)
  if (mayBeJson) writeJsonOf(writer, () => arrayText(values))
  else writer.uint32(AsJson.None)
  return isGood
}

/** Whether an array is a document: one by itself, or an element of an array of documents. */
function isDocument(typeOid: number | undefined, depth: number): boolean {
  if (depth === 0) return typeOid === JSON_OID || typeOid === JSONB_OID
  return depth === 1 && (typeOid === JSON_ARRAY_OID || typeOid === JSONB_ARRAY_OID)
}

/** A value's JSON form, or why it has none: it may still be a value of PostgreSQL's. */
function writeJsonOf(writer: Writer, make: () => string): void {
  let json: string
  try {
    json = make()
  } catch (error) {
    const reason = error instanceof Unsendable ? error.message : 'its own code threw an error'
    writer.uint32(AsJson.Refused)
    return writer.text(reason)
  }
  writer.text(json)
}

/** A list that is a document. What is refused is told as by the core, which refuses one whose type comes after the call. */
function writeDocument(writer: Writer, values: readonly unknown[], depth: number): boolean {
  let json: string
  try {
    json = arrayText(values)
  } catch (error) {
    if (!(error instanceof Unsendable)) throw error
    if (depth > 0) return text(writer, Tag.NoJson, error.message)
    const { length } = values
    const plural = length === 1 ? 'element' : 'elements'
    throw new Unsendable(`an array of ${length} ${plural} (${error.message})`, error.hint)
  }
  return text(writer, Tag.Object, json)
}

function arrayText(values: readonly unknown[]): string {
  if (lengthOf(values) > MOST_IN_JSON) throw new Unsendable('it has more elements than JSON text can hold')
  return documentText(values) ?? 'null'
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
