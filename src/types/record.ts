import { isDeepStrictEqual } from 'node:util'
import { InterfaceError } from '../errors/index.ts'
import { Range } from './range.ts'

/** Where the values of a record are, told on the prototype of the records of its columns. */
interface Layout {
  readonly names: readonly string[]
  /** Per column the name of the own property that has its value, or its place among the values that have none. */
  readonly places: readonly (string | number)[]
}

const LAYOUT = Symbol('layout')
/** The values of a record that a later column of the same name hides. */
const HIDDEN = Symbol('hidden')

/** Given by {@link checkRecordClass} alone: nobody else makes records by their constructor. */
const PROBE = Symbol('probe')

interface Inner {
  readonly [LAYOUT]: Layout
  readonly [HIDDEN]: readonly unknown[]
}

/** `Record`, or a subclass of it. */
// biome-ignore lint/complexity/noBannedTypes: the constructor is protected, so no construct signature fits
export type RecordClass = Function & { prototype: Record }

/**
 * A row by name and by index, which is iterable over its values: what rows are with the option `recordClass`, instead of
 * plain objects.
 *
 * Its own properties are the columns, as those of a plain row are: spreading, `JSON.stringify` and comparisons of test
 * libraries see them and nothing else. A column wins over a method and an index of the same name; the method is reached
 * as `Record.prototype.get.call(record, 'name')` then, and the index by `at()`. Of several columns with the same name the
 * name gives the last, and the index each.
 *
 * A subclass may add methods and accessors. It must not have a constructor or fields: records are made without it.
 *
 * ```ts
 * class Person extends Record {
 *   get initials() {
 *     return this.values().map((name: string) => name[0]).join('')
 *   }
 * }
 * const person = await connection.fetchRow<Person>("select 'Ada' as first, 'Lovelace' as last", [], { recordClass: Person })
 * console.log(person?.first, person?.[1], person?.initials) // => Ada Lovelace AL
 * ```
 */
export class Record implements Iterable<any> {
  readonly [column: string]: any

  /** Records are made by queries. */
  protected constructor(...args: never[])
  protected constructor(probe: unknown) {
    if (probe !== PROBE) throw new InterfaceError('records cannot be made by hand: queries give them')
  }

  /** Whether two records have the same values in the same order, whatever their columns are called. */
  static equals(a: Record, b: Record): boolean {
    if (!(a instanceof Record && b instanceof Record)) return false
    return isEqualList(valuesOf(a), valuesOf(b))
  }

  /**
   * The order of two records by their values, the first that differ deciding, for `Array.prototype.sort`: negative, 0 or
   * positive. Of records of which one begins with the values of the other the longer one comes last. Strings are ordered
   * by their UTF-16 units, false comes before true, NaN behind all numbers.
   *
   * @throws TypeError for values that have no order, such as NULL and a number, or two objects of a JSON column.
   */
  static compare(a: Record, b: Record): number {
    if (!(a instanceof Record && b instanceof Record)) {
      throw new TypeError('Record.compare() takes two records')
    }
    return compareLists(valuesOf(a), valuesOf(b))
  }

  /** How many columns it has. */
  get length(): number {
    return layoutOf(this).places.length
  }

  /** The value of a column by its index, from 0; negative counts from the end. `undefined` when there is none. */
  at(index: number): any {
    const { length } = layoutOf(this).places
    const whole = Math.trunc(index) || 0
    return valueAt(this, whole < 0 ? length + whole : whole)
  }

  /** The value of a column by its name, `fallback` when there is no such column. */
  get(name: string, fallback?: unknown): any {
    return Record.prototype.has.call(this, name) ? this[name] : fallback
  }

  /** Whether there is a column of this name. The operator `in` finds methods too. */
  has(name: string): boolean {
    return layoutOf(this).names.includes(name)
  }

  /** The names of the columns in their order, duplicates included. */
  keys(): string[] {
    return [...layoutOf(this).names]
  }

  /** The values in the order of the columns. */
  values(): any[] {
    return valuesOf(this)
  }

  /** Names and values in the order of the columns, duplicates included. */
  entries(): [name: string, value: any][] {
    const values = valuesOf(this)
    return layoutOf(this).names.map((name, index) => [name, values[index]])
  }

  /** A plain object of the columns. */
  toObject(): { [column: string]: any } {
    return { ...this }
  }

  /** The values in the order of the columns. */
  [Symbol.iterator](): Iterator<any> {
    return valuesOf(this)[Symbol.iterator]()
  }
}

function layoutOf(record: object): Layout {
  const layout = (record as Inner)[LAYOUT]
  if (layout === undefined) throw new TypeError('this is no record that a query gave')
  return layout
}

function valueAt(record: Record, index: number): unknown {
  const place = layoutOf(record).places[index]
  if (typeof place === 'string') return record[place]
  return place === undefined ? undefined : (record as unknown as Inner)[HIDDEN][place]
}

function valuesOf(record: Record): unknown[] {
  const { places } = layoutOf(record)
  const values = new Array(places.length)
  for (let index = 0; index < values.length; index++) values[index] = valueAt(record, index)
  return values
}

/** Columns for which the prototype has indexes. */
let indexes = 0

/** Indexes are on the prototype and not enumerable, so that they are no properties of the record. */
function addIndexes(count: number): void {
  for (; indexes < count; indexes++) {
    const index = indexes
    Object.defineProperty(Record.prototype, index, {
      get(this: Record): unknown {
        // A debugger may look at the prototype itself.
        return LAYOUT in this ? valueAt(this, index) : undefined
      },
      configurable: true,
    })
  }
}

/** What the records of some columns have in common. */
export interface RecordKind {
  readonly prototype: object
  /** The columns whose values have no property, because a later column has the same name. */
  readonly hidden: readonly number[]
  /** The names of the properties. */
  readonly properties: readonly string[]
}

/** Kinds of one class that are kept: records of the same columns are of the same kind then, whatever query gave them. */
const MOST_KINDS = 256

const kinds = new WeakMap<RecordClass, Map<string, RecordKind>>()

/** The kind of the records of a class with these columns. */
export function recordKind(recordClass: RecordClass, names: readonly string[]): RecordKind {
  let known = kinds.get(recordClass)
  if (known === undefined) {
    known = new Map()
    kinds.set(recordClass, known)
  }
  const key = JSON.stringify(names)
  let kind = known.get(key)
  if (kind === undefined) {
    kind = newKind(recordClass, names)
    if (known.size >= MOST_KINDS) known.delete(known.keys().next().value as string)
    known.set(key, kind)
  }
  return kind
}

function newKind(recordClass: RecordClass, names: readonly string[]): RecordKind {
  const last = new Map(names.map((name, index) => [name, index]))
  const hidden: number[] = []
  const places = names.map((name, index) => (last.get(name) === index ? name : hidden.push(index) - 1))
  const layout: Layout = { names, places }
  addIndexes(names.length)
  return {
    prototype: Object.create(recordClass.prototype, { [LAYOUT]: { value: layout } }),
    hidden,
    properties: [...last.keys()],
  }
}

/** Gives a record with duplicate names the values that its properties do not have. */
export function hide(record: object, values: readonly unknown[]): void {
  Object.defineProperty(record, HIDDEN, { value: values })
}

/** @throws InterfaceError for what is no class of records, or one that has a constructor or fields of its own. */
export function checkRecordClass(given: unknown): RecordClass | undefined {
  if (given === undefined || given === Record) return given as RecordClass | undefined
  if (typeof given !== 'function' || !(given.prototype instanceof Record)) {
    throw new InterfaceError('recordClass must be Record or a subclass of it')
  }
  const recordClass = given as unknown as RecordClass
  if (!isPlain.has(recordClass)) {
    checkConstructor(recordClass)
    isPlain.add(recordClass)
  }
  return recordClass
}

/** Subclasses that were checked. */
const isPlain = new WeakSet<object>()

/** Calls the constructor once. The one that a class has when none was written hands its arguments on and does nothing. */
function checkConstructor(given: RecordClass): void {
  let made: object | undefined
  try {
    made = Reflect.construct(given, [PROBE])
  } catch {
    // It has not handed the argument on, or was not made for what it got.
  }
  if (made instanceof given && Reflect.ownKeys(made).length === 0) return
  const name = given.name === '' ? '' : ` ${given.name}`
  throw new InterfaceError(`recordClass${name} must not have a constructor or fields of its own`, {
    hint: 'records are made without it; methods and accessors can be added',
  })
}

function isEqualList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => isEqual(value, b[index]))
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return isEqualList(a, b)
  return a instanceof Range ? a.equals(b) : isDeepStrictEqual(a, b)
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  const index = a.findIndex((value, index) => index >= b.length || !isEqual(value, b[index]))
  if (index < 0 || index >= b.length) return a.length - b.length
  return compareValues(a[index], b[index])
}

type Ordered = number | string

/** Below 0 or above 0, as one value comes before or behind another that it does not equal. */
function compareValues(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  if (!hasOrder(a, b)) throw new TypeError(`${kindOf(a)} and ${kindOf(b)} have no order`)
  if (Number.isNaN(a)) return 1
  if (Number.isNaN(b)) return -1
  return (a as Ordered) < (b as Ordered) ? -1 : 1
}

function hasOrder(a: unknown, b: unknown): boolean {
  if (isNumeric(a)) return isNumeric(b)
  if (typeof a === 'string' || typeof a === 'boolean') return typeof a === typeof b
  return a instanceof Date && b instanceof Date
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return `a ${typeof value}`
  return Array.isArray(value) ? 'an array' : 'an object'
}
