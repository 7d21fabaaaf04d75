import { ClientConfigurationError } from '../errors/index.ts'
import type { Awaitable } from '../types/awaitable.ts'
import type { ConnectOptions } from './connect-options.ts'
import type { HostPlan } from './hosts.ts'
import type { Layers } from './layers.ts'
import { invalid, kindOf, optionOrigin, quote, type Setting } from './origin.ts'
import {
  defaultPasswordFile,
  type PasswordFile,
  type PlanWarning,
  readPasswordFile,
} from './password-file.ts'
import { checkText, unsendable } from './values.ts'

/**
 * Where the password of a host comes from. It holds secrets in private fields only, so that no printed
 * form of it shows one.
 */
export class Credentials {
  /** Where a password was looked for, in words, for the error that says there is none. */
  readonly searched: string
  /** Where a password came from, in words, for the error that says it is wrong. */
  readonly origin: string | undefined
  readonly warnings: readonly PlanWarning[]
  readonly #given: string | (() => Awaitable<string>) | undefined
  readonly #file: PasswordFile | undefined
  readonly #token: (() => Awaitable<string>) | undefined

  constructor(layers: Layers) {
    this.#token = readTokenOption(layers.options)
    const setting = layers.find('password')
    if (setting !== undefined) {
      const { value } = setting
      this.#given = typeof value === 'function' ? (value as () => Awaitable<string>) : checkPassword(setting)
      this.searched = `the password came from ${setting.origin.text}`
      this.origin = this.searched
      this.warnings = []
      return
    }
    const path = layers.text('passfile')?.value ?? defaultPasswordFile(layers.sources)
    const { file, warning } = path === undefined ? {} : readPasswordFile(path, layers.sources)
    this.#file = file
    this.origin = file && path ? `the password came from the password file ${quote(path)}` : undefined
    this.warnings = warning === undefined ? [] : [warning]
    const lines = path === undefined ? 'there is no password file' : searchedIn(path, file, warning)
    this.searched = `no option, DSN, service or PGPASSWORD gives a password, and ${lines}`
  }

  /** Whether asking runs a function of the user's. */
  get asks(): boolean {
    return typeof this.#given === 'function' || this.#token !== undefined
  }

  /** The password for a host; runs the function if one was given, and passes on what it throws. */
  async password(host: HostPlan, user: string, database: string): Promise<string | undefined> {
    const given = this.#given
    if (given === undefined) {
      return this.#file?.find({ hosts: host.passwordHosts, port: host.port, database, user })
    }
    if (typeof given === 'string') return given
    return checkAnswer('password', await given())
  }

  async token(): Promise<string | undefined> {
    const ask = this.#token
    if (ask === undefined) return undefined
    const token = checkAnswer('oauthToken', await ask())
    // RFC 6750, section 2.1: anything else could end the message's field early.
    if (/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return token
    throw new ClientConfigurationError('the function oauthToken returned what is no bearer token', {
      hint: 'return the bare token, without "Bearer" before it',
    })
  }
}

function searchedIn(path: string, file: PasswordFile | undefined, warning: PlanWarning | undefined): string {
  if (file !== undefined) return `the password file ${quote(path)} has no matching line`
  if (warning !== undefined) return `the password file ${quote(path)} is ignored`
  return `there is no password file ${quote(path)}`
}

function checkPassword(setting: Setting): string {
  if (typeof setting.value !== 'string') {
    throw invalid(setting, `it must be a string or a function, not ${kindOf(setting.value)}`)
  }
  return checkText(setting, true).value
}

function checkAnswer(name: string, answer: unknown): string {
  const problem = typeof answer === 'string' ? unsendable(answer) : undefined
  if (typeof answer === 'string' && problem === undefined) return answer
  throw new ClientConfigurationError(
    problem === undefined
      ? `the function ${name} returned ${kindOf(answer)}, expected a string`
      : `what the function ${name} returned contains ${problem}`,
  )
}

function readTokenOption(options: ConnectOptions): (() => Awaitable<string>) | undefined {
  const value: unknown = options.oauthToken
  if (value === undefined || value === null) return undefined
  if (typeof value === 'function') return value as () => Awaitable<string>
  throw invalid(
    { name: 'oauthToken', value, origin: optionOrigin('oauthToken') },
    `it must be a function, not ${kindOf(value)}`,
  )
}
