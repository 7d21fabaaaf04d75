import type { SslMode, TlsOptions } from './connect-options.ts'
import type { Layers } from './layers.ts'
import { environmentOrigin, invalid, quote, type Setting } from './origin.ts'
import { checkChoice } from './values.ts'

/** The mode that was chosen, by what. */
export interface ModeChoice {
  readonly mode: SslMode | 'given'
  readonly setting: Setting | undefined
  /** True for `ssl: true`, which trusts the system's roots. */
  readonly systemRoots: boolean
  readonly options: TlsOptions | undefined
}

export function readMode(layers: Layers): ModeChoice {
  const setting = layers.find('sslmode') ?? requireSsl(layers)
  const rootsAreSystem = layers.text('sslrootcert')?.value === 'system'
  if (setting === undefined) {
    const mode = rootsAreSystem ? 'verify-full' : 'prefer'
    return { mode, setting, systemRoots: rootsAreSystem, options: undefined }
  }
  const { value } = setting
  if (value === true) return { mode: 'verify-full', setting, systemRoots: true, options: undefined }
  if (value === false) return { mode: 'disable', setting, systemRoots: false, options: undefined }
  if (typeof value === 'object') {
    if (Array.isArray(value))
      throw invalid(setting, 'it must be a boolean, a mode or an object, not an array')
    return { mode: 'given', setting, systemRoots: false, options: value as TlsOptions }
  }
  if (typeof value !== 'string') {
    throw invalid(setting, `it must be a boolean, a mode or an object, not ${quote(value)}`)
  }
  const spelled = { ...setting, value: value.replaceAll('_', '-') }
  if (spelled.value === 'no-verify') {
    throw invalid(setting, 'there is no mode "no-verify"', {
      hint: 'write require, which encrypts and verifies nothing unless there are root certificates',
    })
  }
  const mode = checkChoice<SslMode>(spelled, 'sslmode')
  if (rootsAreSystem && mode !== 'verify-full') {
    throw invalid(setting, `the weak mode "${mode}" may not be used with sslrootcert=system`, {
      hint: 'use verify-full: anybody can get a certificate that the system trusts',
    })
  }
  return { mode, setting, systemRoots: rootsAreSystem, options: undefined }
}

/** The old variable counts only where nothing gives an sslmode, as in libpq. */
function requireSsl(layers: Layers): Setting | undefined {
  if (!layers.sources.env.PGREQUIRESSL?.startsWith('1')) return undefined
  return { name: 'sslmode', value: 'require', origin: environmentOrigin('PGREQUIRESSL') }
}
