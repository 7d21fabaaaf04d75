import type { ArgumentTypes } from './argument-types.ts'
import { Table } from './table.ts'

/** A query's text as the other side knows it. */
export interface Query {
  readonly number: number
  readonly sql: string
  /** The parameter types, once a session has described the query. */
  parameters: Uint32Array | undefined
  /**
   * The sessions that described it so, as far as they are remembered. To another it may be of other types: arguments whose
   * form depends on their types are asked for there, and it is remembered then.
   */
  readonly sessions: Set<number>
  /** What the arguments of a prepared statement are written by, as it was when the statement was prepared. */
  argumentTypes: ArgumentTypes | undefined
  /** Looked up since it was last spared. */
  used: boolean
}

/** Texts known at once. Connections cache a hundred statements each, so that more would serve few. */
const MOST = 4096

/** Sessions remembered for one query. Numbers of sessions that have ended are among them. */
const MOST_SESSIONS = 256

/**
 * Sessions remembered for all texts together: as many texts as there may be, each known to as many sessions, would be a
 * million. Beyond that the texts that have been known for longest lose theirs, down to half of it.
 */
const MOST_DESCRIBED = 16_384

/** Characters of all texts together, so that a few huge scripts do not fill memory. */
const MOST_CHARACTERS = 8 * 1024 * 1024

/**
 * The query texts that were sent down: a text travels once, its number after that. What was not used since the last
 * round leaves first (a second chance for the rest: nearly least-recently-used, without a move per use).
 */
export class Queries {
  readonly #bySql = new Map<string, Query>()
  readonly #byNumber = new Table<Query>()
  #characters = 0
  /** Sessions of all texts that are shared. */
  #described = 0
  /** The numbers of queries that have left, of which the other side was not told yet. */
  readonly forgotten: number[] = []

  /** The query of a text that is known; it counts as used. */
  get(sql: string): Query | undefined {
    const query = this.#bySql.get(sql)
    if (query !== undefined) query.used = true
    return query
  }

  /** A new text. Others may leave for it. */
  add(sql: string): Query {
    const query = this.#number(sql, false)
    this.#bySql.set(sql, query)
    this.#characters += sql.length
    this.#makeRoom(query)
    return query
  }

  /** The text of one prepared statement, which is known until {@link release}. */
  own(sql: string): Query {
    return this.#number(sql, true)
  }

  #number(sql: string, used: boolean): Query {
    const number = this.#byNumber.reserve()
    const query: Query = {
      number,
      sql,
      parameters: undefined,
      sessions: new Set(),
      argumentTypes: undefined,
      used,
    }
    this.#byNumber.set(number, query)
    return query
  }

  /** Whether the other side knows the query. */
  holds(query: Query): boolean {
    return this.#byNumber.get(query.number) === query
  }

  /** It is of no use any more, and the other side is to be told. */
  release(query: Query): void {
    this.#byNumber.release(query.number)
    this.forgotten.push(query.number)
  }

  /** A query that was added and could not be sent is not known after all. */
  remove(query: Query): void {
    this.#byNumber.release(query.number)
    if (this.#bySql.get(query.sql) !== query) return
    this.#bySql.delete(query.sql)
    this.#characters -= query.sql.length
    this.#forgetSessions(query)
  }

  /** A Map is walked in order of insertion and meets what is inserted meanwhile: the spared come round once more. */
  #makeRoom(added: Query): void {
    for (const [sql, query] of this.#bySql) {
      if (this.#bySql.size <= MOST && this.#characters <= MOST_CHARACTERS) break
      if (query === added || query.used) {
        if (this.#bySql.size === 1) break
        query.used = false
        this.#bySql.delete(sql)
        this.#bySql.set(sql, query)
      } else {
        this.remove(query)
        this.forgotten.push(query.number)
      }
    }
  }

  /** A session's description of a query. */
  describe(number: number, session: number, types: Uint32Array): void {
    const query = this.#byNumber.get(number)
    if (query !== undefined) this.#describe(query, session, types)
  }

  /** Notes a text's types, which a session has told when it asked for the text's arguments. */
  describeText(sql: string, session: number, types: Uint32Array): void {
    const query = this.#bySql.get(sql)
    if (query !== undefined) this.#describe(query, session, types)
  }

  #describe(query: Query, session: number, types: Uint32Array): void {
    const known = query.parameters
    const same = known?.length === types.length && types.every((type, i) => type === known[i])
    const isShared = this.#bySql.get(query.sql) === query
    if (!same || query.sessions.size >= MOST_SESSIONS) {
      if (isShared) this.#forgetSessions(query)
      else query.sessions.clear()
    }
    if (!same) query.parameters = types
    const before = query.sessions.size
    query.sessions.add(session)
    if (!isShared) return
    this.#described += query.sessions.size - before
    if (this.#described > MOST_DESCRIBED) this.#forgetMany(query)
  }

  #forgetSessions(query: Query): void {
    this.#described -= query.sessions.size
    query.sessions.clear()
  }

  #forgetMany(except: Query): void {
    for (const query of this.#bySql.values()) {
      if (this.#described <= MOST_DESCRIBED / 2) return
      if (query !== except) this.#forgetSessions(query)
    }
  }

  /** Sessions that are remembered for texts. */
  get described(): number {
    return this.#described
  }

  get size(): number {
    return this.#bySql.size
  }
}
