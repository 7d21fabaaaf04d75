import type { RecordClass } from '../types/record.ts'
import type { Column, Form } from './column.ts'
import {
  arrayDecoder,
  type Decoder,
  type Layout,
  objectDecoder,
  recordDecoder,
  valueDecoder,
} from './decoder.ts'
import { type ObjectReader, objectReader } from './document.ts'

/** The columns of a result and the decoders made for them, each once. */
export class Shape implements Layout {
  readonly columns: readonly Column[]
  readonly stride: number
  readonly readers: readonly ObjectReader[][]
  readonly #fields: Form[]
  #rows: Decoder | undefined
  #arrays: Decoder | undefined
  /** Decoders into records, by the class of these. */
  #records: WeakMap<RecordClass, Decoder> | undefined
  readonly #values: (Decoder | undefined)[] = []

  /** `fields` are what the forms of its columns refer to. */
  constructor(columns: readonly Column[], stride: number, fields: Form[]) {
    this.#fields = fields
    this.columns = columns
    this.stride = stride
    this.readers = columns.map(() => [])
  }

  /** The keys of objects that are in the documents of a column from now on. */
  addKeys(column: number, list: number, keys: readonly string[]): void {
    const readers = this.readers[column]
    if (readers !== undefined) readers[list] = objectReader(keys)
  }

  /** How fields of a type are read that comes with its rows, from now on. */
  addField(number: number, form: (fields: readonly Form[]) => Form): void {
    this.#fields[number] = form(this.#fields)
  }

  /** Rows as plain objects. */
  get rows(): Decoder {
    this.#rows ??= objectDecoder(this)
    return this.#rows
  }

  /** Rows as records of a class. */
  records(recordClass: RecordClass): Decoder {
    this.#records ??= new WeakMap()
    let decoder = this.#records.get(recordClass)
    if (decoder === undefined) {
      decoder = recordDecoder(this, recordClass)
      this.#records.set(recordClass, decoder)
    }
    return decoder
  }

  /** Rows as arrays of their values. */
  get arrays(): Decoder {
    this.#arrays ??= arrayDecoder(this)
    return this.#arrays
  }

  /** The values of one column. */
  value(column: Column): Decoder {
    let decoder = this.#values[column.index]
    if (decoder === undefined) {
      decoder = valueDecoder(this, column)
      this.#values[column.index] = decoder
    }
    return decoder
  }
}
