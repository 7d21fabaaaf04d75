import type { Args } from './call-options.ts'
import { InterfaceError } from './errors/index.ts'
import { Callbacks } from './listeners.ts'
import { nextTick, now } from './timers.ts'
import { isTraced, type TraceAttributes, type TracedOperation, type TraceMessage, trace } from './tracing.ts'
import type { CallTiming, Timed } from './types/call-timing.ts'

/** Where a connection leads. */
export interface ConnectionPlace {
  /** The name as it was given, or the file of a socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/** What runs a text, in the words of the tracing channels. */
export type LoggedOperation = 'query' | 'prepare' | 'batch' | 'copy'

/** What query loggers get of a call that has ended. */
export interface LogRecord<C> {
  /** The connection that ran it, for a pool the one that it has given out. */
  readonly connection: C
  /** What it was: `copy` for every COPY, `batch` for `executeMany` and `fetchMany`. */
  readonly kind: LoggedOperation
  /** Its text, which may hold secrets. */
  readonly query: string
  /** Its arguments, which may be secrets; `undefined` for what has none, and for batches. */
  readonly args: Args | undefined
  /** Milliseconds, `null` for no limit: what counted for this call. */
  readonly timeout: number | null
  /** Milliseconds from the call to its end. */
  readonly elapsed: number
  /** What the call rejected with. It may be anything: an abort's reason is the caller's. */
  readonly exception: any
  /**
   * How long each part of it took; of a cursor its opening. Calls that the server has not answered have none.
   */
  readonly timing: CallTiming | undefined
  /** The driver asked this for itself. */
  readonly internal: boolean
}

/** What is called. */
export interface Observed {
  readonly text: string
  readonly args?: Args | undefined
  /** Milliseconds, `undefined` for no limit. */
  readonly timeout?: number | undefined
  readonly isInternal?: boolean
  /** What is known of it beside its text. */
  readonly attributes?: Partial<TraceAttributes>
}

/** Tells a connection's query loggers and the subscribers of tracing channels of its calls. */
export class Observer {
  readonly loggers: Callbacks<[record: LogRecord<any>]>
  readonly #place: ConnectionPlace
  readonly #failed: (error: unknown) => void
  /** Gives the connection, for those who are told. */
  connectionOf: () => object = () => this

  /** @param failed gets what a query logger throws or rejects with, and what is wrong with a comment. */
  constructor(place: ConnectionPlace, failed: (error: unknown) => void) {
    this.#place = place
    this.#failed = failed
    this.loggers = new Callbacks(failed)
  }

  /** Whether anybody wants to know. What {@link observe} needs is only to be made then. */
  isWatching(operation: TracedOperation): boolean {
    return this.loggers.size > 0 || isTraced(operation)
  }

  /**
   * Runs a call and tells of it, where somebody wants to know. `describe` is asked then and only then, and `run` gets what
   * the times of the call can be told, and the comment that goes out behind its text. `rowsOf` tells how many rows its
   * result has.
   *
   * ```ts no-run
   * return observer.observe('copy', () => ({ text, timeout }), () => this.#copy(text))
   * ```
   */
  observe<T>(
    operation: LoggedOperation,
    describe: () => Observed,
    run: (timed?: Timed, comment?: string) => Promise<T>,
    rowsOf?: (result: T) => number | undefined,
  ): Promise<T> {
    if (!this.isWatching(operation)) return run()
    const observed = describe()
    const { text, attributes } = observed
    const isLogged = this.loggers.size > 0
    if (!isTraced(operation)) return this.#log(operation, observed, run)
    const message = this.message({ 'db.query.text': text, ...attributes }, observed)
    const timed: Timed = (timing) => {
      message.timing = timing
    }
    const send = (timed?: Timed): Promise<T> => run(timed, this.#commentOf(message))
    const make = () => (isLogged ? this.#log(operation, observed, send, timed) : send(timed))
    return trace(operation, message, make, rowsOf)
  }

  /** What a subscriber wants to be sent behind the text, as SQL. One that cannot be breaks no call. */
  #commentOf({ comment }: TraceMessage): string | undefined {
    if (comment === undefined) return undefined
    const isFit = typeof comment === 'string' && comment.isWellFormed() && !/\/\*|\*\/|\0/.test(comment)
    if (isFit) return ` /*${comment}*/`
    const what = 'a string without "/*", "*/", NUL characters and lone surrogates'
    const error = new InterfaceError(`the comment of a trace message must be ${what}`)
    nextTick(() => this.#failed(error))
    return undefined
  }

  /** The message of an operation of this connection. */
  message(attributes: Partial<TraceAttributes>, observed?: Observed): TraceMessage {
    return {
      attributes: { ...placeAttributes(this.#place), ...attributes },
      connection: this.connectionOf(),
      args: observed?.args,
      timeout: observed?.timeout ?? null,
      isInternal: observed?.isInternal ?? false,
    }
  }

  async #log<T>(
    kind: LoggedOperation,
    observed: Observed,
    run: (timed?: Timed) => Promise<T>,
    timed?: Timed,
  ): Promise<T> {
    const start = now()
    let exception: unknown = null
    let timing: CallTiming | undefined
    try {
      return await run((told) => {
        timing = told
        timed?.(told)
      })
    } catch (error) {
      exception = error
      throw error
    } finally {
      const { text, args, timeout = null, isInternal = false } = observed
      const elapsed = now() - start
      const record: LogRecord<any> = {
        connection: this.connectionOf(),
        kind,
        query: text,
        args,
        timeout,
        elapsed,
        exception,
        timing,
        internal: isInternal,
      }
      this.loggers.notify(Object.freeze(record))
    }
  }
}

/** The attributes of all that goes to a place. */
export function placeAttributes({ host, port, database }: ConnectionPlace): TraceAttributes {
  const attributes: TraceAttributes = {
    'db.system.name': 'postgresql',
    'db.namespace': database,
    'server.address': host,
  }
  // A socket's file has the port in its name.
  if (!/^[/@]/.test(host)) attributes['server.port'] = port
  return attributes
}
