import type { ServerFields } from './fields.ts'

/** The step of an attempt that failed. */
export type AttemptPhase = 'connect' | 'tls' | 'authentication' | 'startup'

export type FailureKind =
  | 'io'
  | 'timeout'
  | 'tls'
  | 'tls-refused'
  | 'server'
  | 'method'
  | 'auth'
  | 'protocol'
  | 'config'
  | 'gss'

/** A failed attempt as the native side reports it: plain data, of which `src/connect/attempt-error.ts` makes an error. */
export interface AttemptReport {
  readonly phase: AttemptPhase
  readonly kind: FailureKind
  readonly message: string
  readonly hint?: string
  /** The operating system's error number, positive. */
  readonly osError?: number
  /** The server's report, where `kind` is `server`. */
  readonly fields?: ServerFields
  /** Whether AuthenticationOk was seen. */
  readonly authenticated: boolean
  /** Whether TLS was on when it failed; false after the server declined TLS under prefer. */
  readonly encrypted?: boolean
  /** The member of the TLS options that cannot be used, where `kind` is `config`. */
  readonly option?: string
}

/** What an attempt rejects with; `src/connect/run-plan.ts` decides by it, and no user ever sees it. */
export class AttemptFailure extends Error {
  readonly report: AttemptReport

  constructor(report: AttemptReport) {
    super(report.message)
    this.report = report
  }
}
