import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { planIn, type World } from './world.ts'

export const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n'
export const KEY = '-----BEGIN PRIVATE KEY-----\nQg==\n-----END PRIVATE KEY-----\n'
export const HOME = '/home/me/.postgresql'

export const NONE: World = {}
export const ROOT: World = { files: { [`${HOME}/root.crt`]: CERTIFICATE } }

/** A TLS plan on one line: mode, attempts, verification, roots. */
export function shape(world: World, dsn = 'postgres://h', options?: ConnectOptions): string {
  const { tls } = planIn(world, dsn, options)
  return `${tls.mode} ${tls.attempts.join('>')} ${tls.verify} ${tls.roots}${tls.hasClientCertificate ? ' cert' : ''}`
}
