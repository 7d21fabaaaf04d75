import type { Args, CallLimits } from './call-options.ts'
import type { Observed, Observer } from './observer.ts'
import { type QueryResult, readTag } from './query-result.ts'
import type { Runner } from './queryable.ts'
import type { Session } from './session.ts'
import { now } from './timers.ts'
import type { RawColumn, RawResult, Want } from './want.ts'

const ROWS: Want = { kind: 'rows' }

/** Gets each call of a connection when it is made. */
export type Watch = (sql: string, call: Promise<unknown>) => void

/** Makes a connection's calls on its session. */
export class SessionRunner implements Runner {
  readonly #session: Session
  readonly #commandTimeout: number | null
  /** Is told of the calls; who makes one that does not pass {@link send} tells it. */
  readonly observer: Observer
  /** The connection, which is not collected while its calls run. */
  holder: object = this
  watch: Watch | undefined

  /** @param commandTimeout Milliseconds, `null` for none. */
  constructor(session: Session, commandTimeout: number | null, observer: Observer) {
    this.#session = session
    this.#commandTimeout = commandTimeout
    this.observer = observer
  }

  unusable(): Error | undefined {
    return this.#session.unusable()
  }

  send<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    const { watch } = this
    if (watch === undefined) return this.#observed(want, sql, args, limits)
    const call = this.#observed<T>(want, sql, args, limits)
    watch(sql, call)
    return call
  }

  #observed<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    if (!this.observer.isWatching('query')) return this.#send(want, sql, args, limits)
    const describe = (): Observed => ({ text: sql, args, timeout: this.timeout(limits) })
    return this.observer.observe('query', describe, () => this.#send(want, sql, args, limits))
  }

  #send<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    if (want.kind === 'result') return this.#result(want, sql, args, limits) as Promise<T>
    return this.#session.call(want, sql, args, this.timeout(limits), limits.signal, this.holder)
  }

  /** The limit of a call in milliseconds, `undefined` for none. */
  timeout({ timeout }: CallLimits): number | undefined {
    return (timeout === undefined ? this.#commandTimeout : timeout) ?? undefined
  }

  async #result(
    want: Want,
    sql: string,
    args: Args | undefined,
    limits: CallLimits,
  ): Promise<QueryResult<any>> {
    const timeout = this.timeout(limits)
    const end = timeout === undefined ? undefined : now() + timeout
    const { rows, columns, tag } = await this.#session.call<RawResult>(
      want,
      sql,
      args,
      timeout,
      limits.signal,
      this.holder,
    )
    const { types } = this.#session
    if (!types.knows(columns)) await this.#learn(columns, end, limits.signal)
    return { rows, columns: types.columns(columns), ...readTag(tag) }
  }

  /** Looks the types of columns up. A result that is there is not lost because that fails. */
  async #learn(
    columns: readonly RawColumn[],
    end: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const oids = columns.map(({ typeOid }) => typeOid)
    const fetch = (sql: string, unknown: number[]): Promise<unknown> => {
      const timeout = end === undefined ? undefined : end - now()
      const observed = { text: sql, args: [unknown], timeout, isInternal: true }
      return this.observer.observe(
        'query',
        () => observed,
        () => this.#session.call(ROWS, sql, [unknown], timeout, signal, this.holder),
      )
    }
    try {
      await this.#session.types.learn(oids, fetch)
    } catch {
      signal?.throwIfAborted()
    }
  }
}
