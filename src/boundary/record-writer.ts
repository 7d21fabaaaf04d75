import { DataError } from '../errors/index.ts'
import type { ArgumentTypes, TypeRef } from './argument-types.ts'
import { writeArgument } from './arguments.ts'
import { BinaryType, CopyLayout, Exchange } from './generated.ts'
import { lengthOf } from './length.ts'
import { spelledInstance } from './spelled.ts'
import { AS_LISTS, reasonOf } from './unwritable.ts'
import { Writer } from './writer.ts'

/** Bytes of records that are handed down together. */
const BATCH = 64 * 1024

/** Beyond this a buffer that grew for a large record is given back. */
const LARGE = 4 * BATCH

const BINARY: ReadonlySet<number> = new Set(Object.values(BinaryType))

/** The binary types that take strings. */
const STRINGS: ReadonlySet<number> = new Set([
  BinaryType.Text,
  BinaryType.Varchar,
  BinaryType.Bpchar,
  BinaryType.Json,
  BinaryType.Jsonb,
  BinaryType.Uuid,
])

/** A column that records have a field for. */
export interface RecordColumn {
  readonly name: string
  readonly typeOid: number
}

/** Records that were handed down, of which one may still be refused. */
interface Handed {
  readonly first: number
  readonly records: readonly (readonly unknown[])[]
  /** Bytes of them that the socket has not taken. */
  bytesLeft: number
}

/** Writes records for a COPY, a batch at a time. */
export class RecordWriter {
  readonly #columns: readonly RecordColumn[]
  readonly #writer = new Writer(BATCH)
  readonly types: Uint32Array
  readonly #refs: readonly TypeRef[]
  /** For each column, whether its type takes strings in binary, or it is not known here what a string becomes. */
  readonly #takesStrings: readonly boolean[]
  /** Values of some type travel as text, whatever they are. */
  readonly #hasTextAlias: boolean
  /** The batch's records as they were read: a field that cannot be sent is told with its value. */
  #records: unknown[][] = []
  /** The records of earlier batches, oldest first. */
  readonly #handed: Handed[] = []
  /** The number of the batch's first record, from 0. */
  first = 0
  /** Records of the batch. */
  count = 0
  #layout: CopyLayout | undefined
  #hasStrings = false

  constructor(columns: readonly RecordColumn[], argumentTypes: ArgumentTypes) {
    this.#columns = columns
    this.types = Uint32Array.from(columns, ({ typeOid }) => typeOid)
    this.#refs = columns.map(({ typeOid }) => argumentTypes.of(typeOid))
    this.#hasTextAlias = [...argumentTypes.codecs.byType.values()].some(
      ({ exchange }) => exchange === Exchange.AliasInText,
    )
    this.#takesStrings = this.#refs.map((ref) =>
      typeof ref === 'object' ? ref.custom !== undefined : STRINGS.has(ref),
    )
  }

  /**
   * The format of all records, decided by the types of the columns and what was written until it is first asked for:
   * binary, unless a type has none, a string came that only the server can read, or there are no records.
   */
  get layout(): CopyLayout {
    this.#layout ??=
      this.count > 0 && !this.#hasStrings && !this.#hasTextAlias && this.#refs.every(isBinary)
        ? CopyLayout.Binary
        : CopyLayout.Text
    return this.#layout
  }

  /** Whether the batch is to be handed down. */
  get isFull(): boolean {
    return this.#writer.position >= BATCH
  }

  /** The batch's fields. */
  get fields(): Uint8Array {
    return this.#writer.buffer.subarray(0, this.#writer.position)
  }

  /** The error of a field that cannot be sent, by the number of its record and that of its column, both from 0. */
  refusal(
    record: number,
    column: number,
    reason: string,
    options: { readonly hint?: string; readonly cause?: unknown },
  ): DataError {
    const name = this.#columns[column]?.name
    const at = JSON.stringify(name ?? String(column + 1))
    const fields = this.#recordOf(record)
    return new DataError(`invalid input for column ${at} in record #${record}: ${reason}`, {
      sqlstate: '22000',
      element: record,
      argument: column + 1,
      ...(name === undefined ? {} : { columnName: name }),
      ...(fields === undefined || !(column in fields) ? {} : { value: fields[column] }),
      ...options,
    })
  }

  #recordOf(number: number): readonly unknown[] | undefined {
    if (number >= this.first) return this.#records[number - this.first]
    const batch = this.#handed.findLast(({ first }) => first <= number)
    return batch?.records[number - batch.first]
  }

  /** Adds a record. Throws a DataError for one that is none of the columns', and what its getters throw. */
  add(record: unknown): void {
    const number = this.first + this.count
    if (!Array.isArray(record)) {
      throw new DataError(`invalid record #${number}: expected an array, got ${kindOf(record)}`, {
        sqlstate: '22000',
        element: number,
        value: record,
        hint: AS_LISTS,
      })
    }
    const columns = this.#columns
    const length = lengthOf(record)
    if (length !== columns.length) {
      const [has, are] = [counted(length, 'value'), columns.length === 1 ? 'is' : 'are']
      throw new DataError(
        `invalid record #${number}: it has ${has}, there ${are} ${counted(columns.length, 'column')}`,
        {
          sqlstate: '22000',
          element: number,
          value: record,
          hint: 'give one value a column, null for SQL NULL',
        },
      )
    }
    const start = this.#writer.position
    // Read once: a source may give the same array again with other values in it.
    const values: unknown[] = new Array(length)
    let index = 0
    try {
      for (; index < length; index++) {
        values[index] = record[index]
        this.#field(values[index], index)
      }
    } catch (error) {
      this.#writer.truncate(start)
      const { reason, ...why } = reasonOf(error)
      this.#records[this.count] = values
      throw this.refusal(number, index, reason, why)
    }
    this.#records[this.count] = values
    this.count++
  }

  #field(value: unknown, column: number): void {
    const ref = this.#refs[column]
    if (this.#layout === undefined && !this.#takesStrings[column]) {
      // What stands for a value of a type of parts is written by those.
      this.#hasStrings ||= typeof ref === 'object' ? typeof value === 'string' : isString(value)
    }
    writeArgument(this.#writer, value, ref)
  }

  /** The batch was handed down. */
  clear(): void {
    this.#handed.push({ first: this.first, records: this.#records, bytesLeft: this.#writer.position })
    this.#records = []
    this.first += this.count
    this.count = 0
    this.#writer.truncate(0)
    this.#writer.shrink(BATCH, LARGE)
  }

  /** The socket has taken bytes of what was handed down: no record of those can be refused any more. */
  taken(bytes: number): void {
    for (let remaining = bytes; remaining > 0; ) {
      const [oldest] = this.#handed
      if (oldest === undefined) return
      const part = Math.min(remaining, oldest.bytesLeft)
      oldest.bytesLeft -= part
      remaining -= part
      if (oldest.bytesLeft === 0) this.#handed.shift()
    }
  }
}

/** Whether values of a column have a binary form here, as long as they are no strings. */
function isBinary(ref: TypeRef): boolean {
  return typeof ref === 'number' ? BINARY.has(ref) : hasBytes(ref, new Set())
}

/** Whether a codec of the program's gives bytes for values of a type, or for some that they are made of. */
function hasBytes(ref: TypeRef | undefined, seen: Set<number>): boolean {
  if (typeof ref !== 'object' || seen.has(ref.oid)) return false
  seen.add(ref.oid)
  if (ref.custom?.exchange === Exchange.Binary) return true
  if (ref.custom?.exchange === Exchange.Text) return false
  return ref.parts.some((part) => hasBytes(part, seen))
}

/** Whether a value goes down as text that the server reads: a string, or an object of Temporal's. */
function isString(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return spelledInstance(value) !== undefined
  return typeof value === 'string'
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return 'an object'
  return value === undefined ? 'undefined' : `a ${typeof value}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
