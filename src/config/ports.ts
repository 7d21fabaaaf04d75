import { counted } from '../errors/counted.ts'
import type { Layers } from './layers.ts'
import { DSN_ORIGIN, invalid, type Level, OPTION, quote, type Setting } from './origin.ts'
import { refuseDsn } from './values.ts'

/** A host with what its own entry said about the port. */
export interface HostCandidate {
  readonly host: string
  readonly hostaddr?: string
  readonly port?: string
}

/** Where the hosts came from. */
export interface HostSource {
  readonly level: Level
  readonly setting: Setting | undefined
  readonly candidates: readonly HostCandidate[]
}

const DEFAULT_PORT = 5432

/**
 * One port for each host. Ports belong to their source: the option beats all; then the highest source
 * counts that has either a port of its own for the host or a plain port, and in one source the host's own
 * port beats the plain one.
 */
export function planPorts(layers: Layers, hosts: HostSource): number[] {
  // The default stands for one host, whatever number of sockets it tries.
  const count = hosts.setting === undefined ? 1 : hosts.candidates.length
  const plain = findPlain(layers, hosts)
  let list: number[] | undefined
  return Array.from({ length: count }, (_, index) => {
    const own = hosts.candidates[index]?.port
    if (own !== undefined && (plain === undefined || plain.origin.level <= hosts.level)) {
      return checkPort({ name: 'port', value: own, origin: (hosts.setting as Setting).origin }, own, layers)
    }
    if (plain === undefined) return DEFAULT_PORT
    list ??= readList(plain, count, layers)
    return list[index] as number
  })
}

function findPlain(layers: Layers, hosts: HostSource): Setting | undefined {
  const option = layers.option('port')
  if (option !== undefined && !(Array.isArray(option.value) && option.value.length === 0)) return option
  const { dsn } = layers
  // A port that stands in the authority goes with the authority's hosts, which a host option replaces.
  if (dsn?.authorityPort !== undefined && hosts.level !== OPTION) {
    return { name: 'port', value: dsn.authorityPort, origin: DSN_ORIGIN }
  }
  return layers.inDsn('port') ?? layers.inService('port') ?? layers.inEnvironment('port')
}

function readList(setting: Setting, count: number, layers: Layers): number[] {
  const { value } = setting
  const list: unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split(',')
      : [value]
  if (list.length !== 1 && list.length !== count) {
    throw invalid(
      setting,
      `could not match ${counted(list.length, 'port number')} to ${counted(count, 'host')}`,
      {
        hint: 'give one port for all hosts, or one for each',
      },
    )
  }
  const ports = list.map((entry) => {
    // As in libpq, "5433,,5435" leaves the second host its default.
    if (typeof entry === 'string' && entry.trim() === '' && list.length > 1) return DEFAULT_PORT
    return checkPort(setting, entry, layers)
  })
  return ports.length === count ? ports : Array<number>(count).fill(ports[0] as number)
}

function checkPort(setting: Setting, value: unknown, layers: Layers): number {
  const number = typeof value === 'string' && /^\s*[0-9]+\s*$/.test(value) ? Number(value) : (value as number)
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 65535) return number
  refuseDsn({ ...setting, value })
  const hint = 'a port is an integer from 1 to 65535'
  const text = typeof value === 'string' ? value.trim() : quote(value)
  if (setting.origin === DSN_ORIGIN && !(layers.dsn?.showPorts && /^[0-9]{1,5}$/.test(text))) {
    // What stands where a port would be can be a password: "user:password" without a host, or the first
    // part of one that has a raw "/" or "?" in it.
    throw invalid(setting, 'it is not a port', {
      hint: `${hint}; in user and password write "/" as %2F, "?" as %3F, "@" as %40 and ":" as %3A`,
    })
  }
  if (/^[-+]?[0-9.]+$/.test(text)) throw invalid(setting, `${quote(value)} is out of range`, { hint })
  throw invalid(setting, `${quote(value)} is not a port`, { hint })
}
