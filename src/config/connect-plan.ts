import type { NativeAttempt, NativeTls, TlsUse } from './attempt.ts'
import type { TargetSessionAttrs } from './connect-options.ts'
import type { Credentials } from './credentials.ts'
import type { DsnSecrets } from './dsn-secrets.ts'
import type { HostPlan } from './hosts.ts'
import type { PlanWarning } from './password-file.ts'
import type { AuthRequirement } from './require-auth.ts'
import type { SessionOptions } from './session-options.ts'
import type { TlsMaterial, TlsPlan } from './tls.ts'
import type { TransportOptions } from './transport-options.ts'

/** What a plan is made of. */
export interface PlanParts {
  readonly hosts: readonly HostPlan[]
  readonly user: string
  readonly database: string
  readonly targetSessionAttrs: TargetSessionAttrs
  readonly loadBalanceHosts: 'disable' | 'random'
  readonly timeout: number | null
  readonly serverSettings: readonly (readonly [string, string])[]
  readonly session: SessionOptions
  readonly transport: TransportOptions
  readonly auth: AuthRequirement
  readonly tls: TlsMaterial
  readonly credentials: Credentials
  readonly signal: AbortSignal | undefined
  readonly secrets: DsnSecrets
}

/** What was asked for one host entry. */
export interface Answers {
  readonly password: string | undefined
  readonly oauthToken: string | undefined
}

/** What changes from one attempt at a host to the next. */
export interface Dial {
  /** The IP address; not for sockets. */
  readonly address?: string
  readonly tls: TlsUse
  readonly answers: Answers
  /** Milliseconds; undefined = none. */
  readonly timeout?: number | undefined
  /** The packed type options. */
  readonly types: number
}

/**
 * How to connect: what `planConnection` makes of all sources, with every check done and every file read,
 * before any socket is opened. Secrets are in private fields: no inspection, no JSON and no copy of its
 * properties shows a password or a key.
 */
export class ConnectPlan {
  /** The hosts in the order in which they are tried. */
  readonly hosts: readonly HostPlan[]
  readonly user: string
  readonly database: string
  readonly targetSessionAttrs: TargetSessionAttrs
  readonly loadBalanceHosts: 'disable' | 'random'
  /** Milliseconds for the whole connect; null = no limit. */
  readonly timeout: number | null
  /** Milliseconds for each address; null = no limit. */
  readonly connectTimeout: number | null
  /** The start-up parameters besides user and database. */
  readonly serverSettings: readonly (readonly [string, string])[]
  readonly session: SessionOptions
  readonly transport: TransportOptions
  readonly requireAuth: readonly string[] | undefined
  readonly allowPlaintextPassword: boolean
  readonly allowUnprotectedToken: boolean
  /** What protects TCP connections. */
  readonly tls: TlsPlan
  /** To be given to `process.emitWarning`. */
  readonly warnings: readonly PlanWarning[]
  readonly #material: TlsMaterial
  readonly #credentials: Credentials
  readonly #signal: AbortSignal | undefined
  readonly #secrets: DsnSecrets

  constructor(parts: PlanParts) {
    this.hosts = parts.hosts
    this.user = parts.user
    this.database = parts.database
    this.targetSessionAttrs = parts.targetSessionAttrs
    this.loadBalanceHosts = parts.loadBalanceHosts
    this.timeout = parts.timeout
    this.connectTimeout = parts.transport.connectTimeout
    this.serverSettings = parts.serverSettings
    this.session = parts.session
    this.transport = parts.transport
    this.requireAuth = parts.auth.methods
    this.allowPlaintextPassword = parts.auth.namesPlaintext
    this.allowUnprotectedToken = parts.auth.namesOauth
    this.tls = parts.tls.plan
    this.warnings = parts.credentials.warnings
    this.#material = parts.tls
    this.#credentials = parts.credentials
    this.#signal = parts.signal
    this.#secrets = parts.secrets
  }

  get signal(): AbortSignal | undefined {
    return this.#signal
  }

  /** A text without what may be a piece of a password in the DSN. */
  hide(text: string): string {
    return this.#secrets.hide(text)
  }

  /** Hides the same in an error, and names the remedy in its hint. */
  explain(error: Error): void {
    this.#secrets.explain(error)
  }

  /** Where a password was looked for, in words. */
  get passwordSearch(): string {
    return this.#credentials.searched
  }

  /** Where the password came from, in words; undefined when no source gives one. */
  get passwordOrigin(): string | undefined {
    return this.#credentials.origin
  }

  /** Which parameter, from which source, filled a member of the TLS options that cannot be used. */
  blameTls(option: string): string | undefined {
    return this.#material.blame?.(option)
  }

  /** How the addresses of a host are tried, in order; the second is a fallback. */
  attempts(host: HostPlan): readonly TlsUse[] {
    return host.kind === 'unix' ? ['disable'] : this.tls.attempts
  }

  /** Whether `ask` runs a function of the user's. */
  get asks(): boolean {
    return this.#credentials.asks
  }

  /** Asks for password and token, where functions give them, and passes on what they throw. */
  async ask(host: HostPlan): Promise<Answers> {
    const password = await this.#credentials.password(host, this.user, this.database)
    return { password, oauthToken: await this.#credentials.token() }
  }

  /** The TLS parameters for a host: contents, with the name to send and to verify. */
  tlsOptions(host: HostPlan): NativeTls {
    // The zone of a link-local address is this machine's own: no certificate knows it.
    const serverName = this.#material.serverName ?? host.host.replace(/%.*$/, '')
    return { ...this.#material.native, serverName }
  }

  /** One attempt as the native side wants it. It holds secrets: pass it on, do not keep or print it. */
  attempt(host: HostPlan, dial: Dial): NativeAttempt {
    const { transport, session } = this
    const { password, oauthToken } = dial.answers
    const attempt: NativeAttempt = {
      user: this.user,
      database: this.database,
      parameters: this.serverSettings.map(([name, value]) => [name, value]),
      tls: dial.tls,
      channelBinding: transport.channelBinding,
      allowPlaintextPassword: this.allowPlaintextPassword,
      allowUnprotectedToken: this.allowUnprotectedToken,
      protocol: transport.protocol,
      gss: {
        service: transport.gssService,
        host: host.kind === 'tcp' ? host.host : 'localhost',
        library: transport.gssLibrary,
      },
      maxMessageSize: session.maxMessageSize,
      statementCacheSize: session.statementCacheSize,
      learnsPoolers: session.learnsPoolers,
      maxCachedStatementLifetime: session.maxCachedStatementLifetime,
      maxCacheableStatementSize: session.maxCacheableStatementSize,
      types: dial.types,
    }
    if (host.kind === 'tcp') {
      attempt.address = dial.address as string
      attempt.port = host.port
      attempt.keepalive = transport.keepalive
      if (transport.tcpUserTimeout !== undefined) attempt.tcpUserTimeout = transport.tcpUserTimeout
    } else {
      attempt.socketPath = host.socketPath as string
      if (transport.requirePeer !== undefined) attempt.requirePeer = transport.requirePeer
    }
    if (dial.tls !== 'disable') attempt.tlsOptions = this.tlsOptions(host)
    if (password !== undefined) attempt.password = password
    if (oauthToken !== undefined) attempt.oauthToken = oauthToken
    if (this.requireAuth !== undefined) attempt.requireAuth = [...this.requireAuth]
    if (dial.timeout !== undefined) attempt.timeout = dial.timeout
    return attempt
  }
}
