import { Exchange } from './generated.ts'

/** How values of a type with a codec travel. */
export type CodecFormat = 'text' | 'binary' | 'tuple'

/** What a codec of the program's does. */
export interface CodecFunctions {
  readonly encode: (value: any) => any
  readonly decode: (wire: any) => any
}

/** A codec of the program's for one type of a database. */
export interface Custom extends CodecFunctions {
  /** What the other side knows it by. */
  readonly number: number
  readonly typeOid: number
  /** The type with its schema, as messages call it. */
  readonly name: string
  /** The format that it was registered for. */
  readonly format: CodecFormat
  readonly exchange: Exchange
  /** A list within an array of the type is a value, and no dimension. */
  readonly takesLists: boolean
  /** {@link encode} and {@link decode} for a `tuple` that travels in binary. */
  readonly tuple: Tuple | undefined
}

/** Between the binary form of a type and the parts it consists of. */
export interface Tuple {
  /** `undefined` for what is no such tuple. */
  readonly write: (parts: readonly unknown[]) => Uint8Array | undefined
  readonly read: (bytes: Buffer) => unknown[]
  /** What it consists of, in words. */
  readonly parts: string
}

const EXCHANGES = { text: Exchange.Text, binary: Exchange.Binary, tuple: Exchange.Tuple }

let numbers = 0

/** By their numbers: forms of columns name them. Who uses one keeps it. */
const known = new Map<number, WeakRef<Custom>>()
const collected = new FinalizationRegistry<number>((number) => known.delete(number))

/** Codecs by the functions that they consist of, so that the connections of a pool have the same ones. */
const made = new WeakMap<CodecFunctions, Map<string, Custom>>()

/** The codec of a type by functions that the program has given. */
export function customOf(
  functions: CodecFunctions,
  typeOid: number,
  name: string,
  format: CodecFormat,
  tuple: Tuple | undefined,
  takesLists: boolean,
): Custom {
  let same = made.get(functions)
  if (same === undefined) {
    same = new Map()
    made.set(functions, same)
  }
  const key = `${typeOid} ${format} ${takesLists} ${name}`
  let custom = same.get(key)
  const { encode, decode } = functions
  if (custom === undefined || custom.encode !== encode || custom.decode !== decode) {
    const exchange = tuple === undefined ? EXCHANGES[format] : Exchange.Binary
    const number = ++numbers
    custom = { number, typeOid, name, format, exchange, takesLists, tuple, encode, decode }
    same.set(key, custom)
    known.set(custom.number, new WeakRef(custom))
    collected.register(custom, custom.number)
  }
  return custom
}

/** Has values of a type be as those of a built-in one, in its binary form or as its text. */
export function aliasOf(
  typeOid: number,
  name: string,
  builtinOid: number,
  format: 'text' | 'binary',
): Custom {
  return {
    number: builtinOid,
    typeOid,
    name,
    format,
    exchange: format === 'text' ? Exchange.AliasInText : Exchange.Alias,
    takesLists: false,
    tuple: undefined,
    encode: same,
    decode: same,
  }
}

function same(value: unknown): unknown {
  return value
}

export function customByNumber(number: number): Custom | undefined {
  return known.get(number)?.deref()
}

function wordsOf({ typeOid, number, exchange }: Custom): number[] {
  return [typeOid, number, exchange]
}

/** Sets that are used, by what is in them. */
const sets = new Map<string, WeakRef<Codecs>>()
const collectedSets = new FinalizationRegistry<string>((key) => {
  if (sets.get(key)?.deref() === undefined) sets.delete(key)
})

let setNumbers = 0

/** The codecs of a session. A set does not change: calls go by the set of when they were made. */
export class Codecs {
  /** Equal sets have one number, that without codecs 0. */
  readonly number: number
  readonly byType: ReadonlyMap<number, Custom>

  static readonly NONE: Codecs = new Codecs(0, new Map())

  private constructor(number: number, byType: ReadonlyMap<number, Custom>) {
    this.number = number
    this.byType = byType
  }

  static #of(byType: ReadonlyMap<number, Custom>): Codecs {
    if (byType.size === 0) return Codecs.NONE
    const all = [...byType.values()].map((custom) => wordsOf(custom).join(':'))
    const key = all.sort().join()
    let codecs = sets.get(key)?.deref()
    if (codecs === undefined) {
      codecs = new Codecs(++setNumbers, byType)
      sets.set(key, new WeakRef(codecs))
      collectedSets.register(codecs, key)
    }
    return codecs
  }

  /** The codecs in the words that the native core takes. */
  get words(): number[] {
    return [...this.byType.values()].flatMap(wordsOf)
  }

  with(...customs: readonly Custom[]): Codecs {
    const byType = new Map(this.byType)
    for (const custom of customs) byType.set(custom.typeOid, custom)
    return Codecs.#of(byType)
  }

  without(typeOid: number): Codecs {
    const byType = new Map(this.byType)
    byType.delete(typeOid)
    return Codecs.#of(byType)
  }
}
