import { ClientConfigurationError } from '../errors/index.ts'
import { invalid, quote, type Setting } from './origin.ts'

export type TlsVersion = '1.2' | '1.3'

/** The bounds of the TLS version, as they go to the native side. */
export interface TlsVersions {
  readonly minVersion?: TlsVersion
  readonly maxVersion?: TlsVersion
}

const KNOWN: { readonly [name: string]: 0 | 1 | 2 | 3 } = {
  tlsv1: 0,
  'tlsv1.1': 1,
  'tlsv1.2': 2,
  'tlsv1.3': 3,
}

/** A minimum below TLS 1.2 is taken as 1.2, the oldest version there is. A maximum below 1.2 is refused. */
export function readVersions(min: Setting | undefined, max: Setting | undefined): TlsVersions {
  const low = min === undefined ? undefined : Math.max(version(min), 2)
  const high = max === undefined ? undefined : version(max)
  if (max !== undefined && high !== undefined && high < 2) {
    throw invalid(max, `${quote(max.value)} is no longer supported`, { hint: 'use TLSv1.2 or TLSv1.3' })
  }
  if (min !== undefined && low !== undefined && high !== undefined && low > high) {
    throw new ClientConfigurationError(
      `the minimum TLS version ${quote(min.value)} from ${min.origin.text} is above the maximum ` +
        `${quote(max?.value)} from ${max?.origin.text}`,
      { hint: 'raise the maximum or lower the minimum' },
    )
  }
  return {
    ...(low === undefined ? {} : { minVersion: low === 3 ? '1.3' : '1.2' }),
    ...(high === undefined ? {} : { maxVersion: high === 3 ? '1.3' : '1.2' }),
  }
}

function version(setting: Setting): number {
  const { value } = setting
  const name = typeof value === 'string' ? value.toLowerCase() : ''
  if (Object.hasOwn(KNOWN, name)) return KNOWN[name] as number
  const problem = name.startsWith('ssl') ? 'is unsupported' : 'is no such version'
  throw invalid(setting, `${quote(value)} ${problem}`, { hint: 'use TLSv1.2 or TLSv1.3' })
}
