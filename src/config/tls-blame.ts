import type { Layers } from './layers.ts'
import { DEFAULT_ORIGIN, quote } from './origin.ts'
import type { ParameterName } from './parameters.ts'
import type { ModeChoice } from './tls-mode.ts'

/** The members of the native TLS options, by the parameter that fills them and the member of `TlsOptions`. */
const MEMBERS: { readonly [option: string]: readonly [parameter: ParameterName, member?: string] } = {
  ca: ['sslrootcert', 'ca'],
  roots: ['sslrootcert', 'ca'],
  certificate: ['sslcert', 'cert'],
  key: ['sslkey', 'key'],
  passphrase: ['sslpassword', 'passphrase'],
  crls: ['sslcrl', 'crl'],
  minVersion: ['ssl_min_protocol_version', 'minVersion'],
  maxVersion: ['ssl_max_protocol_version', 'maxVersion'],
  serverName: ['host', 'servername'],
  keyLogFile: ['sslkeylogfile'],
}

/**
 * The beginning of the sentence that says which parameter, from which source, has contents that cannot be
 * used: what is in certificates and keys is only found out where they are parsed.
 */
export function blameTls(option: string, choice: ModeChoice, layers: Layers): string {
  const [parameter, member] = MEMBERS[option] ?? (['sslmode'] as const)
  if (choice.options !== undefined && member !== undefined)
    return `invalid ssl.${member} from the option "ssl"`
  const setting = layers.text(parameter)
  // A pass phrase that is not there is missing to a key that is.
  if (setting === undefined && option === 'passphrase') return blameTls('key', choice, layers)
  if (setting === undefined) return `invalid ${parameter} from ${DEFAULT_ORIGIN.text}`
  const file = FILES.includes(parameter) && setting.value !== 'system' ? `: ${quote(setting.value)}` : ''
  return `invalid ${setting.name} from ${setting.origin.text}${file}`
}

const FILES: readonly ParameterName[] = ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl', 'sslkeylogfile']
