import type { NativeAttempt } from './attempt.ts'
import type { Layers } from './layers.ts'
import { invalid } from './origin.ts'
import type { ParameterName } from './parameters.ts'
import { checkChoice, checkInteger } from './values.ts'

/** What belongs to the socket and the start of the session, the same for every host. */
export interface TransportOptions {
  readonly channelBinding: NativeAttempt['channelBinding']
  readonly protocol: NativeAttempt['protocol']
  readonly gssService: string
  readonly gssLibrary: 'gssapi' | 'sspi'
  /** The user that the server must run as, on a Unix socket. */
  readonly requirePeer: string | undefined
  /** The system's keepalive, on TCP. */
  readonly keepalive: Exclude<NativeAttempt['keepalive'], undefined>
  /** Milliseconds; undefined = the system's. */
  readonly tcpUserTimeout: number | undefined
  /** Milliseconds for each address; null = none. */
  readonly connectTimeout: number | null
}

export function planTransport(layers: Layers): TransportOptions {
  const compression = layers.text('sslcompression')
  if (compression !== undefined) checkChoice(compression, 'sslcompression', 'leave it out')
  const encryption = layers.text('gssencmode')
  if (encryption !== undefined) {
    checkChoice(encryption, 'gssencmode', 'encryption by Kerberos is not supported: use TLS, with sslmode')
  }
  const version = choice(layers, 'max_protocol_version', '3.0')
  return {
    channelBinding: choice(layers, 'channel_binding', 'prefer'),
    protocol: version === '3.0' ? '3.0' : '3.2',
    gssService: layers.text('krbsrvname')?.value ?? 'postgres',
    gssLibrary: choice(layers, 'gsslib', layers.sources.platform === 'win32' ? 'sspi' : 'gssapi'),
    requirePeer: requirePeer(layers),
    keepalive: keepalive(layers),
    tcpUserTimeout: positive(layers, 'tcp_user_timeout'),
    connectTimeout: connectTimeout(layers),
  }
}

function choice<T extends string>(layers: Layers, name: ParameterName, initial: T): T {
  const setting = layers.find(name)
  return setting === undefined ? initial : checkChoice(setting, name)
}

function requirePeer(layers: Layers): string | undefined {
  const setting = layers.text('requirepeer')
  if (setting !== undefined && layers.sources.platform === 'win32') {
    throw invalid(setting, 'Windows cannot tell who is at the other end of a socket', {
      hint: 'leave it out',
    })
  }
  return setting?.value
}

function keepalive(layers: Layers): TransportOptions['keepalive'] {
  const switched = layers.text('keepalives')
  // libpq takes any number but 0 for on.
  if (switched !== undefined && checkInteger(switched) === 0) return false
  const idle = positive(layers, 'keepalives_idle')
  const interval = positive(layers, 'keepalives_interval')
  const count = positive(layers, 'keepalives_count')
  return {
    ...(idle === undefined ? {} : { idle }),
    ...(interval === undefined ? {} : { interval }),
    ...(count === undefined ? {} : { count }),
  }
}

/** 0 and less leave the system's default, as in libpq. */
function positive(layers: Layers, name: ParameterName): number | undefined {
  const setting = layers.text(name)
  if (setting === undefined) return undefined
  const number = checkInteger(setting)
  return number > 0 ? number : undefined
}

/** libpq's seconds: 0 and less mean none, and 1 counts as 2, since a second may just be ending. */
function connectTimeout(layers: Layers): number | null {
  const setting = layers.text('connect_timeout')
  if (setting === undefined) return null
  const seconds = checkInteger(setting)
  return seconds <= 0 ? null : Math.max(seconds, 2) * 1000
}
