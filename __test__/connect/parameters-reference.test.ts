import { readFile } from 'node:fs/promises'
import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { OPTION_PARAMETERS } from '../../src/config/option-parameters.ts'
import { PARAMETER_BY_KEY, PARAMETERS } from '../../src/config/parameters.ts'
import { REFUSED_PARAMETERS } from '../../src/config/refused-parameters.ts'
import { parametersReference } from '../../tools/parameters/reference.ts'
import { planIn } from './world.ts'

test('the reference is what the table says', async (t) => {
  const path = new URL('../../docs/reference/parameters.md', import.meta.url)
  t.is(await readFile(path, 'utf8'), parametersReference())
})

test('no key, option or variable stands twice', (t) => {
  const all = [
    ...PARAMETERS.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias])),
    ...REFUSED_PARAMETERS.map(({ name }) => name),
  ]
  t.is(new Set(all).size, all.length)
  const options = [
    ...PARAMETERS.flatMap(({ option }) => option ?? []),
    ...OPTION_PARAMETERS.map(({ option }) => option),
  ]
  t.is(new Set(options).size, options.length)
  const variables = PARAMETERS.flatMap(({ variable }) => variable ?? [])
  t.is(new Set(variables).size, variables.length)
})

// libpq of PostgreSQL 18, "Parameter Key Words": each is understood or refused, none is sent on as a setting.
const LIBPQ =
  'service servicefile user password passfile channel_binding connect_timeout dbname host hostaddr port ' +
  'client_encoding options application_name fallback_application_name keepalives keepalives_idle ' +
  'keepalives_interval keepalives_count tcp_user_timeout sslmode sslnegotiation sslcompression sslcert sslkey ' +
  'sslcertmode sslpassword sslrootcert sslcrl sslcrldir sslsni requirepeer require_auth min_protocol_version ' +
  'max_protocol_version ssl_min_protocol_version ssl_max_protocol_version gssencmode krbsrvname gsslib ' +
  'gssdelegation replication target_session_attrs load_balance_hosts scram_client_key scram_server_key ' +
  'oauth_issuer oauth_client_id oauth_client_secret oauth_scope sslkeylogfile'

for (const key of LIBPQ.split(' ')) {
  test(`libpq's ${key} is understood or refused, and never sent as a setting`, (t) => {
    const isKnown = PARAMETER_BY_KEY.has(key)
    t.not(
      isKnown,
      REFUSED_PARAMETERS.some(({ name }) => name === key),
    )
    if (!isKnown) {
      t.throws(() => planIn({}, `postgres://h?${key}=x`), {
        message: new RegExp(`invalid ${key} from the DSN`),
      })
    } else if (
      !['application_name', 'fallback_application_name', 'options', 'client_encoding'].includes(key)
    ) {
      let settings: readonly (readonly [string, string])[] = []
      try {
        settings = planIn({}, `postgres://h?${key}=1`).serverSettings
      } catch {}
      t.false(settings.some(([name]) => name === key))
    }
  })
}

test('every option of the table is one of ConnectOptions, and the other way round', (t) => {
  // The compiler checks this object against the interface; the names are compared with the table.
  const all: { [option in keyof Required<ConnectOptions>]: true } = {
    dsn: true,
    host: true,
    port: true,
    user: true,
    password: true,
    passfile: true,
    service: true,
    servicefile: true,
    database: true,
    timeout: true,
    statementCacheSize: true,
    maxCachedStatementLifetime: true,
    maxCacheableStatementSize: true,
    commandTimeout: true,
    ssl: true,
    directTls: true,
    sslcert: true,
    sslkey: true,
    sslrootcert: true,
    sslcrl: true,
    sslpassword: true,
    sslMinProtocolVersion: true,
    sslMaxProtocolVersion: true,
    channelBinding: true,
    requireAuth: true,
    connectionClass: true,
    recordClass: true,
    serverSettings: true,
    targetSessionAttrs: true,
    loadBalanceHosts: true,
    krbsrvname: true,
    gsslib: true,
    oauthToken: true,
    types: true,
    maxMessageSize: true,
    signal: true,
    onCallbackError: true,
  }
  const table = [
    ...PARAMETERS.flatMap(({ option }) => option ?? []),
    ...OPTION_PARAMETERS.map(({ option }) => option),
  ]
  t.deepEqual(table.sort(), Object.keys(all).sort())
})
