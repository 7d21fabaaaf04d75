import { TypeCatalog } from '../introspection.ts'
import { ArgumentTypes } from './argument-types.ts'
import type { Bridge } from './bridge.ts'
import { Codecs } from './custom.ts'

/** How the values of one session go in and out, besides the options of its connection. */
export class Typing {
  readonly #bridge: Bridge
  readonly #session: number
  #argumentTypes: ArgumentTypes
  /** Others are those of statements that were prepared when the codecs were others. */
  #earlier: WeakRef<ArgumentTypes>[] = []

  #catalog: TypeCatalog | undefined

  constructor(bridge: Bridge, session: number) {
    this.#bridge = bridge
    this.#session = session
    this.#argumentTypes = this.#typesWith(Codecs.NONE)
  }

  /** What the arguments of calls are written by that are made now. */
  get argumentTypes(): ArgumentTypes {
    return this.#argumentTypes
  }

  /** The types of the database, as far as they were met. */
  get catalog(): TypeCatalog {
    this.#catalog ??= new TypeCatalog((oid) => {
      const type = this.#bridge.builtinType(oid)
      if (type !== undefined) return { oid, ...type, schema: 'pg_catalog' }
      const own = this.#bridge.databaseType(this.#session, oid)
      return own && { oid, ...own }
    })
    return this.#catalog
  }

  get codecs(): Codecs {
    return this.#argumentTypes.codecs
  }

  /** Has the calls that are made from now on go by these. */
  setCodecs(codecs: Codecs): void {
    if (codecs === this.codecs) return
    // First: where it cannot be told, nothing changes on this side either.
    this.#bridge.submission.setCodecs(this.#session, codecs)
    this.#earlier = this.#earlier.filter((types) => types.deref() !== undefined)
    this.#earlier.push(new WeakRef(this.#argumentTypes))
    this.#argumentTypes = this.#typesWith(codecs)
  }

  /** Types of the database may have become others, or be known that were not. */
  forget(): void {
    this.#argumentTypes.forget()
    for (const types of this.#earlier) types.deref()?.forget()
  }

  forgetAll(): void {
    this.#catalog = undefined
    this.forget()
  }

  #typesWith(codecs: Codecs): ArgumentTypes {
    return new ArgumentTypes(codecs, (oid) => this.#bridge.typeStructure(this.#session, oid))
  }
}
