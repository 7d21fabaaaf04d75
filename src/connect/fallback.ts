import type { TlsUse } from '../config/attempt.ts'
import type { SslMode } from '../config/connect-options.ts'
import type { AttemptReport } from '../errors/attempt-failure.ts'
import { InvalidPasswordError, PostgresError } from '../errors/index.ts'

/**
 * Whether allow and prefer try the same address once more, the other way round: after any error of the
 * server, a refusal of our own (a method that `requireAuth` does not name, a password that may not go out in
 * clear), or a lost connection, before the login was accepted; prefer also after a failed handshake. Not
 * where prefer already went on in plain text because the server declined TLS, and not with a server that
 * failed to prove itself.
 */
export function triesOtherWay(mode: SslMode | 'given', use: TlsUse, report: AttemptReport): boolean {
  if (report.authenticated || report.phase === 'connect') return false
  const handshake = report.phase === 'tls'
  if (mode === 'allow' && use === 'disable') return isRejection(report)
  if (mode !== 'prefer' || use !== 'prefer') return false
  if (handshake) return report.kind === 'tls' || isRejection(report)
  return report.encrypted !== false && isRejection(report)
}

function isRejection({ kind }: AttemptReport): boolean {
  return kind === 'server' || kind === 'io' || kind === 'method'
}

/** The server is there and takes no connections yet, or it is a standby that never will. */
const CANNOT_CONNECT_NOW = '57P03'

/**
 * Whether the next address or host is tried: when this one was not reached, or is not ready. What the
 * server said about user, password or database is the same everywhere and ends the connect.
 */
export function movesOn(report: AttemptReport): boolean {
  switch (report.kind) {
    case 'io':
    case 'tls':
    case 'tls-refused':
    case 'timeout':
      return true
    case 'server':
      return report.fields?.C === CANNOT_CONNECT_NOW
    default:
      return false
  }
}

/** An attempt's error with what it means for the rest. */
export interface Outcome {
  readonly report: AttemptReport
  readonly error: Error
}

/**
 * Which of two ways' errors counts: the one that says most about what has to change, else the later of two. The other
 * error is the cause.
 */
export function tellingOutcome(first: Outcome, second: Outcome): Outcome {
  const [told, other] = weight(first) > weight(second) ? [first, second] : [second, first]
  if (told.error instanceof PostgresError && told.error.cause === undefined) {
    Object.defineProperty(told.error, 'cause', { value: other.error, writable: true, configurable: true })
  }
  return told
}

/** A server that does not allow a way at all says nothing about the way that it does allow. */
function weight({ report, error }: Outcome): number {
  if (report.kind === 'method' || report.kind === 'auth') return 2
  if (report.kind !== 'server') return 0
  return (error as PostgresError).sqlstate === InvalidPasswordError.sqlstate ? 3 : 1
}
