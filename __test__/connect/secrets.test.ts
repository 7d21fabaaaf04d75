// A secret in every place that takes one, looked for in everything that can be printed after every way to fail.

import { once } from 'node:events'
import { createConnection } from 'node:net'
import { inspect } from 'node:util'
import test from 'ava'
import { type Connection, type ConnectOptions, connect } from '../../index.ts'
import { planConnection } from '../../src/config/plan-connection.ts'
import { systemSources } from '../../src/config/sources.ts'
import { type Certificate, CertificateAuthority, serverTls } from '../support/certificates.ts'
import { encryptedKeyPem } from '../support/keys.ts'
import { authCleartext, authSasl, errorResponse, message } from '../support/protocol-messages.ts'
import { type Script, ScriptedServer } from '../support/scripted-server.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { connectIn, file } from './real-servers.ts'

const CANARY = 'c4n4ry-7d1f'
/** As it stands in a DSN, in base64, in hexadecimal, and as bytes that are inspected one by one. */
const FORMS: readonly string[] = [
  CANARY,
  Buffer.from(CANARY).toString('base64').slice(0, 12),
  Buffer.from(CANARY).toString('hex'),
  Buffer.from(CANARY).toString('hex').replace(/../g, '$& ').trim(),
  [...Buffer.from(CANARY)].join(', '),
]

/** Everything that a log, a debugger or a serialiser may make of a value. */
function printed(value: unknown, depth = 0): string {
  const forms = [
    inspect(value, {
      depth: 20,
      showHidden: true,
      getters: false,
      maxStringLength: null,
      maxArrayLength: null,
    }),
    inspect(value),
    String(value),
  ]
  for (const make of [() => JSON.stringify(value), () => inspect(structuredClone(value), { depth: 20 })]) {
    try {
      forms.push(make() ?? '')
    } catch {
      // Not everything can be serialised; what cannot shows nothing.
    }
  }
  if (value instanceof Error && depth < 10) {
    const names = Object.getOwnPropertyNames(value)
    forms.push(
      value.stack ?? '',
      JSON.stringify(value, names),
      ...names.map((name) => String(Reflect.get(value, name))),
    )
    if (value.cause !== undefined) forms.push(printed(value.cause, depth + 1))
    if (value instanceof AggregateError) forms.push(...value.errors.map((one) => printed(one, depth + 1)))
  }
  return forms.join('\n')
}

function leak(text: string): string | undefined {
  return FORMS.find((form) => text.includes(form))
}

let server: OwnServer
let root: CertificateAuthority
let client: Certificate
/** What the server is told at login is in its answers too, but never the password. */
let key: string

const warnings: string[] = []
process.on('warning', (warning) => warnings.push(printed(warning)))

test.before(async () => {
  root = await CertificateAuthority.create()
  client = await root.client('alice')
  key = client.keyPem.replace(/-----[^-]+-----|\s/g, '').slice(40, 80)
  server = await startServer({
    tls: serverTls(await root.server(), { ca: root.pem }),
    hba: [
      'local all all trust',
      'hostssl all u_cert 127.0.0.1/32 cert',
      'host all all 127.0.0.1/32 scram-sha-256',
    ],
  })
  await server.admin(`create role canary login password '${CANARY}'; create role u_cert login`, {
    host: server.socketDirectory,
  })
})

interface Place {
  title: string
  query?: string
  authority?: string
  options?: () => ConnectOptions
  variables?: () => Record<string, string>
}

const PLACES: readonly Place[] = [
  { title: 'the authority of the DSN', authority: `canary:${CANARY}` },
  { title: 'the query part of the DSN', query: `password=${CANARY}` },
  { title: 'the option password', options: () => ({ password: CANARY }) },
  { title: 'a function', options: () => ({ password: () => CANARY }) },
  { title: 'an async function', options: () => ({ password: async () => CANARY }) },
  { title: 'the environment', variables: () => ({ PGPASSWORD: CANARY }) },
  {
    title: 'a service file',
    options: () => ({ service: 's', servicefile: file(`[s]\npassword=${CANARY}\n`) }),
  },
  { title: 'the password file', options: () => ({ passfile: file(`*:*:*:*:${CANARY}\n`) }) },
]

function attempt(place: Place, at: { port: number }, more: ConnectOptions = {}): Promise<Connection> {
  const authority = place.authority ?? 'canary'
  const dsn = `postgresql://${authority}@127.0.0.1:${at.port}/postgres?${place.query ?? ''}`
  return connectIn(place.variables?.() ?? {}, dsn, { ...place.options?.(), ...more })
}

const tell: Script = async (session) => {
  await session.startup()
  session.send(authCleartext())
  await session.expect('p')
}

/** Servers and options that make a login fail in each of its steps. */
const FAILURES: [title: string, script: Script | undefined, options: ConnectOptions][] = [
  ['nobody listens', undefined, {}],
  ['the server refuses TLS', (session) => session.startup(), { ssl: 'require' }],
  [
    'the server speaks something else',
    (session) => session.end(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
    {},
  ],
  [
    'the server leaves after the password',
    (session) => Promise.resolve(tell(session)).then(() => session.end()),
    {},
  ],
  [
    'the password is wrong',
    async (session) => {
      await tell(session)
      session.end(errorResponse({ S: 'FATAL', V: 'FATAL', C: '28P01', M: 'password authentication failed' }))
    },
    {},
  ],
  [
    'nonsense follows the password',
    async (session) => {
      await tell(session)
      session.send(message('R', Buffer.from('nonsense')))
    },
    {},
  ],
  [
    'SCRAM is broken',
    async (session) => {
      await session.startup()
      session.send(authSasl('SCRAM-SHA-256'))
      await session.expect('p')
      session.send(message('R', Buffer.from('\0\0\0\x0br=x,s=y,i=1')))
    },
    {},
  ],
  ['the method is not allowed', tell, { requireAuth: 'scram-sha-256' }],
  ['the time is over', (session) => session.startup(), { timeout: 40 }],
]

for (const place of PLACES) {
  test.serial(`a password from ${place.title} shows in no error, warning, plan or connection`, async (t) => {
    for (const [title, script, options] of FAILURES) {
      const deaf = await ScriptedServer.start(script ?? (() => {}))
      if (script === undefined) await deaf.close()
      const error = await t.throwsAsync(attempt(place, deaf, options), undefined, title)
      t.is(leak(printed(error)), undefined, title)
      if (script !== undefined) await deaf.close()
    }
    const connection = await attempt(place, server)
    t.is(await connection.fetchValue('select current_user'), 'canary')
    t.is(leak(printed(connection)), undefined)
    t.is(leak(printed(await t.throwsAsync(connection.fetch('select 1/0')))), undefined)
    connection.terminate()
    t.is(leak(printed(await t.throwsAsync(connection.fetch('select 1')))), undefined)
    const plan = planConnection(
      `postgresql://${place.authority ?? 'canary'}@127.0.0.1/?${place.query ?? ''}`,
      place.options?.(),
      systemSources(),
    )
    t.is(leak(printed(plan)), undefined)
    t.is(leak(printed({ ...plan })), undefined)
    t.is(leak(warnings.join('\n')), undefined)
  })
}

test.serial('no key, pass phrase or token shows, wherever it came from and whatever fails', async (t) => {
  const locked = encryptedKeyPem(client.key, CANARY)
  const lockedText = locked.replace(/-----[^-]+-----|\s/g, '').slice(40, 80)
  const [sslcert, sslkey] = [file(client.chain), file(client.keyPem)]
  const ways: ConnectOptions[] = [
    { ssl: { ca: root.pem, cert: client.chain, key: client.keyPem } },
    { ssl: { ca: root.pem, cert: client.chain, key: locked, passphrase: CANARY } },
    { ssl: { ca: root.pem, cert: client.keyPem + client.chain } },
    { ssl: 'require', sslcert, sslkey },
    { ssl: 'require', sslcert, sslkey: file(locked), sslpassword: CANARY },
    { ssl: 'require', sslcert, sslkey: file(locked), sslpassword: `${CANARY}-wrong` },
    { ssl: 'require', sslcert, sslkey: file(locked.replace(/[A-Za-z]{4}\n/, '!!!!\n')), sslpassword: CANARY },
    { ssl: 'require', sslcert: file(client.keyPem), sslkey },
    { ssl: 'verify-full', sslcert, sslkey, sslrootcert: sslkey },
    { ssl: 'verify-full', sslcert, sslkey, sslrootcert: file(root.pem), sslcrl: sslkey },
    { ssl: 'require', oauthToken: () => CANARY },
    { ssl: 'require', oauthToken: () => `Bearer ${CANARY}` },
    { ssl: 'require', password: (() => ({ secret: CANARY })) as unknown as () => string },
    { ssl: 'require', password: () => `${CANARY}\0` },
  ]
  for (const [index, options] of ways.entries()) {
    // alice's certificate is not u_cert's, so that every way fails, at its own step.
    const dsn = server.dsn({ user: 'u_cert', password: null })
    const error = await t.throwsAsync(connect(dsn, options), undefined, `${index}`)
    const text = printed(error)
    t.is(leak(text), undefined, `${index}: ${error}`)
    t.false(text.includes(key) || text.includes(lockedText), `${index}: ${error}`)
    let plan: unknown
    try {
      plan = planConnection(dsn, options, systemSources())
    } catch (thrown) {
      plan = thrown
    }
    t.is(leak(printed(plan)), undefined, `${index}`)
    t.false(printed(plan).includes(key) || printed(plan).includes(lockedText), `${index}`)
  }
  t.is(leak(warnings.join('\n')), undefined)
})

test.serial('a DSN that cannot be read does not show its password', async (t) => {
  const dsns = [
    `postgresql://u:${CANARY}@host:99999/`,
    `postgresql://u:${CANARY}@host:port/`,
    `postgresql://u:${CANARY}%ZZ@host/`,
    `postgresql://u:${CANARY}%00@host/`,
    `postgresql://u:${CANARY}@[::1/`,
    `postgresql://u:${CANARY}@host/?nothing`,
    `postgresql://u:${CANARY}@host/?sslmode=unknown`,
    `postgresql://u:${CANARY}@host/?unknown=1`,
    `postgresql://u@host/?password=${CANARY}%ZZ`,
    `postgresql://u@host/?password=${CANARY}&password=${CANARY}`,
    `postgresql://u@host/?password=${CANARY}=${CANARY}`,
    `postgresql://u@host/?passwort=${CANARY}`,
    `postgresql:/u:${CANARY}@host/`,
    `mysql://u:${CANARY}@host/`,
    `host=localhost password=${CANARY}`,
    `u:${CANARY}@host`,
    ` postgresql://u:${CANARY}@host/ `,
    `postgresql://u:${CANARY}/with@slash@host/`,
    `postgresql://u:${CANARY}:more@host:x/`,
  ]
  for (const dsn of dsns) {
    const error = await t.throwsAsync(connect(dsn, { timeout: 50 }), undefined, dsn)
    t.is(leak(printed(error)), undefined, dsn)
  }
})

test.serial('what a password function throws is passed on as it is', async (t) => {
  const thrown = new Error('the vault is sealed')
  const untouched = await ScriptedServer.start((session) => session.end())
  t.teardown(() => untouched.close())
  const dsn = `postgresql://canary@${untouched.host}:${untouched.port}/`
  t.is(await t.throwsAsync(connect(dsn, { password: () => Promise.reject(thrown) })), thrown)
  t.is(
    await t.throwsAsync(
      connect(dsn, {
        password: () => {
          throw thrown
        },
      }),
    ),
    thrown,
  )
  // It was asked before a socket was opened: the first that comes is this one.
  const mine = createConnection(untouched)
  const first = await untouched.session(0)
  await once(mine, 'end')
  t.is(first.socket.remotePort, mine.localPort)
  mine.end()
})

test.serial("the server's log has no password either", async (t) => {
  const error = await t.throwsAsync(connect(server.dsn({ user: 'canary', password: `${CANARY}-wrong` })))
  t.is(leak(printed(error)), undefined)
  t.is(leak(server.log().replaceAll(/create role canary.*/g, '')), undefined)
})

test('the search finds a secret where there is one', (t) => {
  const deep = new Error('outer', {
    cause: new AggregateError([Object.assign(new Error('x'), { hidden: CANARY })]),
  })
  const kept = new (class {
    secret = CANARY
  })()
  for (const value of [
    deep,
    kept,
    [{ a: { b: { c: CANARY } } }],
    Buffer.from(CANARY),
    new Map([[1, CANARY]]),
  ]) {
    t.not(leak(printed(value)), undefined)
  }
})
