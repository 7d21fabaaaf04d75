import type { NativeAttempt, NativeTls, TlsUse } from './attempt.ts'
import type { SslMode } from './connect-options.ts'
import type { HostPlan } from './hosts.ts'
import type { Layers } from './layers.ts'
import { DEFAULT_ORIGIN, ENVIRONMENT, invalid, quote, type Setting } from './origin.ts'
import { blameTls } from './tls-blame.ts'
import { readClientCertificate, readCrl, readRoots } from './tls-files.ts'
import { type ModeChoice, readMode } from './tls-mode.ts'
import { readTlsOptions } from './tls-options.ts'
import { readVersions } from './tls-version.ts'
import { checkChoice } from './values.ts'

/** What protects the TCP connections of a plan; nothing in it is secret. */
export interface TlsPlan {
  /** `given`: the option was a `TlsOptions` object. */
  readonly mode: SslMode | 'given'
  /** How one address is tried, in order: the second is the fallback of allow and prefer. */
  readonly attempts: readonly TlsUse[]
  readonly verify: NativeTls['verify']
  readonly roots: NativeTls['roots']
  readonly hasClientCertificate: boolean
}

/** A TLS plan with its contents, which may hold a private key. */
export interface TlsMaterial {
  readonly plan: TlsPlan
  /** Everything but the name, which belongs to the host. */
  readonly native: Omit<NativeTls, 'serverName'>
  /** The name that replaces the host's. */
  readonly serverName: string | undefined
  /** Names the parameter and the source of a member of `native` whose contents cannot be used. */
  readonly blame?: (option: string) => string
}

const TEXTS = ['sslrootcert', 'sslcrl', 'sslcert', 'sslkey', 'sslpassword', 'sslkeylogfile'] as const

const WEAK: readonly string[] = ['disable', 'allow', 'prefer']

const OFF: TlsMaterial = {
  plan: {
    mode: 'disable',
    attempts: ['disable'],
    verify: 'none',
    roots: 'none',
    hasClientCertificate: false,
  },
  native: { verify: 'none', sni: false, roots: 'none' },
  serverName: undefined,
}

/**
 * Decides on TLS and reads its files (PostgreSQL manual, "SSL Support"). Files are read only where they
 * can matter: none for plans of sockets alone, no roots and no revocation lists under allow and prefer,
 * which verify nothing.
 */
export function planTls(
  layers: Layers,
  hosts: readonly HostPlan[],
  channelBinding: NativeAttempt['channelBinding'],
): TlsMaterial {
  const choice = readMode(layers)
  const direct = readNegotiation(layers)
  const versions = readVersions(
    layers.text('ssl_min_protocol_version'),
    layers.text('ssl_max_protocol_version'),
  )
  const sni = layers.text('sslsni')
  // Checked even where they are not used: what is wrong is said on every machine, not on some.
  for (const name of TEXTS) layers.text(name)
  const sendName = sni === undefined || checkChoice(sni, 'sslsni') === '1'

  if (hosts.every((host) => host.kind === 'unix')) return OFF
  checkDirect(choice, direct)
  const blame = (option: string): string => blameTls(option, choice, layers)
  const use: readonly TlsUse[] = direct?.direct ? ['direct'] : attempts(choice.mode, channelBinding)
  if (choice.options !== undefined) {
    const given = readTlsOptions(choice.setting as Setting, choice.options, layers)
    return {
      plan: { mode: 'given', attempts: use, ...summary(given.native) },
      native: { ...given.native, sni: sendName },
      serverName: given.serverName,
      blame,
    }
  }
  if (choice.mode === 'disable') return OFF
  const native = { ...readMaterial(choice, layers), ...versions, sni: sendName }
  const plan = { mode: choice.mode, attempts: use, ...summary(native) }
  return { plan, native, serverName: undefined, blame }
}

function summary(native: Omit<NativeTls, 'serverName' | 'sni'>): Omit<TlsPlan, 'mode' | 'attempts'> {
  const { verify, roots, certificate } = native
  return { verify, roots, hasClientCertificate: certificate !== undefined }
}

function attempts(
  mode: SslMode | 'given',
  channelBinding: NativeAttempt['channelBinding'],
): readonly TlsUse[] {
  if (mode === 'disable') return ['disable']
  // A login in plain text has nothing that it could be bound to.
  if (channelBinding === 'require') return ['require']
  if (mode === 'allow') return ['disable', 'require']
  if (mode === 'prefer') return ['prefer', 'disable']
  return ['require']
}

interface Negotiation {
  readonly direct: boolean
  readonly setting: Setting
}

function readNegotiation(layers: Layers): Negotiation | undefined {
  const setting = layers.find('sslnegotiation')
  if (setting === undefined) return undefined
  if (setting.name === 'sslnegotiation') {
    return { direct: checkChoice(setting, 'sslnegotiation') === 'direct', setting }
  }
  if (typeof setting.value !== 'boolean') {
    throw invalid(setting, `it must be a boolean, not ${quote(setting.value)}`)
  }
  return { direct: setting.value, setting }
}

function checkDirect(choice: ModeChoice, negotiation: Negotiation | undefined): void {
  if (!negotiation?.direct || !WEAK.includes(choice.mode)) return
  const origin = choice.setting?.origin ?? DEFAULT_ORIGIN
  throw invalid(
    negotiation.setting,
    `direct TLS may not be used with the weak sslmode "${choice.mode}" from ${origin.text}`,
    { hint: 'use sslmode require, verify-ca or verify-full' },
  )
}

function readMaterial(choice: ModeChoice, layers: Layers): Omit<NativeTls, 'serverName' | 'sni'> {
  const client = readClientCertificate(layers)
  const keyLogFile = readKeyLogFile(layers, choice)
  const common = { ...client, ...(keyLogFile === undefined ? {} : { keyLogFile }) }
  if (choice.mode === 'allow' || choice.mode === 'prefer') return { verify: 'none', roots: 'none', ...common }
  const roots = readRoots(layers, choice)
  const crls = readCrl(layers, roots)
  const trust =
    roots.kind === 'given' ? ({ roots: 'given', ca: roots.ca } as const) : ({ roots: roots.kind } as const)
  // Without roots there is nothing that a revocation list could be checked against.
  const lists = roots.kind === 'none' || crls === undefined ? {} : { crls }
  const verify = choice.mode === 'verify-full' ? 'full' : roots.kind === 'none' ? 'none' : 'ca'
  return { verify, ...trust, ...lists, ...common }
}

/** The variable is Node's and others' too: it counts only where TLS comes from a mode. */
function readKeyLogFile(layers: Layers, choice: ModeChoice): string | undefined {
  const setting = layers.text('sslkeylogfile')
  if (setting === undefined) return undefined
  if (setting.origin.level === ENVIRONMENT && choice.setting?.value === true) return undefined
  return setting.value
}
