import type { NativeTls } from './attempt.ts'
import type { TlsOptions } from './connect-options.ts'
import type { Layers } from './layers.ts'
import { invalid, kindOf, quote, type Setting } from './origin.ts'
import { readVersions } from './tls-version.ts'
import { unsendable } from './values.ts'

const KNOWN: readonly string[] = [
  'ca',
  'cert',
  'key',
  'passphrase',
  'crl',
  'servername',
  'rejectUnauthorized',
  'checkServerIdentity',
  'minVersion',
  'maxVersion',
]

const PATHS = ['sslrootcert', 'sslcrl', 'sslcert', 'sslkey', 'sslpassword'] as const

/**
 * Reads a `TlsOptions` object, which is used exactly as given: TLS is required, nothing comes from default
 * files or from the environment, and where no root is given the system's are trusted.
 */
export function readTlsOptions(
  setting: Setting,
  options: TlsOptions,
  layers: Layers,
): { native: Omit<NativeTls, 'serverName' | 'sni'>; serverName: string | undefined } {
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) {
      throw invalid(setting, `there is no TLS option ${quote(name)}`, {
        hint: `there are ${KNOWN.join(', ')}; paths go into sslrootcert, sslcert, sslkey and sslcrl`,
      })
    }
  }
  for (const name of PATHS) {
    if (layers.option(name) !== undefined) {
      throw invalid(setting, `an object of contents cannot be combined with the option "${name}"`, {
        hint: 'give contents in ssl, or a mode in ssl and paths beside it',
      })
    }
  }
  const ca = contents(setting, 'ca', options.ca)
  const crls = contents(setting, 'crl', options.crl)
  const certificate = content(setting, 'cert', options.cert)
  const key = content(setting, 'key', options.key) ?? certificate
  const passphrase = text(setting, 'passphrase', options.passphrase) ?? ''
  const verify = !flag(setting, 'rejectUnauthorized', options.rejectUnauthorized)
    ? 'none'
    : flag(setting, 'checkServerIdentity', options.checkServerIdentity)
      ? 'full'
      : 'ca'
  if (certificate === undefined && options.key !== undefined) {
    throw invalid(setting, 'there is a key and no cert', { hint: 'give the client certificate as cert' })
  }
  return {
    native: {
      verify,
      ...(ca === undefined ? { roots: 'system' } : { roots: 'given', ca }),
      ...(crls === undefined ? {} : { crls }),
      ...(certificate === undefined ? {} : { certificate, key: key as Uint8Array, passphrase }),
      ...readVersions(
        member(setting, 'minVersion', options) ?? layers.text('ssl_min_protocol_version'),
        member(setting, 'maxVersion', options) ?? layers.text('ssl_max_protocol_version'),
      ),
    },
    serverName: text(setting, 'servername', options.servername),
  }
}

function member(
  setting: Setting,
  name: 'minVersion' | 'maxVersion',
  options: TlsOptions,
): Setting | undefined {
  const value = options[name]
  return value === undefined ? undefined : { ...setting, name: `${setting.name}.${name}`, value }
}

function contents(setting: Setting, name: string, value: unknown): Uint8Array[] | undefined {
  if (value === undefined) return undefined
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) throw invalid(setting, `${name} is an empty list`)
  return list.map((entry) => content(setting, name, entry) as Uint8Array)
}

const utf8 = new TextEncoder()

function content(setting: Setting, name: string, value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw invalid(setting, `${name} must be a string or bytes, not ${kindOf(value)}`)
  }
  const bytes = typeof value === 'string' ? utf8.encode(value) : value
  if (bytes.length === 0) throw invalid(setting, `${name} is empty`)
  if (typeof value === 'string' && !value.includes('-----BEGIN ')) {
    throw invalid(setting, `${name} is no PEM text`, {
      hint: 'give the contents, not a path: a path goes into sslrootcert, sslcert, sslkey or sslcrl',
    })
  }
  return bytes
}

function text(setting: Setting, name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw invalid(setting, `${name} must be a string, not ${kindOf(value)}`)
  const problem = unsendable(value)
  if (problem !== undefined) throw invalid(setting, `${name} contains ${problem}`)
  return value
}

function flag(setting: Setting, name: string, value: unknown): boolean {
  if (value === undefined) return true
  if (typeof value !== 'boolean') throw invalid(setting, `${name} must be a boolean, not ${kindOf(value)}`)
  return value
}
