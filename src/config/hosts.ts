import { net } from '../builtins.ts'
import { counted } from '../errors/counted.ts'
import { type HostEntry, parseHostList } from './host-list.ts'
import type { Layers } from './layers.ts'
import { DSN, DSN_ORIGIN, invalid, OPTION, quote, type Setting } from './origin.ts'
import { type HostCandidate, type HostSource, planPorts } from './ports.ts'
import { checkText, refuseDsn } from './values.ts'

/** One host of a plan, in the order in which the hosts are tried. */
export interface HostPlan {
  readonly kind: 'tcp' | 'unix'
  /** The name as it was given; for a socket its directory or file. */
  readonly host: string
  /** The IP address to dial instead of looking `host` up. */
  readonly hostaddr?: string
  readonly port: number
  /** The socket's file; `@name` is in Linux's abstract namespace. */
  readonly socketPath?: string
  /** Hosts with the same number stand for one entry: the sockets and `localhost` of the default. */
  readonly entry: number
  /** What the password file may call this host. */
  readonly passwordHosts: readonly string[]
}

/** More than anybody has; a list without bound would only take time. */
const MOST_HOSTS = 1000

const DEFAULT_DIRECTORIES = ['/run/postgresql', '/var/run/postgresql', '/tmp', '/private/tmp']

/** The hosts of the highest source that names any, each with its port. */
export function planHosts(layers: Layers): HostPlan[] {
  const source = findHosts(layers)
  const ports = planPorts(layers, source)
  if (source.setting === undefined) return defaultHosts(layers.sources.platform, ports[0] as number)
  const { setting, candidates } = source
  return candidates.map((candidate, entry) => {
    const port = ports[entry] as number
    return plan(setting, candidate, port, entry, layers.sources.platform)
  })
}

function findHosts(layers: Layers): HostSource {
  const named = findNamed(layers)
  const addresses = findAddresses(layers)
  if (addresses === undefined) return named ?? { level: 0, setting: undefined, candidates: [] }
  if (named === undefined) {
    const candidates = addresses.list.map((hostaddr, index) => {
      if (hostaddr !== '') return { host: hostaddr, hostaddr }
      throw invalid(addresses.setting, `address ${index + 1} is empty`, {
        hint: 'give the address, or a host',
      })
    })
    return { level: addresses.setting.origin.level, setting: addresses.setting, candidates }
  }
  // An address belongs to the hosts of its own source or of a lower one: one that lies about in the
  // environment must not send the password of a DSN's host somewhere else.
  if (addresses.setting.origin.level < named.level) return named
  if (addresses.list.length !== named.candidates.length) {
    throw invalid(
      addresses.setting,
      `could not match ${counted(addresses.list.length, 'address', 'addresses')} to ${counted(named.candidates.length, 'host')}`,
      { hint: 'give one address for each host; an empty one means that the name is looked up' },
    )
  }
  const candidates = named.candidates.map((candidate, index) => {
    const hostaddr = addresses.list[index] as string
    return hostaddr === '' ? candidate : { ...candidate, hostaddr }
  })
  return { ...named, candidates }
}

function findNamed(layers: Layers): HostSource | undefined {
  const option = layers.option('host')
  const fromOption = option === undefined ? undefined : optionHosts(option)
  if (option !== undefined && fromOption !== undefined) {
    return { level: OPTION, setting: option, candidates: fromOption }
  }
  if (layers.dsn?.hosts !== undefined) {
    const setting: Setting = { name: 'host', value: '', origin: DSN_ORIGIN }
    for (const { host } of layers.dsn.hosts) checkText({ ...setting, value: host })
    return { level: DSN, setting, candidates: layers.dsn.hosts }
  }
  const setting = layers.inDsn('host') ?? layers.inService('host') ?? layers.inEnvironment('host')
  if (setting === undefined) return undefined
  const { value } = checkText(setting)
  refuseDsn(setting)
  const candidates = parseHostList(value, (problem, hint) => invalid(setting, problem, { hint }))
  return { level: setting.origin.level, setting, candidates }
}

/** A string, or the strings of a list, each taken as it stands. */
function optionHosts(setting: Setting): HostEntry[] | undefined {
  const list = Array.isArray(setting.value) ? (setting.value as unknown[]) : [setting.value]
  if (list.length === 0) return undefined
  if (list.length > MOST_HOSTS) {
    throw invalid(setting, `it has ${list.length} hosts, the most is ${MOST_HOSTS}`)
  }
  return list.map((host, index) => {
    refuseDsn(checkText({ ...setting, value: host }))
    if (host === '') throw invalid(setting, `host ${index + 1} of ${list.length} is empty`)
    return { host: host as string }
  })
}

function findAddresses(layers: Layers): { setting: Setting; list: string[] } | undefined {
  const setting = layers.text('hostaddr')
  if (setting === undefined) return undefined
  const list = setting.value.split(',').map((address) => address.trim())
  for (const address of list) {
    if (address !== '' && net().isIP(address) === 0) {
      throw invalid(setting, `${quote(address)} is not an IP address`, { hint: 'names go into host' })
    }
  }
  return { setting, list }
}

function defaultHosts(platform: NodeJS.Platform, port: number): HostPlan[] {
  const common = { port, entry: 0, passwordHosts: ['localhost'] }
  const sockets: HostPlan[] = DEFAULT_DIRECTORIES.map((host) => ({
    kind: 'unix',
    host,
    socketPath: `${host}/.s.PGSQL.${port}`,
    ...common,
  }))
  const localhost: HostPlan = { kind: 'tcp', host: 'localhost', ...common }
  return platform === 'win32' ? [localhost] : [...sockets, localhost]
}

function plan(
  setting: Setting,
  { host, hostaddr }: HostCandidate,
  port: number,
  entry: number,
  platform: NodeJS.Platform,
): HostPlan {
  if (!isSocket(host)) {
    const common = { kind: 'tcp', host, port, entry, passwordHosts: [host] } as const
    if (hostaddr !== undefined) return { ...common, hostaddr }
    return net().isIP(host) === 0 ? common : { ...common, hostaddr: host }
  }
  if (hostaddr !== undefined) {
    throw invalid(setting, `the socket ${quote(host)} cannot have a hostaddr`, {
      hint: 'leave the address of this host empty',
    })
  }
  const socketPath = host.includes('.s.PGSQL.') ? host : `${host.replace(/(?<=.)\/+$/, '')}/.s.PGSQL.${port}`
  checkSocketPath(setting, socketPath, platform)
  // libpq knows the sockets of its default directory as localhost, and others by their directory.
  return { kind: 'unix', host, port, socketPath, entry, passwordHosts: ['localhost', host] }
}

function isSocket(host: string): boolean {
  return host.startsWith('/') || host.startsWith('@')
}

/** The size of the address's path field (sockaddr_un), less the NUL that ends it. */
function checkSocketPath(setting: Setting, path: string, platform: NodeJS.Platform): void {
  if (platform === 'win32') {
    throw invalid(setting, `the socket ${quote(path)} cannot be used on Windows`, { hint: 'use localhost' })
  }
  if (path.startsWith('@') && platform !== 'linux') {
    throw invalid(setting, `the abstract socket ${quote(path)} exists on Linux only`)
  }
  const longest = platform === 'linux' ? 107 : 103
  const length = Buffer.byteLength(path)
  if (length > longest) {
    throw invalid(setting, `the socket path has ${length} bytes, the limit is ${longest}`, {
      hint: 'use a shorter directory, for example through a symbolic link',
    })
  }
}
