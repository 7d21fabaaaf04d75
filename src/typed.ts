import { codecProblem } from './config/codec-problem.ts'
import { InterfaceError } from './errors/index.ts'
import { Listenable } from './listenable.ts'
import type { Runner } from './queryable.ts'
import type { Session } from './session.ts'
import type { Listeners } from './session-listeners.ts'
import { aliasFor, builtinOid, placeOf, resolveCodecs, resolveType } from './type-codecs.ts'
import type { SessionLimits } from './types/session-limits.ts'
import type { TypeCodec } from './types/type-codec.ts'

const HSTORE = 'pg_contrib.hstore'

/** What a connection's values are: the types of its database, and codecs of the program's for them. */
export abstract class Typed<C extends object> extends Listenable<C> {
  readonly #session: Session
  readonly #limits: SessionLimits

  protected constructor(...args: never[])
  protected constructor(
    runner: Runner,
    listeners: Listeners<C>,
    session: Session,
    commandTimeout: number | null,
  ) {
    super(runner as never, listeners as never)
    this.#session = session
    this.#limits = { timeout: commandTimeout ?? undefined, signal: undefined }
  }

  /**
   * Has values of a type go in and out by functions of the program's own: see {@link TypeCodec}. Arrays and domains of the
   * type, and composites that have it, follow. Another codec for the same type takes its place.
   *
   * It is for this connection alone; the option `types.codecs` is for all of a pool. Calls that were made before keep what
   * there was, and so do statements that `prepare()` gave before. A type that is not built in is looked up, which is a query.
   *
   * Rejects with an InterfaceError for a type that is not there, one that is neither scalar nor composite, or a format
   * that it does not have; with an UnsupportedClientFeatureError for a domain, and for a composite type in another
   * format than `tuple`.
   *
   * ```ts
   * await connection.execute('create type pg_temp.pair as (a int, b int)')
   * const schema = await connection.fetchValue('select pg_my_temp_schema()::regnamespace::text')
   * await connection.setTypeCodec({ type: 'pair', schema, format: 'tuple', encode: (pair) => pair, decode: ([a, b]) => a + b })
   * await connection.fetchValue('select $1::pair', [[2, 3]]) // => 5
   * ```
   */
  async setTypeCodec(codec: TypeCodec): Promise<void> {
    const session = this.#usable()
    const wrong = codecProblem(codec)
    if (wrong !== undefined) throw new InterfaceError(`invalid codec: it ${wrong}`)
    const customs = await resolveCodecs(session, [codec], this.#limits, this)
    session.typing.setCodecs(session.typing.codecs.with(...customs))
  }

  /**
   * Takes the codec of a type back: its values are what they were before. Does nothing when it has none.
   *
   * @param options.schema Default `public`; built-in types are in `pg_catalog`.
   *
   * Rejects with an InterfaceError when the connection is closed.
   */
  async resetTypeCodec(type: string, options?: { schema?: string | undefined }): Promise<void> {
    const { typing } = this.#usable()
    const place = placeOf(type, options?.schema)
    const name = `${place.schema}.${place.type}`
    const oid = builtinOid(this.#session.bridge, place)
    for (const custom of typing.codecs.byType.values()) {
      if (custom.typeOid === oid || custom.name === name)
        typing.setCodecs(typing.codecs.without(custom.typeOid))
    }
  }

  /**
   * Has values of a scalar type be as those of a built-in one that they are stored like: a type that an extension has made of
   * integers takes and gives numbers. `resetTypeCodec()` takes it back. Types of hstore, citext, ltree and pgvector need none.
   *
   * @param options.codecName The built-in type, by its name in the catalog or SQL's own: `int`, `text` … Also
   * `pg_contrib.hstore`, for the type hstore, whose values are objects without it too.
   * @param options.format How values travel: in the built-in type's binary form (`binary`, the default where the type has
   * a binary form), or as its text (`text`), for a type that has its texts but another binary form, or none.
   *
   * Rejects with an InterfaceError for a type that is not there or is no scalar one, a name that no scalar built-in type
   * has, and for a format that the type does not have.
   *
   * ```ts
   * await connection.execute("create type pg_temp.level as enum ('low', 'high')")
   * const schema = await connection.fetchValue('select pg_my_temp_schema()::regnamespace::text')
   * await connection.setBuiltinTypeCodec('level', { schema, codecName: 'text' })
   * await connection.fetchValue('select $1::level', ['low']) // => 'low'
   * ```
   */
  async setBuiltinTypeCodec(
    type: string,
    options: { schema?: string | undefined; codecName: string; format?: 'text' | 'binary' | undefined },
  ): Promise<void> {
    const session = this.#usable()
    const { codecName, format, schema } = options ?? {}
    if (typeof codecName !== 'string')
      throw new InterfaceError('codecName must be the name of a built-in type')
    if (format !== undefined && format !== 'text' && format !== 'binary')
      throw new InterfaceError("format must be 'text' or 'binary'")
    const place = placeOf(type, schema)
    const found = await resolveType(session, place, this.#limits, this)
    // It has its values by itself.
    if (codecName === HSTORE && found !== undefined && place.type === 'hstore') return
    const alias = aliasFor(session, place, found, codecName, format)
    session.typing.setCodecs(session.typing.codecs.with(alias))
  }

  /**
   * Forgets what is known of the database's types, and the statements that were prepared. Tables that change need no such
   * call: what a statement relied on is noticed when it runs. A type that was renamed, or moved to another schema, is told
   * by its new name from then on. Sends nothing: the next calls describe their texts anew.
   *
   * Rejects with an InterfaceError, or a ConnectionDoesNotExistError, when the connection is closed.
   *
   * ```ts
   * await connection.execute("create type mood as enum ('so', 'la la')")
   * await connection.reloadSchemaState()
   * ```
   */
  async reloadSchemaState(): Promise<void> {
    this.#usable().forgetSchema()
  }

  #usable(): Session {
    const unusable = this.#session.unusable()
    if (unusable !== undefined) throw unusable
    return this.#session
  }
}
