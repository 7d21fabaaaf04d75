import type { NativeAttempt } from '../config/attempt.ts'
import { AttemptFailure } from '../errors/attempt-failure.ts'
import type { LoopReference } from '../loop-reference.ts'
import type { Bridge } from './bridge.ts'
import { attemptReport, failure } from './failure.ts'
import { FailureClass, Letter } from './generated.ts'
import { Pending } from './pending.ts'
import { faultFields } from './reader.ts'
import { byLetter, type Field } from './record.ts'

/** A session as its login left it. */
export interface LoggedIn {
  readonly bridge: Bridge
  readonly number: number
  readonly pid: number
  readonly status: number
  /** How the server authenticated us: `none`, `password`, `scram-sha-256` … */
  readonly authMethod: string
  readonly encrypted: boolean
  readonly protocol: string
  /** The server's parameters. */
  readonly parameters: Map<string, string>
}

/** A session that can be dropped. */
interface Droppable {
  terminate(): void
}

/**
 * An attempt to connect. Its promise rejects with an {@link AttemptFailure}, or with the reason for which it is stopped;
 * nothing of it is left then.
 */
export class Attempt<Session extends Droppable> extends Pending<Session> {
  readonly #bridge: Bridge
  readonly #make: (loggedIn: LoggedIn) => Session

  /**
   * @param make makes the session, before any other record of it is read
   * @param reference is followed by it, and by its session until that is told otherwise; both hold the event loop without
   */
  constructor(
    bridge: Bridge,
    attempt: NativeAttempt,
    make: (loggedIn: LoggedIn) => Session,
    reference: LoopReference | undefined,
  ) {
    super(bridge.reserveSession())
    this.#bridge = bridge
    this.#make = make
    const request = bridge.add(this)
    try {
      bridge.connect(request, this.session, attempt)
    } catch (error) {
      bridge.remove(request)
      this.failed(FailureClass.Internal, faultFields(error))
      return
    }
    if (reference !== undefined) bridge.follow(this.session, reference)
  }

  /** Ends it early. */
  stop(reason: unknown): void {
    if (this.isSettled) return
    this.#bridge.abandonConnect(this.session)
    this.reject(() => reason)
  }

  override connected(pid: number, status: number, fields: readonly Field[]): void {
    const own = byLetter(fields.slice(0, 3))
    const parameters = new Map<string, string>()
    for (let i = 3; i + 1 < fields.length; i += 2) {
      parameters.set((fields[i] as Field)[1], (fields[i + 1] as Field)[1])
    }
    const session = this.#make({
      bridge: this.#bridge,
      number: this.session,
      pid,
      status,
      authMethod: own[Letter.AuthMethod] ?? '',
      encrypted: own[Letter.Encrypted] === '1',
      protocol: own[Letter.Protocol] ?? '',
      parameters,
    })
    if (this.isSettled) session.terminate()
    else this.resolve(session)
  }

  override failed(kind: FailureClass, fields: readonly Field[]): void {
    this.#bridge.release(this.session)
    this.reject(() =>
      kind === FailureClass.Connect
        ? new AttemptFailure(attemptReport(fields))
        : failure(kind, fields, undefined, undefined),
    )
  }
}
