import type { ResultColumn } from './query-result.ts'
import type { TypeInfo } from './types/type-info.ts'
import type { RawColumn } from './want.ts'

/** Immune to the search path, and to types of the user's that have the names of others. */
const LOOK_UP = `select t.oid, t.typname as name, n.nspname as schema, t.typtype::pg_catalog.text as kind,
  e.typname as element
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) t.typnamespace
left join pg_catalog.pg_type e on e.typarray operator(pg_catalog.=) t.oid
where t.oid operator(pg_catalog.=) any($1::pg_catalog.oid[])`

interface Found {
  readonly oid: number
  readonly name: string
  readonly schema: string
  readonly kind: string
  /** The element type of an array. */
  readonly element: string | null
}

/** The kinds of types that are no arrays, by their `typtype`; others are scalar. */
export const KINDS: { readonly [typtype: string]: TypeInfo['kind'] } = {
  c: 'composite',
  d: 'domain',
  e: 'enum',
  m: 'multirange',
  r: 'range',
}

/** Types known at once: more than a database has, but temporary tables bring new ones for ever. */
const MOST = 10_000

/**
 * The types of a session's database: built-in ones are known, and those that the native core has looked up for a call.
 * Others are looked up here, when they are first met.
 */
export class TypeCatalog {
  readonly #given: (oid: number) => TypeInfo | undefined
  readonly #known = new Map<number, TypeInfo>()
  readonly #columns = new WeakMap<readonly RawColumn[], readonly ResultColumn[]>()

  constructor(given: (oid: number) => TypeInfo | undefined) {
    this.#given = given
  }

  /** A type; one that could not be looked up has its OID for a name. */
  get(oid: number): TypeInfo {
    return this.#find(oid) ?? { oid, name: String(oid), kind: 'scalar', schema: '' }
  }

  /** Takes in a type that was looked up elsewhere. */
  tell(type: TypeInfo): void {
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(type.oid, type)
  }

  /**
   * Looks up what is not known yet of these types.
   *
   * @param fetch runs a query of one argument on the session. What it rejects with is passed on.
   */
  async learn(
    oids: Iterable<number>,
    fetch: (sql: string, oids: number[]) => Promise<unknown>,
  ): Promise<void> {
    const unknown = [...new Set(oids)].filter((oid) => this.#find(oid) === undefined)
    if (unknown.length === 0) return
    const found = (await fetch(LOOK_UP, unknown)) as Found[]
    if (this.#known.size + found.length > MOST) this.#known.clear()
    for (const { oid, name, schema, kind, element } of found) {
      this.#known.set(oid, {
        oid,
        name: element === null ? name : `${element}[]`,
        kind: element === null ? (KINDS[kind] ?? 'scalar') : 'array',
        schema,
      })
    }
  }

  /** Whether the types of all columns are known. */
  knows(columns: readonly RawColumn[]): boolean {
    return this.#columns.has(columns) || columns.every(({ typeOid }) => this.#find(typeOid) !== undefined)
  }

  /** The columns with their types, made once. */
  columns(raw: readonly RawColumn[]): readonly ResultColumn[] {
    let columns = this.#columns.get(raw)
    if (columns === undefined) {
      const whole = this.knows(raw)
      columns = raw.map(({ name, typeOid, tableOid, tableColumn, typeSize, typeModifier }) =>
        Object.freeze({ name, type: this.get(typeOid), tableOid, tableColumn, typeSize, typeModifier }),
      )
      if (whole) this.#columns.set(raw, Object.freeze(columns))
    }
    return columns
  }

  #find(oid: number): TypeInfo | undefined {
    let type = this.#known.get(oid)
    if (type === undefined) {
      type = this.#given(oid)
      if (type !== undefined) this.#known.set(oid, type)
    }
    return type
  }
}
