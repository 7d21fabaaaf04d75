/** How one socket is protected. `prefer` asks for TLS and goes on in plain text when the server says no. */
export type TlsUse = 'disable' | 'prefer' | 'require' | 'direct'

/** The TLS parameters of one attempt: contents, never paths. */
export interface NativeTls {
  /** `none`: encrypt only; `ca`: verify the chain; `full`: verify the name too. */
  verify: 'none' | 'ca' | 'full'
  /** The name or address to verify, and, when a name, to send as SNI. */
  serverName?: string
  sni: boolean
  roots: 'none' | 'system' | 'given'
  /** PEM or DER; present when `roots` is `given`. */
  ca?: Uint8Array[]
  certificate?: Uint8Array
  key?: Uint8Array
  passphrase?: string
  crls?: Uint8Array[]
  minVersion?: '1.2' | '1.3'
  maxVersion?: '1.2' | '1.3'
  keyLogFile?: string
}

/** One attempt to connect, as plain data: everything the native side needs and nothing it has to decide. */
export interface NativeAttempt {
  /** An IP literal; exactly one of `address` and `socketPath` is there. */
  address?: string
  port?: number
  /** The Unix socket's file; `@name` stands for Linux's abstract namespace. */
  socketPath?: string
  user: string
  database: string
  password?: string
  /** Every start-up parameter besides user and database. */
  parameters: [string, string][]
  tls: TlsUse
  /** Present unless `tls` is `disable`. */
  tlsOptions?: NativeTls
  channelBinding: 'disable' | 'prefer' | 'require'
  /** The methods allowed; absent = any. */
  requireAuth?: string[]
  /** Whether a password may cross an unprotected network in clear text or as MD5. */
  allowPlaintextPassword: boolean
  /** Whether a token may go to a server that is neither verified by TLS nor on this machine. */
  allowUnprotectedToken: boolean
  protocol: '3.0' | '3.2'
  gss: { service: string; host: string; library: 'gssapi' | 'sspi' }
  oauthToken?: string
  requirePeer?: string
  /** Seconds; absent members are the system's defaults, `false` switches keepalive off. */
  keepalive?: { idle?: number; interval?: number; count?: number } | false
  /** Milliseconds. */
  tcpUserTimeout?: number
  /** Milliseconds for this attempt; absent = none. */
  timeout?: number
  /** Bytes. */
  maxMessageSize: number
  statementCacheSize: number
  /** Whether nothing is prepared by name any more once a pooler was met. */
  learnsPoolers: boolean
  /** Milliseconds; 0 = for ever. */
  maxCachedStatementLifetime: number
  /** Characters; 0 = any. */
  maxCacheableStatementSize: number
  /** The type options, packed. */
  types: number
  /** Sessions of one group, which have the same options, share what their server tells of texts; absent = none. */
  group?: number
}
