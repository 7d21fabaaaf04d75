import { InterfaceError, UnsupportedClientFeatureError } from './errors/index.ts'
import { KINDS } from './introspection.ts'
import {
  aliasOf,
  type CodecFormat,
  type Custom,
  customOf,
  mayBeLists,
  type Session,
  TUPLES,
  type Tuple,
} from './session.ts'
import type { SessionLimits } from './types/session-limits.ts'
import type { TypeCodec } from './types/type-codec.ts'
import type { Want } from './want.ts'

const ROWS: Want = { kind: 'rows', isPlain: true }

/** Where a type is found by its name. */
export interface TypePlace {
  readonly type: string
  readonly schema: string
}

/** What SQL calls types, to their names in the catalog. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['smallint', 'int2'],
  ['int', 'int4'],
  ['integer', 'int4'],
  ['bigint', 'int8'],
  ['decimal', 'numeric'],
  ['real', 'float4'],
  ['double precision', 'float8'],
  ['boolean', 'bool'],
  ['timestamp with timezone', 'timestamptz'],
  ['timestamp with time zone', 'timestamptz'],
  ['timestamp without timezone', 'timestamp'],
  ['timestamp without time zone', 'timestamp'],
  ['time with timezone', 'timetz'],
  ['time with time zone', 'timetz'],
  ['time without timezone', 'time'],
  ['time without time zone', 'time'],
  ['char', 'bpchar'],
  ['character', 'bpchar'],
  ['character varying', 'varchar'],
  ['bit varying', 'varbit'],
])

/** aclitem and gtsvector: built-in types without functions that send and receive. */
const TEXT_ONLY: ReadonlySet<number> = new Set([1033, 3642])

/** Immune to the search path. */
const LOOK_UP = `select wanted.number::pg_catalog.int4 as number, t.oid, t.typtype::pg_catalog.text as kind,
  t.typcategory::pg_catalog.text as category,
  t.typsend operator(pg_catalog.<>) 0 and t.typreceive operator(pg_catalog.<>) 0 as binary
from rows from (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
  with ordinality wanted (schema, name, number)
join pg_catalog.pg_namespace n on n.nspname operator(pg_catalog.=) wanted.schema
join pg_catalog.pg_type t on t.typnamespace operator(pg_catalog.=) n.oid
  and t.typname operator(pg_catalog.=) wanted.name`

interface Found {
  readonly number: number
  readonly oid: number
  readonly kind: string
  readonly category: string
  readonly binary: boolean
}

/** What a type is, as far as a codec for it depends on that. */
export interface Resolved {
  readonly oid: number
  readonly kind: 'scalar' | 'composite' | 'domain' | 'other'
  /** Whether its values are lists in some form. */
  readonly mayBeLists: boolean
  /** Whether the server sends and reads its values in binary. */
  readonly hasBinary: boolean
}

/** The place of a type by what a caller has given. Throws an InterfaceError for what names none. */
export function placeOf(type: unknown, schema: unknown): TypePlace {
  if (typeof type !== 'string' || type === '') throw new InterfaceError('the type must be given by its name')
  if (schema !== undefined && typeof schema !== 'string')
    throw new InterfaceError('the schema must be a string')
  return { type, schema: schema ?? 'public' }
}

/** A type by its name. `undefined` when there is none. */
export async function resolveType(
  session: Session,
  place: TypePlace,
  limits: SessionLimits,
  holder: object,
): Promise<Resolved | undefined> {
  const known = builtin(session, place)
  if (known !== undefined) return known
  const args = [[place.schema], [place.type]]
  const [found] = await session.call<Found[]>(ROWS, LOOK_UP, args, limits, holder)
  return found && resolved(found)
}

/**
 * What has values of a type be as those of a built-in type.
 *
 * @param format `undefined` for binary where the type has such a form.
 * @throws InterfaceError for a type that is no scalar one, or has no such form, and for a name that no scalar built-in type
 * has.
 */
export function aliasFor(
  session: Session,
  { type, schema }: TypePlace,
  found: Resolved | undefined,
  codecName: string,
  format: 'text' | 'binary' | undefined,
): Custom {
  const name = `${schema}.${type}`
  if (found === undefined) throw unknownType(name)
  if (found.kind !== 'scalar') throw new InterfaceError(`cannot alias ${name}: it is no scalar type`)
  const like = builtin(session, { type: codecName, schema: 'pg_catalog' })
  if (like === undefined || like.kind !== 'scalar') {
    throw new InterfaceError(`there is no codec ${JSON.stringify(codecName)}`, {
      hint: "give the name of a scalar built-in type, such as 'int' or 'text'",
    })
  }
  if (format === 'binary') checkBinary(name, found)
  return aliasOf(found.oid, name, like.oid, format ?? (found.hasBinary ? 'binary' : 'text'))
}

/** A built-in type's OID, by the name that the catalog or SQL has for it. */
export function builtinOid(bridge: Session['bridge'], { type, schema }: TypePlace): number | undefined {
  if (schema !== 'pg_catalog') return undefined
  return bridge.builtinOid(ALIASES.get(type.toLowerCase()) ?? type)
}

/**
 * The codecs of the program's for types of the session's database. Types that are not built in are looked up, all in one
 * query.
 *
 * Rejects with an InterfaceError for a type that is not there, or cannot have such a codec.
 */
export async function resolveCodecs(
  session: Session,
  codecs: readonly TypeCodec[],
  limits: SessionLimits,
  holder: object,
): Promise<Custom[]> {
  const places = codecs.map(({ type, schema }) => placeOf(type, schema))
  const types = places.map((place) => builtin(session, place))
  const unknown = places.flatMap((place, index) => (types[index] === undefined ? [{ ...place, index }] : []))
  if (unknown.length > 0) {
    const args = [unknown.map(({ schema }) => schema), unknown.map(({ type }) => type)]
    const found = await session.call<Found[]>(ROWS, LOOK_UP, args, limits, holder)
    for (const { number, ...type } of found) {
      const { type: name, schema, index } = unknown[number - 1] as (typeof unknown)[number]
      types[index] = resolved(type)
      if (type.category === 'A') continue
      const kind = KINDS[type.kind] ?? 'scalar'
      session.typing.catalog.tell({ oid: type.oid, name, kind, schema })
    }
  }
  return codecs.map((codec, index) => custom(codec, places[index] as TypePlace, types[index]))
}

function builtin(session: Session, place: TypePlace): Resolved | undefined {
  const oid = builtinOid(session.bridge, place)
  const type = oid === undefined ? undefined : session.bridge.builtinType(oid)
  if (oid === undefined || type === undefined || type.kind === 'composite') return undefined
  const kind = type.kind === 'scalar' ? 'scalar' : 'other'
  return { oid, kind, mayBeLists: mayBeLists(oid), hasBinary: !TEXT_ONLY.has(oid) }
}

function resolved({ oid, kind, category, binary: hasBinary }: Omit<Found, 'number'>): Resolved {
  return { oid, kind: kindOf(kind, category), mayBeLists: kind !== 'e' && mayBeLists(oid), hasBinary }
}

function kindOf(typtype: string, category: string): Resolved['kind'] {
  if (typtype === 'c') return 'composite'
  if (typtype === 'd') return 'domain'
  return (typtype === 'b' && category !== 'A') || typtype === 'e' ? 'scalar' : 'other'
}

function custom(codec: TypeCodec, { type, schema }: TypePlace, found: Resolved | undefined): Custom {
  const name = `${schema}.${type}`
  if (found === undefined) throw unknownType(name)
  const format = codec.format ?? 'text'
  if (format === 'binary') checkBinary(name, found)
  const takesLists = codec.takesLists ?? (format === 'tuple' || found.mayBeLists)
  return customOf(codec, found.oid, name, format, tupleOf(name, format, found), takesLists)
}

function checkBinary(name: string, { hasBinary }: Resolved): void {
  if (hasBinary) return
  throw new InterfaceError(`cannot set a codec of format 'binary' for ${name}: it has no binary form`, {
    hint: "use format: 'text'",
  })
}

function unknownType(name: string): InterfaceError {
  return new InterfaceError(`unknown type: ${name}`, {
    hint: "names are those of the catalog, in their exact case; built-in types are in the schema 'pg_catalog'",
  })
}

/** Checks that a type takes codecs of a format. Gives what its tuples are made of, where they travel in binary. */
function tupleOf(name: string, format: CodecFormat, { oid, kind }: Resolved): Tuple | undefined {
  switch (kind) {
    case 'domain':
      throw new UnsupportedClientFeatureError(`cannot set a codec for ${name}: it is a domain`, {
        hint: 'set it for the type that the domain is over: domains follow',
      })
    case 'other':
      throw new InterfaceError(
        `cannot set a codec for ${name}: it is neither a scalar type nor a composite type`,
        { hint: 'set it for the type that it is made of: arrays and ranges follow' },
      )
    case 'composite':
      if (format === 'tuple') return undefined
      throw new UnsupportedClientFeatureError(
        `cannot set a codec of format '${format}' for ${name}: it is a composite type`,
        { hint: "use format: 'tuple', or set a codec for a type of its attributes" },
      )
  }
  if (format !== 'tuple') return undefined
  const tuple = TUPLES.get(oid)
  if (tuple !== undefined) return tuple
  throw new InterfaceError(`${name} does not support the format 'tuple'`, {
    hint: 'it is for composite types, date, time, timetz, timestamp, timestamptz and interval',
  })
}
