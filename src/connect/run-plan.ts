import type { NativeAttempt, TlsUse } from '../config/attempt.ts'
import type { Answers, ConnectPlan } from '../config/connect-plan.ts'
import type { HostPlan } from '../config/hosts.ts'
import { AttemptFailure } from '../errors/attempt-failure.ts'
import { ConnectionFailureError, TimeoutError } from '../errors/index.ts'
import { isOurs } from '../errors/ours.ts'
import type { LoopReference } from '../loop-reference.ts'
import { attemptError } from './attempt-error.ts'
import { Deadline, GivenUp, type Window } from './deadline.ts'
import { describeHost } from './describe-host.ts'
import { movesOn, type Outcome, tellingOutcome, triesOtherWay } from './fallback.ts'
import { addressesFailed, allFailed, type HostFailure, mismatch, unasked } from './host-failures.ts'
import { hasAttributes } from './session-attributes.ts'
import { shuffled } from './shuffle.ts'
import type { Stop } from './stop.ts'

/** An address that a name resolves to. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** What running a plan needs from outside: everything that touches the network, the clock and chance. */
export interface RunIo<C> {
  /** All addresses of a name, in the order in which they are to be tried. */
  resolve(host: string): Promise<readonly ResolvedAddress[]>
  /**
   * Makes one attempt at a host. Rejects with `AttemptFailure` when it fails; ends early when it is told to stop. A
   * connection that comes after that is dropped.
   */
  dial(attempt: NativeAttempt, stop: Stop, host: HostPlan): Promise<C>
  /** The first value of the first row. Who waits for it no longer drops the connection. */
  query(connection: C, sql: string): Promise<unknown>
  /** A parameter that the server reported at login, or undefined. */
  setting(connection: C, name: string): string | undefined
  /** Closes a connection that was not chosen; may take its time. */
  close(connection: C): void | Promise<void>
  /** Drops a connection at once: nobody is left who could wait for its end. */
  drop(connection: C): void
  /** A random number from 0 to below 1. */
  random(): number
  /** Milliseconds of a clock that never jumps. */
  now(): number
  /** The packed type options. */
  readonly types?: number
}

/**
 * Connects by a plan: hosts in order, each with its addresses and its ways, until one is of the kind that
 * is wanted. Rejects with the only host's own error, with a `ConnectionFailureError` over one error for each
 * host, with a `TimeoutError` when the budget is used up, or with the signal's reason.
 *
 * @param reference whether its timers keep the process alive; they do without
 */
export async function runPlan<C>(
  plan: ConnectPlan,
  io: RunIo<C>,
  signal: AbortSignal | undefined = plan.signal,
  reference?: LoopReference,
): Promise<C> {
  const run = new Run(plan, io, signal, reference)
  try {
    return await run.connect()
  } catch (error) {
    run.dropUnchosen()
    const told = error instanceof GivenUp ? run.explain(error.reason) : error
    if (isOurs(told)) plan.explain(told)
    throw told
  } finally {
    run.closeUnchosen()
  }
}

/**
 * How late the answer to a dial may come. The dial has the same limit and names the phase in its error; our own timer is
 * for a dial that does not keep its limit.
 */
const GRACE_MS = 250

/** What an address gets at least, however many others are left. */
const LEAST_SHARE_MS = 2_000

/** How one address, or one host, ended. */
type Result<C> = { readonly connection: C } | { readonly errors: readonly Error[] }

class Run<C> {
  readonly #plan: ConnectPlan
  readonly #io: RunIo<C>
  readonly #deadline: Deadline
  readonly #answers = new Map<number, Answers>()
  /** One for each host that failed so far. */
  readonly #failures: HostFailure[] = []
  /** Connections to hosts that prefer-standby falls back on. */
  #spare: C[] = []

  constructor(
    plan: ConnectPlan,
    io: RunIo<C>,
    signal: AbortSignal | undefined,
    reference: LoopReference | undefined,
  ) {
    this.#plan = plan
    this.#io = io
    this.#deadline = new Deadline(plan.timeout, signal, io.now, reference)
  }

  async connect(): Promise<C> {
    const hosts = this.#order()
    for (const [index, host] of hosts.entries()) {
      const result = await this.#connectTo(host, hosts.length - index - 1).catch((error) =>
        this.#overrun(error),
      )
      if ('connection' in result) return result.connection
      for (const error of result.errors) this.#failures.push({ host, error })
    }
    if (this.#spare.length > 0) {
      const index = Math.floor(this.#io.random() * this.#spare.length)
      return this.#spare.splice(index, 1)[0] as C
    }
    throw allFailed(this.#plan, this.#failures)
  }

  /** When the time is over, a connection that prefer-standby has is better than none. */
  #overrun(error: unknown): Result<C> {
    const isTime = error instanceof GivenUp && error.reason instanceof TimeoutError && this.#deadline.isOver
    if (!isTime || this.#spare.length === 0) throw error
    return { errors: [error.reason as TimeoutError] }
  }

  /** A time-out that used up its budget on other hosts too says what became of them. */
  explain(reason: unknown): unknown {
    if (reason instanceof TimeoutError && this.#failures.length > 0 && this.#deadline.isOver) {
      const errors = this.#failures.map(({ error }) => error)
      const cause = new AggregateError(errors, 'the hosts tried before')
      Object.defineProperty(reason, 'cause', { value: cause, writable: true, configurable: true })
    }
    return reason
  }

  /** The connect has failed: nothing that it opened is waited for. */
  dropUnchosen(): void {
    for (const connection of this.#spare) this.#io.drop(connection)
    this.#spare = []
  }

  closeUnchosen(): void {
    for (const connection of this.#spare) this.#close(connection)
    this.#spare = []
  }

  #close(connection: C): void {
    // In the background: who waits for a connection does not wait for the end of another one.
    void (async () => this.#io.close(connection))().catch(() => {})
  }

  #order(): readonly HostPlan[] {
    const { hosts, loadBalanceHosts } = this.#plan
    if (loadBalanceHosts !== 'random' || hosts.every((host) => host.entry === hosts[0]?.entry)) return hosts
    return shuffled(hosts, this.#io.random)
  }

  /** `later` is how many hosts are left behind this one. */
  async #connectTo(host: HostPlan, later: number): Promise<Result<C>> {
    const answers = await this.#ask(host)
    let addresses: readonly (string | undefined)[]
    try {
      addresses = await this.#addresses(host, later)
    } catch (error) {
      if (error instanceof GivenUp) throw error
      return { errors: [error as Error] }
    }
    const errors: Error[] = []
    for (const [index, address] of addresses.entries()) {
      const window = this.#window(addresses.length - index - 1 + later)
      const result = await this.#connectBy(host, address, answers, window)
      if ('connection' in result) {
        return this.#plan.targetSessionAttrs === 'any' ? result : this.#judge(host, result.connection, window)
      }
      errors.push(...result.errors)
    }
    return { errors: [addressesFailed(host, errors)] }
  }

  /**
   * The limit of one address: `connect_timeout`, else its share of what is left while others are to be tried, so that
   * a host that falls silent does not use up the time of all.
   */
  #window(others: number): Window {
    const remaining = this.#deadline.remaining()
    const { connectTimeout } = this.#plan
    // What prefer-standby falls back on is as good as one more to be tried.
    const othersLeft = others + (this.#spare.length > 0 ? 1 : 0)
    if (connectTimeout !== null || othersLeft === 0 || remaining === undefined) {
      return this.#deadline.window(connectTimeout)
    }
    return this.#deadline.window(Math.max(LEAST_SHARE_MS, Math.round(remaining / (othersLeft + 1))))
  }

  /** Once for each entry, however many sockets, addresses and ways it has. */
  async #ask(host: HostPlan): Promise<Answers> {
    const known = this.#answers.get(host.entry)
    if (known !== undefined) return known
    const step = { phase: 'password', what: () => `asking for the password of ${describeHost(host)}` }
    this.#deadline.check(step)
    // Only a function can take its time.
    const answers = await (this.#plan.asks
      ? this.#deadline.run(step, () => this.#plan.ask(host))
      : this.#plan.ask(host))
    this.#answers.set(host.entry, answers)
    return answers
  }

  async #addresses(host: HostPlan, later: number): Promise<readonly (string | undefined)[]> {
    if (host.kind === 'unix') return [undefined]
    if (host.hostaddr !== undefined) return [host.hostaddr]
    const where = () => describeHost(host)
    const step = {
      phase: 'resolve',
      what: () => `looking up the name of ${where()}`,
      window: this.#window(later),
    }
    let found: readonly ResolvedAddress[]
    try {
      found = await this.#deadline.run(step, () => this.#io.resolve(host.host))
    } catch (cause) {
      if (cause instanceof GivenUp || cause instanceof TimeoutError) throw cause
      throw unresolved(host.host, where(), cause)
    }
    if (found.length === 0)
      throw unresolved(host.host, where(), Object.assign(new Error('no address'), { code: 'ENOTFOUND' }))
    const addresses = found.map(({ address }) => address)
    return this.#plan.loadBalanceHosts === 'random' ? shuffled(addresses, this.#io.random) : addresses
  }

  /** Tries the ways of one address: one, or two where the sslmode has a fallback. */
  async #connectBy(
    host: HostPlan,
    address: string | undefined,
    answers: Answers,
    window: Window,
  ): Promise<Result<C>> {
    let outcome: Outcome | undefined
    for (const use of this.#plan.attempts(host)) {
      const result = await this.#dial(host, address, use, answers, window)
      if ('connection' in result) return result
      outcome = outcome === undefined ? result : tellingOutcome(outcome, result)
      if (!triesOtherWay(this.#plan.tls.mode, use, result.report)) break
    }
    const { report, error } = outcome as Outcome
    if (movesOn(report)) return { errors: [error] }
    throw error
  }

  async #dial(
    host: HostPlan,
    address: string | undefined,
    use: TlsUse,
    answers: Answers,
    window: Window,
  ): Promise<{ readonly connection: C } | Outcome> {
    const remaining = this.#deadline.remaining(window)
    const attempt = this.#plan.attempt(host, {
      ...(address === undefined ? {} : { address }),
      tls: use,
      answers,
      timeout: remaining === undefined ? undefined : Math.max(1, Math.ceil(remaining)),
      types: this.#io.types ?? 0,
    })
    const step = {
      phase: 'connect',
      what: () => `connecting to ${describeHost(host, address)}`,
      window,
      grace: GRACE_MS,
      late: (connection: C) => this.#io.drop(connection),
    }
    try {
      return { connection: await this.#deadline.run(step, (stop) => this.#io.dial(attempt, stop, host)) }
    } catch (error) {
      return this.#outcome(error, host, address, window)
    }
  }

  #outcome(error: unknown, host: HostPlan, address: string | undefined, { limit }: Window): Outcome {
    if (error instanceof TimeoutError) {
      return {
        report: { phase: 'connect', kind: 'timeout', message: error.message, authenticated: false },
        error,
      }
    }
    if (!(error instanceof AttemptFailure)) throw error
    const { report } = error
    // Whatever it was, it came when the budget was used up already.
    if (this.#deadline.isOver) {
      throw this.#deadline.overrun(report.phase, `${PHASES[report.phase]} ${describeHost(host, address)}`)
    }
    return { report, error: attemptError(report, { plan: this.#plan, host, address, limit }) }
  }

  /** Keeps a connection if its server is of the kind that is wanted. */
  async #judge(host: HostPlan, connection: C, window: Window): Promise<Result<C>> {
    const { targetSessionAttrs } = this.#plan
    let matches: boolean
    try {
      matches = await this.#probe(host, connection, window)
    } catch (error) {
      this.#io.drop(connection)
      if (error instanceof GivenUp) throw error
      // It was lost, or is in a state in which nothing can be asked: it is not the server that is wanted.
      return { errors: [unasked(host, error as Error)] }
    }
    if (matches) return { connection }
    if (targetSessionAttrs === 'prefer-standby') this.#spare.push(connection)
    else this.#close(connection)
    return { errors: [mismatch(this.#plan, host)] }
  }

  #probe(host: HostPlan, connection: C, window: Window): Promise<boolean> {
    const { targetSessionAttrs } = this.#plan
    const step = {
      phase: 'session',
      what: () => `asking ${describeHost(host)} what kind of server it is`,
      window,
    }
    return this.#deadline.run(step, () =>
      hasAttributes(targetSessionAttrs, {
        setting: (name) => this.#io.setting(connection, name),
        ask: (query) => this.#io.query(connection, query),
      }),
    )
  }
}

const PHASES = {
  connect: 'connecting to',
  tls: 'setting up TLS with',
  authentication: 'authenticating with',
  startup: 'starting the session with',
} as const

/** What a lookup says that the permissions of Node or Deno forbid. */
const FORBIDDEN: ReadonlySet<string | undefined> = new Set(['ERR_ACCESS_DENIED', 'EPERM'])

function unresolved(host: string, where: string, cause: unknown): ConnectionFailureError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ConnectionFailureError(`could not look up the name of ${where}: ${reason}`, {
    severity: 'FATAL',
    hint: lookupHint(host, (cause as NodeJS.ErrnoException | undefined)?.code),
    cause,
  })
}

function lookupHint(host: string, code: string | undefined): string {
  if (FORBIDDEN.has(code)) return 'let the process look up names: run it with --allow-net'
  if (/[:,]/.test(host)) {
    return (
      'a host is one name or address: a port goes into the option port, several hosts into a list, ' +
      'and an IPv6 address stands there without brackets'
    )
  }
  return 'check the spelling of the host and the name service of this machine'
}
