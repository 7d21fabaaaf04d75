import { DataError } from '../errors/index.ts'
import type { ArgumentTypes, TypeRef } from './argument-types.ts'
import { lengthOf, writeArgument } from './arguments.ts'
import { BinaryType, CopyLayout, Exchange } from './generated.ts'
import { spelledInstance } from './spelled.ts'
import { reasonOf } from './unwritable.ts'
import { Writer } from './writer.ts'

/** Bytes of records that are handed down together. */
const BATCH = 64 * 1024

/** Beyond this a buffer that grew for a large record is given back. */
const LARGE = 4 * BATCH

const BINARY: ReadonlySet<number> = new Set(Object.values(BinaryType))

/** Of them those that take strings. */
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

/** Writes records for a COPY, a batch at a time. */
export class RecordWriter {
  readonly #columns: readonly RecordColumn[]
  readonly #writer = new Writer(BATCH)
  readonly types: Uint32Array
  readonly #refs: readonly TypeRef[]
  /** Of each column whether its type takes strings in binary, or what a string becomes is not known here. */
  readonly #takesStrings: readonly boolean[]
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
    this.#takesStrings = this.#refs.map((ref) => typeof ref === 'object' || STRINGS.has(ref))
  }

  /**
   * The format of all records, decided by the types of the columns and what was written until it is first asked for:
   * binary, unless a type has none, a string came that only the server can read, or there are no records.
   */
  get layout(): CopyLayout {
    this.#layout ??=
      this.count > 0 && !this.#hasStrings && this.#refs.every(isBinary) ? CopyLayout.Binary : CopyLayout.Text
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

  nameOf(column: number): string {
    return this.#columns[column]?.name ?? String(column + 1)
  }

  /** Adds a record. Throws a DataError for one that is none of the columns', and what its getters throw. */
  add(record: unknown): void {
    const number = this.first + this.count
    if (!Array.isArray(record)) {
      throw new DataError(`invalid record #${number}: expected an array, got ${kindOf(record)}`, {
        sqlstate: '22000',
        element: number,
      })
    }
    const columns = this.#columns
    const length = lengthOf(record)
    if (length !== columns.length) {
      const [has, are] = [counted(length, 'value'), columns.length === 1 ? 'is' : 'are']
      throw new DataError(
        `invalid record #${number}: it has ${has}, there ${are} ${counted(columns.length, 'column')}`,
        { sqlstate: '22000', element: number, hint: 'give one value a column, null for SQL NULL' },
      )
    }
    const start = this.#writer.position
    let index = 0
    try {
      for (; index < length; index++) this.#field(record[index], index)
    } catch (error) {
      this.#writer.truncate(start)
      const { reason, ...why } = reasonOf(error)
      throw invalidField(number, this.nameOf(index), reason, why)
    }
    this.count++
  }

  #field(value: unknown, column: number): void {
    if (this.#layout === undefined && !this.#takesStrings[column] && isString(value)) this.#hasStrings = true
    writeArgument(this.#writer, value, this.#refs[column])
  }

  /** The batch was handed down. */
  clear(): void {
    this.first += this.count
    this.count = 0
    this.#writer.truncate(0)
    this.#writer.shrink(BATCH, LARGE)
  }
}

/** Whether values of a column have a binary form here, as long as they are no strings. */
function isBinary(ref: TypeRef): boolean {
  if (typeof ref === 'number') return BINARY.has(ref)
  return ref.custom !== undefined && ref.custom.exchange === Exchange.Binary
}

/** Whether a value goes down as text that the server reads: a string, or an object of Temporal's. */
function isString(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return spelledInstance(value) !== undefined
  return typeof value === 'string'
}

/** The error of a field that cannot be sent. */
export function invalidField(
  record: number,
  column: string,
  reason: string,
  options: { hint?: string; cause?: unknown },
): DataError {
  const message = `invalid input for column ${JSON.stringify(column)} in record #${record}: ${reason}`
  return new DataError(message, { sqlstate: '22000', element: record, ...options })
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
