/**
 * The one table of connection parameters. Reading, precedence, refusals and `docs/reference/parameters.md`
 * all come from here. Names are libpq's (PostgreSQL manual, "Parameter Key Words"); what libpq knows and
 * this driver does not is in `refused-parameters.ts`.
 */
export interface Parameter {
  /** The key in a DSN and in a service file. */
  readonly name: ParameterName
  /** Another spelling of the key. */
  readonly alias?: string
  /** The member of `ConnectOptions`. */
  readonly option?: string
  /** The environment variable. */
  readonly variable?: string
  /** The default, as the reference shows it. */
  readonly initial: string
  /** The values, where they are few; the first thing an error message lists. */
  readonly choices?: readonly string[]
  /** May not be shown in any message. */
  readonly secret?: true
  /** Sent to the server at start-up, so `serverSettings` may give it too. */
  readonly setting?: true
  readonly notInServiceFile?: true
  readonly doc: string
}

/** The names of {@link PARAMETERS}. */
export type ParameterName = (typeof TABLE)[number]['name']

const TABLE = [
  {
    name: 'host',
    option: 'host',
    variable: 'PGHOST',
    initial:
      'the sockets in /run/postgresql, /var/run/postgresql, /tmp and /private/tmp, then localhost; on Windows localhost',
    doc: 'Name, address or socket directory, or a comma-separated list of them, each with an optional `:port`. As an option a string is taken as it stands and a list is an array.',
  },
  {
    name: 'hostaddr',
    variable: 'PGHOSTADDR',
    initial: 'none',
    doc: 'IP address to connect to instead of looking `host` up, which is still the name that certificates are checked against. One for each host.',
  },
  {
    name: 'port',
    option: 'port',
    variable: 'PGPORT',
    initial: '5432',
    doc: 'Port, or one for each host. A port given with a host beats a plain one of the same or a lower source; the option beats all.',
  },
  {
    name: 'dbname',
    alias: 'database',
    option: 'database',
    variable: 'PGDATABASE',
    initial: 'the user',
    doc: 'Name of the database.',
  },
  {
    name: 'user',
    option: 'user',
    variable: 'PGUSER',
    initial: "the operating system's user",
    doc: 'Role to log in as.',
  },
  {
    name: 'password',
    option: 'password',
    variable: 'PGPASSWORD',
    initial: 'the password file',
    secret: true,
    doc: 'Password. As an option also a function, sync or async, that is called once for each host attempted.',
  },
  {
    name: 'passfile',
    option: 'passfile',
    variable: 'PGPASSFILE',
    initial: '`~/.pgpass`; on Windows `%APPDATA%\\postgresql\\pgpass.conf`',
    doc: 'Password file, read when no other source gives a password. Ignored with a warning when it is no plain file or, except on Windows, when others than its owner may use it.',
  },
  {
    name: 'service',
    option: 'service',
    variable: 'PGSERVICE',
    initial: 'none',
    notInServiceFile: true,
    doc: 'Section of the service file to take parameters from.',
  },
  {
    name: 'servicefile',
    option: 'servicefile',
    variable: 'PGSERVICEFILE',
    initial:
      '`~/.pg_service.conf` (on Windows `%APPDATA%\\postgresql\\.pg_service.conf`), then `pg_service.conf` in `PGSYSCONFDIR`',
    notInServiceFile: true,
    doc: 'Service file. One that is named is the only one read.',
  },
  {
    name: 'connect_timeout',
    variable: 'PGCONNECT_TIMEOUT',
    initial: 'none',
    doc: 'Seconds for each address of each host, within the `timeout` of the whole connect. 0 or less means none, 1 counts as 2.',
  },
  {
    name: 'target_session_attrs',
    option: 'targetSessionAttrs',
    variable: 'PGTARGETSESSIONATTRS',
    initial: 'any',
    choices: ['any', 'primary', 'standby', 'read-write', 'read-only', 'prefer-standby'],
    doc: 'Which kind of server is wanted; the hosts are tried until one is found.',
  },
  {
    name: 'load_balance_hosts',
    option: 'loadBalanceHosts',
    variable: 'PGLOADBALANCEHOSTS',
    initial: 'disable',
    choices: ['disable', 'random'],
    doc: '`random` tries hosts, and the addresses of a name, in random order.',
  },
  {
    name: 'sslmode',
    option: 'ssl',
    variable: 'PGSSLMODE',
    initial: 'prefer; `verify-full` with `sslrootcert=system`',
    choices: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    doc: "Protection by TLS. As an option also `true` (verify-full against the system's roots), `false` or a `TlsOptions` object. Unix sockets never use TLS.",
  },
  {
    name: 'sslnegotiation',
    option: 'directTls',
    variable: 'PGSSLNEGOTIATION',
    initial: 'postgres',
    choices: ['postgres', 'direct'],
    doc: '`direct` begins with TLS at once (PostgreSQL 17 and newer) and needs `sslmode` require or stronger. As an option a boolean.',
  },
  {
    name: 'sslrootcert',
    option: 'sslrootcert',
    variable: 'PGSSLROOTCERT',
    initial: '`~/.postgresql/root.crt`; on Windows `%APPDATA%\\postgresql\\root.crt`',
    doc: "File of trusted root certificates, or `system` for the operating system's. Read for require (where its presence means verify-ca) and stronger.",
  },
  {
    name: 'sslcrl',
    option: 'sslcrl',
    variable: 'PGSSLCRL',
    initial: '`~/.postgresql/root.crl` if it exists',
    doc: 'File of certificate revocation lists, read for require and stronger.',
  },
  {
    name: 'sslcert',
    option: 'sslcert',
    variable: 'PGSSLCERT',
    initial: '`~/.postgresql/postgresql.crt` if it exists',
    doc: 'File of the client certificate, with the chain below the root if there is one.',
  },
  {
    name: 'sslkey',
    option: 'sslkey',
    variable: 'PGSSLKEY',
    initial: '`~/.postgresql/postgresql.key` if it exists, else the file of the certificate',
    doc: 'File of the key of the client certificate.',
  },
  {
    name: 'sslpassword',
    option: 'sslpassword',
    initial: 'empty',
    secret: true,
    doc: 'Pass phrase of an encrypted key.',
  },
  {
    name: 'sslsni',
    variable: 'PGSSLSNI',
    initial: '1',
    choices: ['0', '1'],
    doc: 'Whether the TLS handshake names the host.',
  },
  {
    name: 'sslkeylogfile',
    variable: 'SSLKEYLOGFILE',
    initial: 'none',
    doc: 'File to which TLS keys are appended so that a network trace can be read: whoever has it reads the traffic. The variable counts only where TLS comes from an `sslmode`.',
  },
  {
    name: 'ssl_min_protocol_version',
    option: 'sslMinProtocolVersion',
    variable: 'PGSSLMINPROTOCOLVERSION',
    initial: 'TLSv1.2',
    choices: ['TLSv1.2', 'TLSv1.3'],
    doc: 'Oldest TLS version allowed. TLSv1 and TLSv1.1 are accepted and mean TLSv1.2.',
  },
  {
    name: 'ssl_max_protocol_version',
    option: 'sslMaxProtocolVersion',
    variable: 'PGSSLMAXPROTOCOLVERSION',
    initial: 'the newest',
    choices: ['TLSv1.2', 'TLSv1.3'],
    doc: 'Newest TLS version allowed.',
  },
  {
    name: 'sslcompression',
    initial: '0',
    choices: ['0'],
    doc: 'TLS compression, which is unsafe and exists no more; only 0 is accepted.',
  },
  {
    name: 'channel_binding',
    option: 'channelBinding',
    variable: 'PGCHANNELBINDING',
    initial: 'prefer',
    choices: ['disable', 'prefer', 'require'],
    doc: '`require` accepts only SCRAM bound to the TLS connection, which no one in the middle can relay.',
  },
  {
    name: 'require_auth',
    option: 'requireAuth',
    variable: 'PGREQUIREAUTH',
    initial: 'any',
    choices: ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'],
    doc: 'Comma-separated list of the authentication methods that are accepted, or, each with `!` before it, of those that are not. Naming `password` or `md5` permits it over an unprotected network too, naming `oauth` permits a token for a server that TLS has not verified.',
  },
  {
    name: 'requirepeer',
    variable: 'PGREQUIREPEER',
    initial: 'none',
    doc: 'Operating system user that the server at a Unix socket must run as. Not on Windows.',
  },
  {
    name: 'krbsrvname',
    option: 'krbsrvname',
    variable: 'PGKRBSRVNAME',
    initial: 'postgres',
    doc: "Service part of the server's Kerberos principal.",
  },
  {
    name: 'gsslib',
    option: 'gsslib',
    variable: 'PGGSSLIB',
    initial: 'gssapi; on Windows sspi',
    choices: ['gssapi', 'sspi'],
    doc: 'Library for Kerberos. `sspi` exists on Windows only.',
  },
  {
    name: 'gssencmode',
    variable: 'PGGSSENCMODE',
    initial: 'disable',
    choices: ['disable', 'prefer'],
    doc: 'Encryption by Kerberos, which this driver does not do: `prefer` goes on without, `require` is refused.',
  },
  {
    name: 'keepalives',
    initial: '1',
    choices: ['0', '1'],
    doc: 'Whether TCP keepalive is on.',
  },
  {
    name: 'keepalives_idle',
    initial: "the system's",
    doc: "Seconds of silence after which TCP sends a keepalive. 0 is the system's default.",
  },
  {
    name: 'keepalives_interval',
    initial: "the system's",
    doc: "Seconds after which an unanswered keepalive is sent again. 0 is the system's default.",
  },
  {
    name: 'keepalives_count',
    initial: "the system's",
    doc: "Unanswered keepalives after which the connection counts as dead. 0 is the system's default.",
  },
  {
    name: 'tcp_user_timeout',
    initial: "the system's",
    doc: "Milliseconds that sent data may stay unacknowledged before the connection is closed. 0 is the system's default.",
  },
  {
    name: 'max_protocol_version',
    variable: 'PGMAXPROTOCOLVERSION',
    initial: '3.0',
    choices: ['3.0', '3.2', 'latest'],
    doc: 'Newest protocol version to ask for. 3.2 brings longer cancel keys (PostgreSQL 18); older poolers end the session at it.',
  },
  {
    name: 'application_name',
    variable: 'PGAPPNAME',
    initial: 'none',
    setting: true,
    doc: 'Name under which `pg_stat_activity` and logs show the session.',
  },
  {
    name: 'fallback_application_name',
    initial: 'none',
    doc: '`application_name` where no source gives one.',
  },
  {
    name: 'options',
    variable: 'PGOPTIONS',
    initial: 'none',
    setting: true,
    doc: 'Command-line options for the session, for example `-c geqo=off`.',
  },
  {
    name: 'client_encoding',
    initial: 'UTF8',
    setting: true,
    doc: 'Only UTF8 is accepted.',
  },
] as const

export const PARAMETERS: readonly Parameter[] = TABLE

/** A parameter by its key or the key's other spelling. */
export const PARAMETER_BY_KEY: ReadonlyMap<string, Parameter> = new Map(
  PARAMETERS.flatMap((parameter) =>
    [parameter.name, ...(parameter.alias ? [parameter.alias] : [])].map((key) => [key, parameter] as const),
  ),
)

const BY_NAME: ReadonlyMap<ParameterName, Parameter> = new Map(PARAMETERS.map((entry) => [entry.name, entry]))

export function parameter(name: ParameterName): Parameter {
  return BY_NAME.get(name) as Parameter
}
