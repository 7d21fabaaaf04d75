/** A query's text as the other side knows it. */
export interface Query {
  readonly id: number
  readonly sql: string
  /** The parameter types, once a session has described the query. */
  parameters: Uint32Array | undefined
  /** The sessions that described it so. To another it may be of other types, and its arrays go in both forms. */
  readonly sessions: Set<number>
  /** Looked up since it was last spared. */
  used: boolean
}

/** Texts known at once. Connections cache a hundred statements each, so that more would serve few. */
const MOST = 4096

/** Sessions remembered for one query. Numbers of sessions that have ended are among them. */
const MOST_SESSIONS = 256

/** Characters of all texts together, so that a few huge scripts do not fill memory. */
const MOST_CHARACTERS = 8 * 1024 * 1024

/**
 * The query texts that were sent down: a text travels once, its number after that. What was not used since the last
 * round leaves first (a second chance for the rest: nearly least-recently-used, without a move per use).
 */
export class Queries {
  readonly #bySql = new Map<string, Query>()
  readonly #byId = new Map<number, Query>()
  #next = 1
  #characters = 0

  /** The query of a text that is known; it counts as used. */
  get(sql: string): Query | undefined {
    const query = this.#bySql.get(sql)
    if (query !== undefined) query.used = true
    return query
  }

  /** A new text. The queries that had to leave for it are given to `forget`. */
  add(sql: string, forget: (id: number) => void): Query {
    const query: Query = {
      id: this.#next,
      sql,
      parameters: undefined,
      sessions: new Set(),
      used: false,
    }
    this.#next = this.#next === 0xffffffff ? 1 : this.#next + 1
    this.#bySql.set(sql, query)
    this.#byId.set(query.id, query)
    this.#characters += sql.length
    // A Map is walked in order of insertion and meets what is inserted meanwhile: the spared come round once more.
    for (const [oldest, candidate] of this.#bySql) {
      if (this.#bySql.size <= MOST && this.#characters <= MOST_CHARACTERS) break
      if (candidate === query) {
        if (this.#bySql.size === 1) break
        this.#bySql.delete(oldest)
        this.#bySql.set(oldest, candidate)
        continue
      }
      this.#bySql.delete(oldest)
      if (candidate.used) {
        candidate.used = false
        this.#bySql.set(oldest, candidate)
        continue
      }
      this.#byId.delete(candidate.id)
      this.#characters -= oldest.length
      forget(candidate.id)
    }
    return query
  }

  /** A session's description of a query. */
  describe(id: number, session: number, types: Uint32Array): void {
    const query = this.#byId.get(id)
    if (query === undefined) return
    const known = query.parameters
    const same = known !== undefined && types.every((type, i) => type === known[i])
    if (!same || query.sessions.size >= MOST_SESSIONS) query.sessions.clear()
    if (!same) query.parameters = types
    query.sessions.add(session)
  }

  get size(): number {
    return this.#bySql.size
  }
}
