import type { NativeAttempt } from '../../src/config/attempt.ts'
import type { ResolvedAddress, RunIo } from '../../src/connect/run-plan.ts'
import { AttemptFailure, type AttemptReport } from '../../src/errors/attempt-failure.ts'

/** A connection of the imagined network. */
export interface Link {
  readonly to: string
  readonly settings: { readonly [name: string]: string }
  readonly recovery?: unknown
  closed: boolean
}

/** What happens to an attempt: a connection with these settings, a failure, or silence. */
export type Reaction =
  | { settings?: { [name: string]: string }; recovery?: unknown; after?: number }
  | (Partial<AttemptReport> & Pick<AttemptReport, 'kind'> & { after?: number | 'limit' })
  | 'silence'

export const refused: Reaction = { kind: 'io', phase: 'connect', osError: 111, message: 'connection refused' }
export const noSocket: Reaction = {
  kind: 'io',
  phase: 'connect',
  osError: 2,
  message: 'no such file or directory',
}
export const lost: Reaction = {
  kind: 'io',
  phase: 'authentication',
  message: 'unexpected end of file',
  encrypted: true,
}
export const server = (code: string, more: object = {}): Reaction => ({
  kind: 'server',
  phase: 'authentication',
  message: `server said ${code}`,
  fields: { S: 'FATAL', V: 'FATAL', C: code, M: `server said ${code}` },
  encrypted: true,
  ...more,
})
export const up: Reaction = {}

export interface Network {
  /** By address (or socket path), alone or with `:port`, then `/` and the way of TLS where it matters. */
  reactions?: { [target: string]: Reaction | Reaction[] }
  names?: { [host: string]: string[] | 'silence' }
  random?: number[]
}

export interface Tape extends RunIo<Link> {
  /** Everything that was done, in order: `resolve a`, `dial 192.0.2.1:5432/prefer`, `query …`, `close …`. */
  readonly log: string[]
  readonly attempts: NativeAttempt[]
  readonly links: Link[]
  /** The addresses of attempts that have failed, whoever still waited for them. */
  readonly failed: string[]
}

/**
 * An imagined network, for the order of things only: what real servers do is tested against real ones.
 */
export function networkOf({ reactions = {}, names = {}, random = [] }: Network): Tape {
  const log: string[] = []
  const attempts: NativeAttempt[] = []
  const links: Link[] = []
  const failed: string[] = []
  const queues = new Map(
    Object.entries(reactions).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]),
  )
  const next = (keys: string[]): Reaction => {
    for (const key of keys) {
      const found = queues.get(key)
      if (found === undefined) continue
      return Array.isArray(found) ? (found.shift() ?? refused) : found
    }
    return refused
  }
  return {
    log,
    attempts,
    links,
    failed,
    now: () => performance.now(),
    random: () => random.shift() ?? 0,
    async resolve(host) {
      log.push(`resolve ${host}`)
      const found = names[host]
      if (found === 'silence') return new Promise<ResolvedAddress[]>(() => {})
      if (found === undefined) {
        throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND', hostname: host })
      }
      return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
    async dial(attempt, stop) {
      const place = attempt.socketPath ?? attempt.address!
      const target = attempt.socketPath ?? `${attempt.address}:${attempt.port}`
      log.push(`dial ${target}/${attempt.tls}`)
      attempts.push(attempt)
      const reaction = next([`${target}/${attempt.tls}`, `${place}/${attempt.tls}`, target, place])
      if (reaction === 'silence') {
        return new Promise<never>((_, reject) => {
          stop.onStop = (reason) => {
            log.push(`given up ${target}`)
            reject(reason)
          }
        })
      }
      // The native side keeps the limit that it was told.
      const delay = reaction.after === 'limit' ? attempt.timeout : reaction.after
      if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay))
      if ('kind' in reaction) {
        failed.push(target)
        throw new AttemptFailure({
          phase: 'connect',
          message: reaction.kind,
          authenticated: false,
          ...reaction,
        })
      }
      const link: Link = {
        to: target,
        settings: reaction.settings ?? {},
        recovery: reaction.recovery,
        closed: false,
      }
      links.push(link)
      return link
    },
    async query(link, sql) {
      log.push(`query ${link.to} ${sql}`)
      if (link.recovery === 'silence') return new Promise<never>(() => {})
      if (link.recovery instanceof Error) throw link.recovery
      return link.recovery
    },
    setting: (link, name) => link.settings[name],
    drop(link) {
      log.push(`drop ${link.to}`)
      link.closed = true
    },
    close(link) {
      log.push(`close ${link.to}`)
      link.closed = true
    },
  }
}
