/** A key that libpq knows and this driver does not. It is refused by name, never sent to the server. */
export interface RefusedParameter {
  readonly name: string
  /** Why, or what to do instead: the hint of the error. */
  readonly remedy: string
}

export const REFUSED_PARAMETERS: readonly RefusedParameter[] = [
  { name: 'authtype', remedy: 'it has had no meaning for decades: leave it out' },
  { name: 'gssdelegation', remedy: 'credentials are never delegated: leave it out' },
  {
    name: 'min_protocol_version',
    remedy: 'every server speaks 3.0, which is the oldest version used: leave it out',
  },
  { name: 'oauth_client_id', remedy: 'get the token yourself and give it as the option oauthToken' },
  { name: 'oauth_client_secret', remedy: 'get the token yourself and give it as the option oauthToken' },
  { name: 'oauth_issuer', remedy: 'get the token yourself and give it as the option oauthToken' },
  { name: 'oauth_scope', remedy: 'get the token yourself and give it as the option oauthToken' },
  { name: 'replication', remedy: 'replication connections are not supported' },
  { name: 'requiressl', remedy: 'write sslmode=require' },
  { name: 'scram_client_key', remedy: 'give the password instead' },
  { name: 'scram_server_key', remedy: 'give the password instead' },
  {
    name: 'ssl',
    remedy: 'only ssl=true is understood, as sslmode=require: write sslmode, which has six values',
  },
  { name: 'sslcertmode', remedy: 'a client certificate is sent when there is one: leave it out' },
  { name: 'sslcrldir', remedy: 'put the revocation lists into one file and name it with sslcrl' },
  { name: 'tty', remedy: 'it has had no meaning for decades: leave it out' },
]

export const REFUSED_BY_KEY: ReadonlyMap<string, RefusedParameter> = new Map(
  REFUSED_PARAMETERS.map((entry) => [entry.name, entry]),
)

/** A variable that demands safety this driver cannot give, so that going on would betray the demand. */
export interface RefusedVariable {
  readonly name: string
  /** The values that demand no safety. Any other value is refused, except the empty one. */
  readonly harmless: readonly string[]
  readonly remedy: string
}

export const REFUSED_VARIABLES: readonly RefusedVariable[] = [
  {
    name: 'PGSSLCERTMODE',
    harmless: ['allow'],
    remedy: 'a client certificate is sent when there is one and the server asks: unset the variable',
  },
  {
    name: 'PGSSLCRLDIR',
    harmless: [],
    remedy: 'put the revocation lists into one file and name it with PGSSLCRL',
  },
  {
    name: 'PGMINPROTOCOLVERSION',
    harmless: ['3.0'],
    remedy: 'the version that the server chooses cannot be demanded: unset the variable',
  },
]

/** Variables that are no parameter's own, for the reference. */
export const OTHER_VARIABLES: readonly { readonly name: string; readonly doc: string }[] = [
  {
    name: 'PGREQUIRESSL',
    doc: 'A value that begins with 1 means `sslmode` require where nothing else gives an `sslmode`.',
  },
  { name: 'PGTZ', doc: 'Time zone of the session (the server setting `TimeZone`).' },
  { name: 'PGSYSCONFDIR', doc: 'Directory of the system-wide service file `pg_service.conf`.' },
  { name: 'APPDATA', doc: 'On Windows, the directory that holds `postgresql` with the default files.' },
]
