import { ClientConfigurationError } from '../errors/index.ts'
import { refuseKey } from './dsn.ts'
import type { Layers } from './layers.ts'
import {
  DSN_ORIGIN,
  environmentOrigin,
  invalid,
  kindOf,
  optionOrigin,
  quote,
  type Setting,
} from './origin.ts'
import { PARAMETER_BY_KEY } from './parameters.ts'
import { checkText, unsendable } from './values.ts'

/** The limit of every PostgreSQL server for the whole start-up packet (its MAX_STARTUP_PACKET_LENGTH). */
const LONGEST_PACKET = 10_000

/**
 * The start-up parameters besides user and database. Each setting comes from the highest source that gives
 * it: `serverSettings`, DSN, service, environment. Names are compared as the server compares them, without
 * regard to case.
 */
export function planServerSettings(layers: Layers, user: string, database: string): [string, string][] {
  const settings = new Map<string, [name: string, value: string]>()
  const put = (name: string, value: string) => settings.set(name.toLowerCase(), [name, value])
  put('client_encoding', 'UTF8')

  const fallback = layers.text('fallback_application_name')
  if (fallback !== undefined) put('application_name', fallback.value)
  const timeZone = layers.sources.env.PGTZ
  if (timeZone) put('TimeZone', checkText(environment('PGTZ', timeZone)).value)
  for (const name of ['application_name', 'options'] as const) {
    const setting = layers.text(name)
    if (setting !== undefined) put(name, setting.value)
  }
  const encoding = layers.text('client_encoding')
  if (encoding !== undefined) checkEncoding(encoding, encoding.value)
  for (const [name, value] of layers.dsn?.settings ?? []) {
    checkName({ name, value, origin: DSN_ORIGIN }, name)
    put(name, value)
  }
  for (const [name, value] of optionEntries(layers.options.serverSettings)) put(name, value)

  // The value is fixed whatever spelling of UTF8 was accepted.
  put('client_encoding', 'UTF8')
  const list = [...settings.values()]
  checkLength(list, user, database)
  return list
}

const environment = (name: string, value: string): Setting => ({
  name: 'TimeZone',
  value,
  origin: environmentOrigin(name),
})

function optionEntries(value: unknown): [string, string][] {
  if (value === undefined || value === null) return []
  const whole: Setting = { name: 'serverSettings', value, origin: optionOrigin('serverSettings') }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalid(whole, `it must be an object, not ${quote(value)}`)
  }
  const entries: [string, string][] = []
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw invalid(whole, `the value of ${quote(name)} must be a string, not ${kindOf(text)}`, {
        hint: 'write numbers and booleans as the server shows them, for example "on"',
      })
    }
    const problem = unsendable(text)
    if (problem !== undefined) throw invalid(whole, `the value of ${quote(name)} contains ${problem}`)
    checkName(whole, name)
    const known = PARAMETER_BY_KEY.get(name.toLowerCase())
    if (known !== undefined && !known.setting) {
      throw invalid(whole, `${quote(name)} is not a server setting`, {
        hint: known.option ? `give it as the option ${known.option}` : 'give it in the DSN',
      })
    }
    refuseKey(name.toLowerCase(), 'the option "serverSettings"')
    if (name.toLowerCase() === 'client_encoding') checkEncoding({ ...whole, name: 'client_encoding' }, text)
    entries.push([name, text])
  }
  return entries
}

function checkName(setting: Setting, name: string): void {
  const problem = name === '' ? 'nothing' : unsendable(name)
  if (problem !== undefined) throw invalid(setting, `the name of a server setting contains ${problem}`)
  // Names that begin so are options of the protocol itself, which the server does not treat as settings.
  if (name.startsWith('_pq_.')) throw invalid(setting, `${quote(name)} is not a server setting`)
}

function checkEncoding(setting: Setting, text: string): void {
  // The server reads letters and digits only.
  const name = text.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (name === 'utf8' || name === 'unicode') return
  throw invalid(setting, `${quote(text)} is not supported`, {
    hint: 'text is always exchanged as UTF8: leave client_encoding out',
  })
}

function checkLength(settings: [string, string][], user: string, database: string): void {
  // Length and version, then each name and value with its NUL, then one more NUL.
  let length = 4 + 4 + 1
  for (const [name, value] of [...settings, ['user', user], ['database', database]] as [string, string][]) {
    length += Buffer.byteLength(name) + Buffer.byteLength(value) + 2
  }
  if (length <= LONGEST_PACKET) return
  throw new ClientConfigurationError(
    `the start-up parameters have ${length} bytes, the server's limit is ${LONGEST_PACKET}`,
    { hint: 'shorten options and serverSettings, or set them after connecting' },
  )
}
