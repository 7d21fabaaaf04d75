import { types } from 'node:util'
import { Unsendable } from '../errors/unsendable.ts'
import { lostKind } from '../types/document-text.ts'
import { Json } from '../types/json.ts'
import { Range } from '../types/range.ts'
import { ARRAYS_OF_JSON, type TypeNode, type TypeRef } from './argument-types.ts'
import type { Custom } from './custom.ts'
import { encoded, encodedBounds, rangeBytes } from './encoded.ts'
import { AsJson, Exchange, Tag } from './generated.ts'
import { lengthOf } from './length.ts'
import { isPlain } from './plain-object.ts'
import { hasPlainBounds } from './spelled.ts'
import { isNumbers, numbersOf } from './typed-array.ts'
import { InAttribute, InElement } from './unwritable.ts'
import { NoRoom, type Writer } from './writer.ts'

/** Writes a value of a type, `depth` being how many values it stands in; false for one that no parameter takes. */
export type Write = (writer: Writer, value: unknown, type: TypeRef | undefined, depth: number) => boolean

/** Writes a value by what its type is made of, or as a codec of the program's has it. */
export function writeNode(
  writer: Writer,
  value: unknown,
  node: TypeNode,
  depth: number,
  write: Write,
): boolean {
  if (value === null || value === undefined) return write(writer, value, undefined, depth)
  const { custom } = node
  if (custom !== undefined) return writeEncoded(writer, value, node, custom, depth, write)
  switch (node.kind) {
    case 'composite':
      if (Array.isArray(value)) return writeRow(writer, value, node, depth, write)
      if (isObject(value)) {
        return writeFields(
          writer,
          membersOf(value),
          value,
          (name) => node.attribute(name),
          depth,
          write,
          node,
        )
      }
      break
    case 'hstore':
      if (types.isMap(value)) return writeMap(writer, value, depth, write)
      if (!Array.isArray(value) && isObject(value)) {
        return writeFields(writer, membersOf(value), value, () => undefined, depth, write, node)
      }
      break
    case 'array':
    case 'multirange':
      if (Array.isArray(value)) return writeElements(writer, value, node, depth, write)
      if (isNumbers(value)) return writeElements(writer, numbersOf(value), node, depth, write)
      break
    case 'range':
      if (value instanceof Range) return writeRange(writer, value, node, depth, write)
      if (Array.isArray(value)) return writeRange(writer, rangeOf(value, node), node, depth, write)
      if (isNumbers(value)) return writeRange(writer, rangeOf(numbersOf(value), node), node, depth, write)
  }
  return write(writer, value, node.oid, depth)
}

/** An object that has members, and stands for nothing else. */
function isObject(value: unknown): value is { [name: string]: unknown } {
  return (
    typeof value === 'object' &&
    !ArrayBuffer.isView(value) &&
    !types.isAnyArrayBuffer(value) &&
    !types.isDate(value) &&
    !(value instanceof Json) &&
    lostKind(value as object) === undefined
  )
}

/**
 * The names of an object's members. An object of a class may show none, because they are getters or private: what was made
 * of it would be empty without a word.
 */
function membersOf(value: object): string[] {
  const names = Object.keys(value)
  if (types.isBoxedPrimitive(value) || (names.length === 0 && !isPlain(value))) {
    throw new Unsendable('an object of a class that shows no members of its own', 'pass a plain object')
  }
  return names
}

function writeFields(
  writer: Writer,
  names: readonly string[],
  value: { readonly [name: string]: unknown },
  typeOf: (name: string) => TypeRef | undefined,
  depth: number,
  write: Write,
  node: TypeNode,
): boolean {
  writer.byte(Tag.Fields)
  const size = writer.reserve()
  const start = writer.position
  let isGood = true
  for (const [index, name] of names.entries()) {
    if (!name.isWellFormed()) throw new Unsendable('a name in it has a lone surrogate')
    writer.text(name)
    try {
      if (!write(writer, value[name], typeOf(name), depth + 1)) isGood = false
    } catch (error) {
      if (error instanceof NoRoom) throw error
      throw new InAttribute(node.names.includes(name) ? name : index, node.name, error)
    }
  }
  writer.patch(size, writer.position - start)
  return isGood
}

function writeMap(writer: Writer, map: Map<unknown, unknown>, depth: number, write: Write): boolean {
  writer.byte(Tag.Fields)
  const size = writer.reserve()
  const start = writer.position
  let isGood = true
  for (const [key, value] of map) {
    if (typeof key !== 'string') throw new Unsendable('a key of the Map is no string')
    if (!key.isWellFormed()) throw new Unsendable('a key of the Map has a lone surrogate')
    writer.text(key)
    if (!write(writer, value, undefined, depth + 1)) isGood = false
  }
  writer.patch(size, writer.position - start)
  return isGood
}

/** Writes a list by what its type is made of. */
type WriteParts = (
  writer: Writer,
  values: readonly unknown[],
  node: TypeNode,
  depth: number,
  write: Write,
) => boolean

/** A composite by position. */
const writeRow: WriteParts = (writer, values, node, depth, write) => {
  return writeList(writer, Tag.Row, values, lengthOf(values), (value, index) => {
    try {
      return write(writer, value, node.part(index), depth + 1)
    } catch (error) {
      throw error instanceof NoRoom ? error : new InAttribute(node.names[index] ?? index, node.name, error)
    }
  })
}

const writeElements: WriteParts = (writer, values, node, depth, write) => {
  const element = node.part(0) as TypeRef
  // The length is read before anything goes through the values.
  const length = lengthOf(values)
  const isNested = holdsDimensions(values, element)
  return writeList(writer, Tag.Array, values, length, (value, index) => {
    try {
      if (isNested && Array.isArray(value)) {
        return writeElements(writer, value, node, depth + 1, write)
      }
      return write(writer, value, element, depth + 1)
    } catch (error) {
      throw error instanceof NoRoom ? error : new InElement(index, error)
    }
  })
}

function writeList(
  writer: Writer,
  tag: number,
  values: readonly unknown[],
  // Read once: elements are code of the user's, which may change the list.
  length: number,
  write: (value: unknown, index: number) => boolean,
): boolean {
  writer.byte(tag)
  const size = writer.reserve()
  const count = writer.reserve()
  const start = writer.position
  let written = 0
  let isGood = true
  while (isGood && written < length) {
    const index = written++
    isGood = write(values[index], index)
  }
  writer.patch(count, written)
  writer.patch(size, writer.position - start)
  writer.uint32(AsJson.None)
  return isGood
}

/** Whether lists within an array are further dimensions, by any of them: one may begin with null, or hold nothing. */
function holdsDimensions(values: readonly unknown[], element: TypeRef): boolean {
  const lists = values.filter((value) => Array.isArray(value)) as (readonly unknown[])[]
  if (typeof element === 'number' || element.custom !== undefined || element.kind !== 'range') {
    return lists.some((list) => isDimension(list, element))
  }
  // One of nothing but null is what those beside it are.
  const kinds = lists.map(kindInRanges)
  return !kinds.includes('range') && (kinds.includes('dimension') || kinds.includes('nulls'))
}

/** What a list within an array of ranges is; crates/wire/src/param/range.rs has the same. */
function kindInRanges(list: readonly unknown[]): 'range' | 'dimension' | 'nulls' {
  if (list.length === 0) return 'range'
  const first = list.find((value) => value !== null)
  if (first === undefined) return 'nulls'
  const isText = typeof first === 'string' && RANGE.test(first)
  return isText || Array.isArray(first) || first instanceof Range ? 'dimension' : 'range'
}

/** A range as text. */
const RANGE = /^\s*(?:[[(].*,.*[\])]|empty)\s*$/is

/**
 * Whether a list within an array is a further dimension: a codec of the program's says whether its values are lists. A
 * list within one of composites is a composite by position, unless it begins with an object, or with a list, of which the
 * first attribute can be neither.
 */
function isDimension(list: readonly unknown[], element: TypeRef): boolean {
  if (typeof element === 'number') return !ARRAYS_OF_JSON.has(element)
  if (element.custom !== undefined) return !element.custom.takesLists
  const first = list.find((value) => value !== null)
  // A list of ranges is a multirange, and so is one of none.
  if (element.kind === 'multirange') return Array.isArray(first) && !isBounds(first)
  // A domain is over it: the array is one of arrays.
  if (element.kind === 'array') return false
  if (element.kind !== 'composite') return true
  if (Array.isArray(first)) return element.beginsWithNo('list')
  return (
    typeof first === 'object' &&
    first !== undefined &&
    isPlain(first as object) &&
    element.beginsWithNo('object')
  )
}

function isBounds(list: readonly unknown[]): boolean {
  return list.length > 0 && kindInRanges(list) === 'range'
}

/** What a codec of the program's makes of a value. */
function writeEncoded(
  writer: Writer,
  value: unknown,
  node: TypeNode,
  custom: Custom,
  depth: number,
  write: Write,
): boolean {
  const given = encoded(value, custom)
  if (typeof given === 'string') return write(writer, given, undefined, depth)
  if (types.isUint8Array(given)) return writeWire(writer, given)
  return writeRow(writer, given as readonly unknown[], node, depth, write)
}

/** A range, with its bounds as a codec of the program's has them if there is one. */
function writeRange(writer: Writer, range: Range, node: TypeNode, depth: number, write: Write): boolean {
  const part = node.part(0)
  const custom = typeof part === 'object' ? part.custom : undefined
  if (custom === undefined) {
    if (hasPlainBounds(range)) return write(writer, range, node.oid, depth)
    const isGood = writeBounds(writer, range, (bound) => write(writer, bound, part, depth + 1))
    writer.uint32(AsJson.None)
    return isGood
  }
  const bounds = encodedBounds(range, custom)
  if (custom.exchange === Exchange.Binary) {
    return writeWire(writer, rangeBytes(range, bounds as readonly (Uint8Array | undefined)[]))
  }
  const [lower = null, upper = null] = bounds
  const { lowerInc, upperInc, isEmpty } = range
  const spelled = new Range(lower, upper, { lowerInc, upperInc, empty: isEmpty })
  return write(writer, spelled, node.oid, depth)
}

/** A range by its bounds, each as `write` has it. Its JSON form is left to the caller. */
export function writeBounds(
  writer: Writer,
  { lower, upper, lowerInc, upperInc }: Range,
  write: (bound: unknown) => boolean,
): boolean {
  writer.byte(Tag.Range)
  const size = writer.reserve()
  const count = writer.reserve()
  const start = writer.position
  const isGood = [write(lower), write(upper)].every(Boolean)
  for (const isIn of [lowerInc, upperInc]) writer.byte(isIn ? Tag.True : Tag.False)
  writer.patch(count, 4)
  writer.patch(size, writer.position - start)
  return isGood
}

/** Both bounds of a list are in the range; `null` is none. */
function rangeOf(bounds: readonly unknown[], node: TypeNode): Range {
  const { length } = bounds
  if (length === 0) return new Range(null, null, { empty: true })
  if (length <= 2) return new Range(bounds[0], bounds[1], { upperInc: true })
  throw new Unsendable(
    `a list for ${node.name} has at most two bounds, this one has ${length}`,
    'pass [lower, upper], null for a bound that is not there',
  )
}

function writeWire(writer: Writer, bytes: Uint8Array): true {
  writer.byte(Tag.Wire)
  writer.bytes(bytes)
  return true
}
