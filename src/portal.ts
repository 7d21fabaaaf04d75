import { Ask, type Text } from './ask.ts'
import type { Args, CallLimits } from './call-options.ts'
import { ConnectionDoesNotExistError, InterfaceError, TimeoutError } from './errors/index.ts'
import type { QueryResult } from './query-result.ts'
import type { SessionRunner } from './session-runner.ts'
import type { TransactionScope } from './transaction-scope.ts'
import type { RecordClass } from './types/record.ts'
import type { RawBatch, Want } from './want.ts'

/** What a cursor runs, and where. */
export interface CursorSource {
  readonly runner: SessionRunner
  readonly scope: TransactionScope
  readonly text: Text
  readonly sql: string
  readonly args: Args | undefined
  /** What rows are made as, where that is not the connection's own choice. */
  readonly recordClass: RecordClass | undefined
  /** What must not be collected while a call of the cursor runs. */
  readonly holder: object
  /** The error of using what it runs, while that cannot be used; `method` is what was called. */
  refusal(method: string): Error | undefined
}

/** The protocol counts rows with 31 bits. */
export const MOST_ROWS = 0x7fff_ffff

const RESULT: Want = { kind: 'result', rows: 'object' }

/** A portal of the server, from which a cursor reads. Calls are made in the order in which they are asked for. */
export class Portal {
  readonly #source: CursorSource
  readonly #number: number
  /** It was asked for, and is there for all that is known. */
  #mayBeOpen = false
  #closing: Promise<void> | undefined
  /** A call was given up, so that nobody knows which rows it has passed. */
  #isAstray = false

  constructor(source: CursorSource) {
    this.#source = source
    this.#number = source.runner.reservePortal()
  }

  /** Opens it and reads so many rows, 0 for none. */
  async open(rows: number, limits: CallLimits): Promise<RawBatch> {
    this.#mayBeOpen = true
    try {
      return await this.#read(Ask.Open, rows, this.#source.args, limits)
    } catch (error) {
      this.#mayBeOpen = this.#isAstray
      throw error
    }
  }

  /** Reads at most so many rows more. */
  read(rows: number, limits: CallLimits): Promise<RawBatch> {
    return this.#read(Ask.Fetch, rows, undefined, limits)
  }

  /** Skips at most so many rows, and gives how many there were. */
  move(rows: number, limits: CallLimits): Promise<number> {
    const text = `MOVE FORWARD ${rows} FROM cornac_${this.#number}`
    return this.#call(limits, async () => {
      const { rowCount } = await this.#source.scope.send<QueryResult>(RESULT, text, [], limits)
      return rowCount ?? 0
    })
  }

  /** Closes it, once; does nothing when it was never open. */
  close(): Promise<void> {
    const { runner, sql } = this.#source
    if (!this.#mayBeOpen) return Promise.resolve()
    // By its text: a prepared statement may have been closed before, and is not known any more.
    this.#closing ??= runner.closePortal(sql, this.#number)
    return this.#closing
  }

  async #read(
    ask: typeof Ask.Open | typeof Ask.Fetch,
    rows: number,
    args: Args | undefined,
    limits: CallLimits,
  ): Promise<RawBatch> {
    const { runner, scope, text, recordClass, holder } = this.#source
    const part = { ask, portal: this.#number, rows }
    const batch = await this.#call(limits, () =>
      scope.within(() => runner.read(text, args, part, recordClass, limits, holder)),
    )
    // An empty text has no command tag, and so no end that the server tells of.
    return batch.isLast || batch.rows.length >= rows ? batch : { ...batch, isLast: true }
  }

  async #call<T>(limits: CallLimits, make: () => Promise<T>): Promise<T> {
    if (this.#isAstray) {
      throw new InterfaceError('the cursor cannot be read any more: a call on it was given up', {
        hint: 'which rows that call has passed is not known; open another cursor',
      })
    }
    const { signal } = limits
    // Then nothing is sent.
    const wasAborted = signal?.aborted
    try {
      return await make()
    } catch (error) {
      const isLate = error instanceof TimeoutError && error.maybeExecuted !== false
      if (isLate || (signal?.aborted && !wasAborted)) this.#isAstray = true
      throw error
    }
  }
}

/** The error of a method whose connection cannot be used, by the error of using that. */
export function underlying(method: string, unusable: Error | undefined): Error | undefined {
  if (unusable === undefined) return undefined
  const message = `cannot call ${method}: the underlying ${unusable.message}`
  const { cause } = unusable
  return unusable instanceof ConnectionDoesNotExistError
    ? new ConnectionDoesNotExistError(message, { maybeExecuted: false, cause })
    : new InterfaceError(message, { cause })
}
