import type { ConnectOptions } from '../../src/config/connect-options.ts'
import type { ConnectPlan } from '../../src/config/connect-plan.ts'
import { planConnection } from '../../src/config/plan-connection.ts'
import type { FileFacts, Sources } from '../../src/config/sources.ts'

/** A file of an imagined world: its text, or what `stat` says of it, or the error that touching it gives. */
export type ImaginedFile =
  | string
  | { text?: string; mode?: number; kind?: FileFacts['kind']; size?: number; owner?: number; code?: string }

export interface World {
  env?: { [name: string]: string }
  files?: { [path: string]: ImaginedFile }
  platform?: NodeJS.Platform
  home?: string | null
  user?: string | null
  temporal?: boolean
}

/** Sources that know only what the test says. `opened` lists the files that were read. */
export function sourcesOf(world: World = {}): Sources & { opened: string[] } {
  const opened: string[] = []
  const find = (path: string) => {
    const file = world.files?.[path]
    const code = file === undefined ? 'ENOENT' : typeof file === 'object' ? file.code : undefined
    if (code !== undefined)
      throw Object.assign(new Error(`${code}: imagined, open '${path}'`), { code, syscall: 'open' })
    return typeof file === 'string' ? { text: file } : (file as { text?: string })
  }
  return {
    opened,
    env: world.env ?? {},
    platform: world.platform ?? 'linux',
    homeDirectory: world.home === null ? undefined : (world.home ?? '/home/me'),
    userName: world.user === null ? undefined : (world.user ?? 'me'),
    hasTemporal: world.temporal ?? false,
    stat(path) {
      if (world.files?.[path] === undefined) return undefined
      const file: Partial<FileFacts> & { text?: string } = find(path)
      const size = file.size ?? Buffer.byteLength(file.text ?? '')
      return { kind: file.kind ?? 'file', mode: file.mode ?? 0o600, size, owner: file.owner ?? 1000 }
    },
    readFile(path) {
      const { text } = find(path)
      opened.push(path)
      return Buffer.from(text ?? '')
    },
  }
}

export function planIn(world: World, dsn?: string | ConnectOptions, options?: ConnectOptions): ConnectPlan {
  return planConnection(dsn, options, sourcesOf(world))
}

/**
 * A plan on one line, as `user:password@host:port,host:port/database?setting=value`: what the tables of
 * cases compare. A host is its socket's file or its name, with its address where it has another one.
 */
export async function summary(plan: ConnectPlan): Promise<string> {
  const { password } = await plan.ask(plan.hosts[0]!)
  const hosts = plan.hosts.map(({ kind, host, hostaddr, port, socketPath }) => {
    if (kind === 'unix') return socketPath
    return `${host}${hostaddr === undefined || hostaddr === host ? '' : `=${hostaddr}`}:${port}`
  })
  const settings = plan.serverSettings
    .filter(([name]) => name !== 'client_encoding')
    .map(([name, value]) => `${name}=${value}`)
  return (
    `${plan.user}${password === undefined ? '' : `:${password}`}@${hosts.join(',')}/${plan.database}` +
    (settings.length === 0 ? '' : `?${settings.join('&')}`)
  )
}
