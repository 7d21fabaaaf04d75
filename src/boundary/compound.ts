import { types } from 'node:util'
import { Unsendable } from '../errors/unsendable.ts'
import { lostKind } from '../types/document-text.ts'
import { Json } from '../types/json.ts'
import { Range } from '../types/range.ts'
import type { TypeNode, TypeRef } from './argument-types.ts'
import type { Custom } from './custom.ts'
import { AsJson, Tag } from './generated.ts'
import { InAttribute, InCodec, InElement } from './unwritable.ts'
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
          Object.keys(value),
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
        return writeFields(writer, Object.keys(value), value, () => undefined, depth, write, node)
      }
      break
    case 'array':
    case 'multirange':
      if (Array.isArray(value)) return writeElements(writer, value, node, depth, write)
      break
    case 'range':
      if (value instanceof Range) return write(writer, encodedRange(value, node), node.oid, depth)
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

/** A composite by position. */
function writeRow(
  writer: Writer,
  values: readonly unknown[],
  node: TypeNode,
  depth: number,
  write: Write,
): boolean {
  return writeList(writer, Tag.Row, values, (value, index) => {
    try {
      return write(writer, value, node.part(index), depth + 1)
    } catch (error) {
      throw error instanceof NoRoom ? error : new InAttribute(node.names[index] ?? index, node.name, error)
    }
  })
}

function writeElements(
  writer: Writer,
  values: readonly unknown[],
  node: TypeNode,
  depth: number,
  write: Write,
): boolean {
  const element = node.part(0) as TypeRef
  // By any of them: a list may begin with null, or hold nothing.
  const isNested = values.some((value) => Array.isArray(value) && isDimension(value, element))
  return writeList(writer, Tag.Array, values, (value, index) => {
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
  write: (value: unknown, index: number) => boolean,
): boolean {
  writer.byte(tag)
  const size = writer.reserve()
  const count = writer.reserve()
  const start = writer.position
  // Read once: elements are code of the user's, which may change the list.
  const { length } = values
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

/**
 * Whether a list within an array of composites is a further dimension. It is a composite by position, unless it begins
 * with an object, or with a list, of which the first attribute can be neither.
 */
function isDimension(list: readonly unknown[], element: TypeRef): boolean {
  if (typeof element === 'number') return true
  if (element.custom !== undefined) return false
  if (element.kind !== 'composite') return true
  const first = list.find((value) => value !== null)
  if (!Array.isArray(first) && !isPlain(first)) return false
  return element.beginsWithLeaf
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
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
  const encoded = encode(value, custom)
  if (custom.format === 'text') {
    if (typeof encoded === 'string') return write(writer, encoded, undefined, depth)
    throw wrongResult(custom, 'a string', encoded)
  }
  if (custom.format === 'binary') {
    if (types.isUint8Array(encoded)) return writeWire(writer, encoded)
    throw wrongResult(custom, 'a Uint8Array', encoded)
  }
  if (!Array.isArray(encoded)) throw wrongResult(custom, 'an array', encoded)
  if (custom.tuple === undefined) return writeRow(writer, encoded, node, depth, write)
  const bytes = custom.tuple.write(encoded)
  if (bytes !== undefined) return writeWire(writer, bytes)
  throw new Unsendable(`the codec for ${custom.name} must give ${custom.tuple.parts} in whole numbers`)
}

function encode(value: unknown, custom: Custom): unknown {
  try {
    return custom.encode(value)
  } catch (error) {
    throw new InCodec(custom.name, error)
  }
}

function wrongResult({ name }: Custom, expected: string, got: unknown): Unsendable {
  const hint = types.isPromise(got) ? 'encode() is called without being waited for' : undefined
  return new Unsendable(`the codec for ${name} must give ${expected}, gave ${kindOf(got)}`, hint)
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (types.isPromise(value)) return 'a Promise'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function writeWire(writer: Writer, bytes: Uint8Array): true {
  writer.byte(Tag.Wire)
  writer.bytes(bytes)
  return true
}

/** A range whose bounds a codec of the program's writes. */
function encodedRange(range: Range, node: TypeNode): Range {
  const part = node.part(0)
  const custom = typeof part === 'object' ? part.custom : undefined
  if (custom === undefined) return range
  const bound = (value: unknown): unknown => {
    if (value === null) return null
    const encoded = encode(value, custom)
    if (custom.format !== 'text') {
      throw new Unsendable(`the codec for ${custom.name} gives no text, which bounds of a range are`)
    }
    if (typeof encoded !== 'string') throw wrongResult(custom, 'a string', encoded)
    return encoded
  }
  const { lowerInc, upperInc, isEmpty } = range
  return new Range(bound(range.lower), bound(range.upper), { lowerInc, upperInc, empty: isEmpty })
}
