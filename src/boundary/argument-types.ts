import { Codecs, type Custom } from './custom.ts'
import { Exchange } from './generated.ts'

/** What the values of a type are made of, as the native core knows it. */
export interface TypeStructure {
  readonly kind:
    | 'scalar'
    | 'array'
    | 'composite'
    | 'range'
    | 'multirange'
    | 'domain'
    | 'enum'
    | 'hstore'
    | 'vector'
  readonly name: string
  readonly parts: readonly number[]
  readonly names: readonly string[]
}

/** A type by which a value is written: its OID, where its values are written as they come. */
export type TypeRef = number | TypeNode

/** OIDs from here on are a database's own. */
export const FIRST_OWN = 10_000

const JSON_ARRAYS: { readonly [element: number]: number } = { 114: 199, 3802: 3807 }

/** Types of lists of documents. As elements of an array they are there by a domain. */
export const ARRAYS_OF_JSON: ReadonlySet<number> = new Set(Object.values(JSON_ARRAYS))

/** What has members of its own: a list, or an object that stands for nothing else. */
export type Members = 'list' | 'object'

/** json, jsonb, and types whose values are lists of numbers or plain objects. */
const TAKES_MEMBERS: ReadonlySet<number> = new Set([
  114, 3802, 27, 600, 601, 602, 603, 604, 628, 718, 2970, 5038,
])

/** Whether values of a built-in type, or of one of the database's own that is no enum, may be lists. */
export function mayBeLists(oid: number): boolean {
  return oid >= FIRST_OWN || TAKES_MEMBERS.has(oid)
}

/** Domains over domains; more are no honest server's. */
const MOST_DOMAINS = 64

/** Types that are kept. */
const MOST = 4096

/** A type whose values are written by what they are made of, or by a codec of the program's. */
export class TypeNode {
  readonly oid: number
  readonly kind: TypeStructure['kind']
  readonly name: string
  readonly custom: Custom | undefined
  readonly names: readonly string[]
  readonly #parts: readonly number[]
  readonly #types: ArgumentTypes
  #places: Map<string, number> | undefined

  constructor(oid: number, structure: TypeStructure, custom: Custom | undefined, types: ArgumentTypes) {
    this.oid = oid
    this.kind = structure.kind
    this.name = structure.name
    this.custom = custom
    this.names = structure.names
    this.#parts = structure.parts
    this.#types = types
  }

  /** The type of the elements, bounds or attributes; `undefined` for an attribute that it does not have. */
  part(index: number): TypeRef | undefined {
    const oid = this.#parts[index]
    return oid === undefined ? undefined : this.#types.of(oid)
  }

  /** The types of all of them. */
  get parts(): TypeRef[] {
    return this.#parts.map((oid) => this.#types.of(oid))
  }

  /** Whether no value of a composite's first attribute can be given in this form. */
  beginsWithNo(form: Members): boolean {
    const [first] = this.#parts
    return first !== undefined && this.#types.takesNo(form, first)
  }

  /** The type of an attribute. */
  attribute(name: string): TypeRef | undefined {
    this.#places ??= new Map(this.names.map((name, index) => [name, index]))
    return this.part(this.#places.get(name) ?? -1)
  }
}

/** The types of arguments on one session, with the codecs of one moment. */
export class ArgumentTypes {
  /** The types for calls of the driver's own, which take none but built-in ones. */
  static readonly PLAIN: ArgumentTypes = new ArgumentTypes(Codecs.NONE, () => undefined)

  readonly codecs: Codecs
  readonly #structure: (oid: number) => TypeStructure | undefined
  readonly #known = new Map<number, TypeRef>()

  constructor(codecs: Codecs, structure: (oid: number) => TypeStructure | undefined) {
    this.codecs = codecs
    this.#structure = structure
  }

  /** Types may have become others. */
  forget(): void {
    this.#known.clear()
  }

  of(oid: number): TypeRef {
    if (oid < FIRST_OWN && this.codecs.number === 0) return oid
    let ref = this.#known.get(oid)
    if (ref === undefined) {
      ref = this.#find(oid, MOST_DOMAINS)
      if (this.#known.size >= MOST) this.#known.clear()
      this.#known.set(oid, ref)
    }
    return ref
  }

  /** Whether no value of a type can be given in this form. */
  takesNo(form: Members, oid: number, depth: number = MOST_DOMAINS): boolean {
    if (this.codecs.byType.has(oid) || TAKES_MEMBERS.has(oid)) return false
    const structure = this.#structure(oid)
    switch (structure?.kind) {
      case 'scalar':
      case 'enum':
        return true
      case 'range':
      case 'vector':
        return form === 'object'
      case 'domain':
        return depth > 0 && this.takesNo(form, structure.parts[0] as number, depth - 1)
      default:
        return false
    }
  }

  #find(oid: number, depth: number): TypeRef {
    const custom = this.codecs.byType.get(oid)
    const structure = this.#structure(oid)
    if (custom?.exchange === Exchange.Alias || custom?.exchange === Exchange.AliasInText) {
      return this.of(custom.number)
    }
    if (custom !== undefined) {
      return new TypeNode(oid, structure ?? { kind: 'scalar', name: '', parts: [], names: [] }, custom, this)
    }
    if (structure === undefined || depth === 0) return oid
    const [part] = structure.parts
    switch (structure.kind) {
      case 'domain':
        return this.#find(part as number, depth - 1)
      case 'array': {
        const element = this.#find(part as number, depth - 1)
        // Which lists are lists of documents is known by the type of an element.
        if (typeof element !== 'number' || ARRAYS_OF_JSON.has(element)) break
        // A list of documents, whatever domain they are of.
        return JSON_ARRAYS[element] ?? oid
      }
      case 'range':
      case 'multirange': {
        const bound = this.#find(part as number, depth - 1)
        // A list is a document where the bounds are some.
        if (typeof bound === 'number' && JSON_ARRAYS[bound] === undefined) return oid
        break
      }
      case 'composite':
      case 'hstore':
        break
      default:
        return oid
    }
    return new TypeNode(oid, structure, undefined, this)
  }
}
