import { ClientConfigurationError } from '../errors/index.ts'
import { isMissing, readConfigured } from './configured-file.ts'
import type { Layers } from './layers.ts'
import { DEFAULT_ORIGIN, DSN, invalid, quote, type Setting } from './origin.ts'
import type { ParameterName } from './parameters.ts'
import type { Sources } from './sources.ts'
import type { ModeChoice } from './tls-mode.ts'

/** Trusted roots: none, the system's, or the contents of a file. */
export type Roots =
  | { readonly kind: 'none' }
  | { readonly kind: 'system' }
  | { readonly kind: 'given'; readonly ca: Uint8Array[] }

/**
 * The roots for require and stronger. Under require their mere presence means that the chain is verified,
 * as in libpq; under the verifying modes their absence is an error.
 */
export function readRoots(layers: Layers, choice: ModeChoice): Roots {
  const setting = layers.text('sslrootcert')
  if (setting?.value === 'system') return { kind: 'system' }
  // With `ssl: true` only a file that the call itself names replaces the system's roots.
  const named = setting !== undefined && setting.origin.level >= DSN
  if (choice.systemRoots && !named) return { kind: 'system' }
  if (setting !== undefined) return { kind: 'given', ca: [readConfigured(setting, layers.sources)] }
  const path = defaultFile('root.crt', layers.sources)
  if (path !== undefined) {
    const content = readDefault('sslrootcert', path, layers.sources)
    if (content !== undefined) return { kind: 'given', ca: [content] }
  }
  if (choice.mode === 'require') return { kind: 'none' }
  throw withoutRoots(choice, path)
}

function withoutRoots(choice: ModeChoice, path: string | undefined): ClientConfigurationError {
  const options = {
    hint: 'name a file with sslrootcert, or use sslrootcert=system with verify-full, or a weaker sslmode',
    ...(path === undefined ? { detail: 'the home directory is unknown' } : {}),
  }
  const where = path === undefined ? 'the default root certificate file root.crt' : quote(path)
  return new ClientConfigurationError(
    `sslmode "${choice.mode}" from ${(choice.setting?.origin ?? DEFAULT_ORIGIN).text} needs root certificates, ` +
      `and neither sslrootcert is given nor does ${where} exist`,
    options,
  )
}

/** The revocation lists. Those of the default file belong to the default roots, and not to the system's. */
export function readCrl(layers: Layers, roots: Roots): Uint8Array[] | undefined {
  const setting = layers.text('sslcrl')
  if (setting === undefined && roots.kind === 'system') return undefined
  const content =
    setting === undefined
      ? readDefaultFile('sslcrl', 'root.crl', layers)
      : readConfigured(setting, layers.sources)
  return content === undefined ? undefined : [content]
}

/** Certificate, key and pass phrase, as the native side wants them; nothing where there is no certificate. */
export interface ClientCertificate {
  readonly certificate?: Uint8Array
  readonly key?: Uint8Array
  readonly passphrase?: string
}

export function readClientCertificate(layers: Layers): ClientCertificate {
  const certSetting = layers.text('sslcert')
  const keySetting = layers.text('sslkey')
  const certificate =
    certSetting === undefined
      ? readDefaultFile('sslcert', 'postgresql.crt', layers)
      : readConfigured(certSetting, layers.sources)
  // A configured key must be readable, even where there is no certificate to use it with.
  const ownKey = keySetting === undefined ? undefined : readKey(keySetting, layers.sources)
  if (certificate === undefined) return {}
  const key = ownKey ?? readDefaultFile('sslkey', 'postgresql.key', layers, readKey) ?? keyWithin(certificate)
  if (key === undefined) {
    const setting = certSetting ?? atDefault('sslcert')
    const path = certSetting?.value ?? defaultFile('postgresql.crt', layers.sources)
    throw invalid(setting, `there is no key for the certificate ${quote(path)}`, {
      hint: 'name the file of the key with sslkey, or put the key into the file of the certificate',
    })
  }
  // Always a pass phrase, so that an encrypted key fails instead of asking.
  return { certificate, key, passphrase: layers.text('sslpassword')?.value ?? '' }
}

/** Permissions that a key of one's own, and one of root's, must not give to others (libpq's rule, manual 32.19.2). */
const OTHERS = 0o077
const OTHERS_OF_ROOT = 0o037

/** Reads a key, unless others may read it as well. */
function readKey(setting: Setting, sources: Sources): Uint8Array {
  const path = setting.value as string
  const bytes = readConfigured(setting, sources)
  const facts = sources.stat(path)
  if (sources.platform === 'win32' || facts === undefined) return bytes
  if ((facts.mode & (facts.owner === 0 ? OTHERS_OF_ROOT : OTHERS)) === 0) return bytes
  throw invalid(
    setting,
    `the key file ${quote(path)} may be read by others: its mode is 0${facts.mode.toString(8)}`,
    { hint: `run chmod 0600 on it; a file that root owns may have the mode 0640` },
  )
}

const PRIVATE_KEY = Buffer.from('PRIVATE KEY-----')

function keyWithin(certificate: Uint8Array): Uint8Array | undefined {
  return Buffer.from(certificate.buffer, certificate.byteOffset, certificate.length).includes(PRIVATE_KEY)
    ? certificate
    : undefined
}

function defaultFile(name: string, { env, platform, homeDirectory }: Sources): string | undefined {
  if (platform === 'win32') return env.APPDATA ? `${env.APPDATA}\\postgresql\\${name}` : undefined
  return homeDirectory === undefined ? undefined : `${homeDirectory}/.postgresql/${name}`
}

type Read = (setting: Setting, sources: Sources) => Uint8Array

function readDefaultFile(
  name: ParameterName,
  file: string,
  layers: Layers,
  read?: Read,
): Uint8Array | undefined {
  const path = defaultFile(file, layers.sources)
  return path === undefined ? undefined : readDefault(name, path, layers.sources, read)
}

/** What a file says that may not be looked at, by the system's rules or by those of Node's permissions. */
const HIDDEN: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'ERR_ACCESS_DENIED'])

/** The content of a default file; one that does not exist, or may not be looked at, counts as absent. */
function readDefault(
  name: ParameterName,
  path: string,
  sources: Sources,
  read: Read = readConfigured,
): Uint8Array | undefined {
  try {
    if (sources.stat(path) === undefined) return undefined
  } catch (error) {
    if (isMissing(error) || HIDDEN.has((error as NodeJS.ErrnoException).code)) return undefined
  }
  return read({ ...atDefault(name), value: path }, sources)
}

const atDefault = (name: ParameterName): Setting => ({ name, value: undefined, origin: DEFAULT_ORIGIN })
