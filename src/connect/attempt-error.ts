import { getSystemErrorName } from 'node:util'
import type { ConnectPlan } from '../config/connect-plan.ts'
import { foreignKeyRemedy } from '../config/foreign-keys.ts'
import type { HostPlan } from '../config/hosts.ts'
import type { AttemptReport } from '../errors/attempt-failure.ts'
import type { ServerFields } from '../errors/fields.ts'
import { serverError } from '../errors/from-server.ts'
import {
  ClientConfigurationError,
  ConnectionFailureError,
  InternalClientError,
  InvalidAuthorizationSpecificationError,
  InvalidPasswordError,
  ProtocolError,
  TimeoutError,
} from '../errors/index.ts'
import { describeHost } from './describe-host.ts'

/** Where an attempt went. */
export interface Target {
  readonly plan: ConnectPlan
  readonly host: HostPlan
  readonly address: string | undefined
  /** The limit of the address in milliseconds, `null` for none. */
  readonly limit: number | null
}

/** The error that a failed attempt is for its user. The engine knows addresses only: names come from here. */
export function attemptError(report: AttemptReport, target: Target): Error {
  const where = describeHost(target.host, target.address)
  switch (report.kind) {
    case 'io':
      return connectionFailure(report, target, where)
    case 'timeout':
      return new TimeoutError(
        `connecting to ${where} timed out after ${target.limit} ms in the phase ${report.phase}`,
        {
          phase: report.phase,
        },
      )
    case 'tls':
      return failure(`could not connect to ${where} by TLS: ${report.message}`, report, 'EPROTO')
    case 'tls-refused':
      return failure(`${where} rejected SSL upgrade`, report, 'EPROTO', {
        hint: withoutTls(target.plan) ?? report.hint,
      })
    case 'server':
      return serverError(serverFields(report, target))
    case 'method':
    case 'auth':
      return refusal(report, target, where)
    case 'protocol':
      return new ProtocolError(`could not connect to ${where}: ${report.message}${inBrackets(report.hint)}`)
    case 'config':
      return new ClientConfigurationError(misconfiguration(report, target), {
        ...(CONTENTS.includes(report.option ?? '')
          ? { hint: 'give it in PEM or DER, as OpenSSL writes it' }
          : {}),
        ...hint(report),
      })
    case 'gss':
      return new InternalClientError(
        `unexpected error while performing authentication with ${where}: ${report.message}`,
        { ...hint(report), cause: withoutStack(new Error(report.message)) },
      )
  }
}

function withoutTls({ transport }: ConnectPlan): string | undefined {
  if (transport.channelBinding !== 'require') return undefined
  return 'set ssl = on on the server, or do without channel_binding=require, which needs TLS'
}

/** Drops a stack that would only show places in this library: the error around it has the caller's. */
function withoutStack(error: Error): Error {
  error.stack = `${error.name}: ${error.message}`
  return error
}

function hint(report: AttemptReport): { hint?: string } {
  return report.hint === undefined ? {} : { hint: report.hint }
}

/** A hint as a part of a message, for errors that have no hint of their own. */
function inBrackets(hint: string | undefined): string {
  return hint === undefined ? '' : ` (${hint})`
}

/** The members of the TLS options that hold what a file or a `TlsOptions` object contains. */
const CONTENTS: readonly string[] = ['ca', 'certificate', 'key', 'crls']

/** What the server said, with what it cannot know: which of many places a wrong password came from. */
function serverFields({ fields, message, hint }: AttemptReport, { plan }: Target): ServerFields {
  const told: ServerFields = { M: message, ...(hint === undefined ? {} : { H: hint }), ...fields }
  const said: ServerFields = { ...told, ...versionHint(told, plan), ...settingHint(told, plan) }
  const { passwordOrigin } = plan
  if (said.C !== InvalidPasswordError.sqlstate || said.D || passwordOrigin === undefined) return said
  return { ...said, D: passwordOrigin }
}

/** What servers (0A000) and PgBouncer (08P01, "bad packet header") say to a version of the protocol that they do not know. */
const UNKNOWN_VERSION: readonly (string | undefined)[] = ['0A000', '08P01']

function versionHint({ C, H }: ServerFields, plan: ConnectPlan): { H?: string } {
  if (plan.transport.protocol !== '3.2' || !UNKNOWN_VERSION.includes(C) || H !== undefined) return {}
  return {
    H: 'protocol 3.2 was asked for, which old servers and poolers do not know: leave max_protocol_version out',
  }
}

/** What PostgreSQL (42704) and PgBouncer (08P01) say to a start-up parameter that they do not know. */
const UNKNOWN_SETTING: readonly (string | undefined)[] = ['42704', '08P01']

function settingHint({ C, H, M = '' }: ServerFields, plan: ConnectPlan): { H?: string } {
  if (!UNKNOWN_SETTING.includes(C) || H !== undefined) return {}
  const [name] = plan.serverSettings.find(([setting]) => M.includes(setting)) ?? []
  if (name === undefined) return {}
  const remedy = foreignKeyRemedy(name) ?? 'check its spelling'
  return { H: `"${name}" is no parameter of this driver and was sent as a setting of the session: ${remedy}` }
}

function misconfiguration({ option, message }: AttemptReport, { plan }: Target): string {
  const blame = option === undefined ? undefined : plan.blameTls(option)
  return blame === undefined ? message : `${blame}: ${message}`
}

/** The client's own refusal: no password, or a method that it must not or cannot use. */
function refusal(report: AttemptReport, { plan }: Target, where: string): Error {
  const message = `could not log in as ${JSON.stringify(plan.user)} at ${where}: ${report.message}`
  if (report.fields?.C !== InvalidPasswordError.sqlstate) {
    return new InvalidAuthorizationSpecificationError(message, { severity: 'FATAL', ...hint(report) })
  }
  // A missing password is the one refusal whose remedy depends on where it was looked for.
  return new InvalidPasswordError(message, {
    severity: 'FATAL',
    detail: plan.passwordSearch,
    hint: report.hint ?? 'give the option password, set PGPASSWORD, or write a line into the password file',
  })
}

function connectionFailure(report: AttemptReport, target: Target, where: string): Error {
  const code = systemCode(report.osError)
  if (report.phase !== 'connect') {
    return failure(`could not connect to ${where}: ${report.message}`, report, code ?? 'ECONNRESET')
  }
  // The engine's message begins with "could not connect to" and an address; here the name of the host stands there.
  const reason = report.message.replace(/^could not connect to .*: (?=[^:]*$)/, '')
  return failure(`could not connect to ${where}: ${reason}`, report, code, {
    ...place(target),
    hint: remedy(code, target.host) ?? report.hint,
  })
}

function place({ host, address }: Target): { path?: string; address?: string; port?: number } {
  if (host.kind === 'unix') return { path: host.socketPath as string }
  return { address: address ?? host.host, port: host.port }
}

interface FailureDetails {
  hint?: string | undefined
  address?: string
  port?: number
  path?: string
}

/** The system's error as Node's own sockets make it, inside the one class that means "not reached". */
function failure(
  message: string,
  report: AttemptReport,
  code: string | undefined,
  { hint: remedyText, ...where }: FailureDetails = {},
): ConnectionFailureError {
  const cause = Object.assign(withoutStack(new Error(report.message)), {
    ...(code === undefined ? {} : { code }),
    ...(report.osError === undefined ? {} : { errno: -report.osError }),
    ...(report.phase === 'connect' ? { syscall: 'connect' } : {}),
    ...where,
  })
  const text = remedyText ?? report.hint
  return new ConnectionFailureError(message, {
    severity: 'FATAL',
    ...(text === undefined ? {} : { hint: text }),
    cause,
  })
}

// Windows' own numbers (WSAE…), which Node's table does not have.
const WINDOWS_CODES: { readonly [number: number]: string } = {
  2: 'ENOENT',
  10013: 'EACCES',
  10048: 'EADDRINUSE',
  10049: 'EADDRNOTAVAIL',
  10050: 'ENETDOWN',
  10051: 'ENETUNREACH',
  10053: 'ECONNABORTED',
  10054: 'ECONNRESET',
  10060: 'ETIMEDOUT',
  10061: 'ECONNREFUSED',
  10065: 'EHOSTUNREACH',
}

/** The system's error number by the name that Node gives it. */
export function systemCode(osError: number | undefined): string | undefined {
  if (osError === undefined || !Number.isInteger(osError) || osError <= 0) return undefined
  const windows = WINDOWS_CODES[osError]
  if (windows !== undefined && (process.platform === 'win32' || osError > 10_000)) return windows
  const name = getSystemErrorName(-osError)
  return name.startsWith('Unknown') ? undefined : name
}

function remedy(code: string | undefined, host: HostPlan): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return host.kind === 'unix'
        ? 'a socket file is left over from a server that no longer runs: start the server'
        : 'check that the server runs, that host and port are right, and that listen_addresses includes it'
    case 'ENOENT':
      return 'check that the server runs and that its unix_socket_directories and port are these'
    case 'EACCES':
      return 'check the permissions of the socket and of the directories above it'
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'check the address, the route to it, and that no firewall is in between'
    default:
      return undefined
  }
}
