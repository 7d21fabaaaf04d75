import { ClientConfigurationError } from '../errors/index.ts'
import type { HostEntry } from './host-list.ts'
import { splitBracketed, splitPort } from './host-list.ts'
import type { Remedy } from './origin.ts'
import { PARAMETER_BY_KEY, type ParameterName } from './parameters.ts'
import { REFUSED_BY_KEY } from './refused-parameters.ts'
import { unsendable } from './values.ts'

/** What a DSN says, taken apart and decoded, not yet checked. */
export interface ParsedDsn {
  /** The values by parameter, those of authority and path before those of the query part; host and port are not among them. */
  readonly values: ReadonlyMap<ParameterName, string>
  /** The hosts of the authority. */
  readonly hosts: readonly HostEntry[] | undefined
  /** A port that stands in the authority without a host. */
  readonly authorityPort: string | undefined
  /** Keys that are no parameter: settings for the server. */
  readonly settings: ReadonlyMap<string, string>
  /** Whether a port of this DSN may be shown: not when it may be a piece of a password. */
  readonly showPorts: boolean
}

const SCHEME = /^([a-z][a-z0-9+.-]{0,31}):\/\//i

/**
 * Takes a DSN apart:
 *
 * ```
 * postgresql://user:password@host1:port1,host2:port2/database?key=value&key=value
 * ```
 *
 * Everything is split first and percent-decoded after. Blanks around a part are dropped, except those of a
 * password. `+` is a blank in the query part only, `#` is an ordinary character. The WHATWG `URL` class is of no
 * use here: it knows one host only and splits at the last `@`. No message shows a piece of the DSN that may belong to a password.
 */
export function parseDsn(dsn: string): ParsedDsn {
  const problem = unsendable(dsn)
  if (problem !== undefined) throw broken(`it contains ${problem}`)
  const scheme = SCHEME.exec(dsn)
  if (scheme === null) throw withoutScheme(dsn)
  const name = (scheme[1] as string).toLowerCase()
  if (name !== 'postgres' && name !== 'postgresql') {
    throw broken(`its scheme is "${name}"`, { hint: 'a DSN begins with postgresql:// or postgres://' })
  }
  const rest = dsn.slice(scheme[0].length)
  const authorityEnd = firstOf(rest, '/', '?', 0)
  const queryStart = rest.indexOf('?', authorityEnd)
  const path = rest.slice(authorityEnd, queryStart < 0 ? rest.length : queryStart)

  // A raw slash or question mark in a password ends the authority early: the "@" is then further on, and
  // what looks like a port, a database or a key may be a piece of the password.
  const plain = !rest.includes('@', authorityEnd)
  const values = new Map<ParameterName, string>()
  const settings = new Map<string, string>()
  if (queryStart >= 0) parseQuery(rest.slice(queryStart + 1), values, settings, plain)
  const authority = parseAuthority(rest.slice(0, authorityEnd), values, plain)
  const database = decode(path.slice(1).trim(), 'the database name')
  if (database !== '') values.set('dbname', database)
  return { values, settings, showPorts: plain, ...authority }
}

function parseAuthority(
  authority: string,
  values: Map<ParameterName, string>,
  showPorts: boolean,
): Pick<ParsedDsn, 'hosts' | 'authorityPort'> {
  let hostPart = authority
  const at = authority.indexOf('@')
  if (at >= 0) {
    hostPart = authority.slice(at + 1)
    const colon = authority.slice(0, at).indexOf(':')
    const user = decode(authority.slice(0, colon < 0 ? at : colon).trim(), 'the user')
    if (user !== '') values.set('user', user)
    const password = colon < 0 ? '' : decode(authority.slice(colon + 1, at), 'the password')
    if (password !== '') values.set('password', password)
  }
  // A comma cannot be inside brackets: an address with a comma is no address.
  const parts = hostPart.split(',')
  const hosts = parts.map((part, index) => parseHost(part.trim(), index, parts.length, showPorts))
  const [first] = hosts
  if (hosts.length === 1 && first?.host === '') return { hosts: undefined, authorityPort: first.port }
  return { hosts, authorityPort: undefined }
}

function parseHost(part: string, index: number, count: number, showPorts: boolean): HostEntry {
  const which = count === 1 ? 'the host' : `host ${index + 1}`
  const [rawHost, rawPort] = part.startsWith('[')
    ? splitBracketed(part, (problem, hint) => broken(`${which} ${problem}`, { hint }))
    : splitPort(part)
  const host = decode(rawHost.trim(), which)
  if (host === '' && count > 1) {
    throw broken(`${which} of ${count} is empty`, { hint: 'remove the comma that has no host beside it' })
  }
  if (rawPort?.includes(':') && showPorts) {
    throw broken(`${which} has more than one colon`, { hint: 'put an IPv6 address in brackets: [::1]:5432' })
  }
  const port =
    rawPort === undefined ? '' : decode(rawPort.trim(), count === 1 ? 'the port' : `the port of ${which}`)
  return port === '' ? { host } : { host, port }
}

function parseQuery(
  query: string,
  values: Map<ParameterName, string>,
  settings: Map<string, string>,
  plain: boolean,
): void {
  const pairs = query.split('&')
  // One "&" at the end separates nothing.
  if (pairs.at(-1) === '') pairs.pop()
  let hidden = !plain
  for (const [index, pair] of pairs.entries()) {
    const [rawKey, rawValue, ...more] = pair.split('=') as [string, ...string[]]
    if (rawValue === undefined) throw withoutValue(shownKey(rawKey, index, hidden))
    const key = decodeForm(rawKey.trim(), `the key of query parameter ${index + 1}`)
    if (key === '') throw broken(`query parameter ${index + 1} has no key before its "="`)
    const shown = shownKey(key, index, hidden)
    if (more.length > 0) {
      throw broken(`${shown} has a second "="`, { hint: 'write "=" inside a value as %3D' })
    }
    const known = PARAMETER_BY_KEY.get(key)
    const value = decodeForm(known?.secret ? rawValue : rawValue.trim(), shown)
    // What follows a secret may be a piece of it, cut off by a raw "&".
    if (known?.secret) hidden = true
    if (value === '') continue
    if (known !== undefined) values.set(known.name, value)
    else if (key === 'ssl' && value === 'true') values.set('sslmode', 'require')
    else {
      refuseKey(key, 'the DSN')
      settings.set(key, value)
    }
  }
}

/** Refuses what libpq understands and this driver does not, instead of sending it to the server. */
export function refuseKey(key: string, source: string): void {
  const refused = REFUSED_BY_KEY.get(key)
  if (refused === undefined) return
  throw new ClientConfigurationError(`invalid ${key} from ${source}: this parameter is not supported`, {
    hint: refused.remedy,
  })
}

function withoutValue(shown: string): ClientConfigurationError {
  return broken(`${shown} has no "="`, { hint: 'write key=value, and "&" inside a value as %26' })
}

/** A key is told by its name only where that is known and no secret came before: else it may be a piece of one. */
function shownKey(key: string, index: number, hidden: boolean): string {
  const known = PARAMETER_BY_KEY.has(key) || REFUSED_BY_KEY.has(key)
  return known && !hidden ? `query parameter "${key}"` : `query parameter ${index + 1}`
}

/** Everything that is no URI, told apart by what it most likely is. */
function withoutScheme(dsn: string): ClientConfigurationError {
  if (/postgres(?:ql)?:\/\//i.test(dsn)) {
    return broken('something stands before its scheme', {
      hint: 'leave out what stands before postgresql://, and quotation marks around it',
    })
  }
  if (/^\s*[a-z_]+\s*=/i.test(dsn)) {
    return broken('it looks like a key=value connection string', {
      hint: 'write a URI: postgresql://user@host:port/database?key=value',
    })
  }
  if (dsn.trim() === '') return broken('it is empty', { hint: 'leave it out, or write postgresql://' })
  return broken('it has no scheme', { hint: 'a DSN begins with postgresql:// or postgres://' })
}

function broken(problem: string, remedy?: Remedy): ClientConfigurationError {
  return new ClientConfigurationError(`invalid DSN: ${problem}`, remedy)
}

function decodeForm(text: string, what: string): string {
  return decode(text.includes('+') ? text.replaceAll('+', ' ') : text, what)
}

function decode(text: string, what: string): string {
  if (!text.includes('%')) return text
  let decoded: string
  try {
    decoded = decodeURIComponent(text)
  } catch {
    throw broken(`${what} has a "%" that does not begin the code of a UTF-8 character`, {
      hint: 'write a percent sign as %25',
    })
  }
  if (decoded.includes('\0')) throw broken(`${what} contains a NUL character (%00)`)
  return decoded
}

function firstOf(text: string, a: string, b: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    if (text[index] === a || text[index] === b) return index
  }
  return text.length
}
