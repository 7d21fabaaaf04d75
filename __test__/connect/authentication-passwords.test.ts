// Passwords: SASLprep, wrong ones, missing ones, and where they may not go.

import { writeFileSync } from 'node:fs'
import test from 'ava'
import { connect, InvalidAuthorizationSpecificationError, InvalidPasswordError } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { requiring } from '../support/requirements.ts'
import { remoteLookingAddress } from '../support/scripted-server.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { connectIn, file, pathInFolder, rejection, VERSIONS } from './real-servers.ts'

const remote = remoteLookingAddress()
const USERS = ['u_scram', 'u_md5', 'u_password'] as const
const servers = new Map<number, OwnServer>()
let server: OwnServer
let ca: string

test.before(async () => {
  const root = await CertificateAuthority.create()
  ca = root.pem
  const tls = serverTls(
    await root.server({ ipAddresses: ['127.0.0.1', ...(remote === undefined ? [] : [remote])] }),
  )
  const hba = [
    'local all u_password password',
    'local all all trust',
    'host all u_password all password',
    'host all u_md5 all md5',
    'host all all all scram-sha-256',
  ]
  for (const version of VERSIONS) {
    const started = await startServer({ version, tls, hba, settings: { listen_addresses: '*' } })
    await started.admin(
      `set password_encryption = 'md5'; create role u_md5 login password 'right';
       set password_encryption = 'scram-sha-256';
       create role u_scram login password 'right'; create role u_password login password 'right'`,
      { host: started.socketDirectory },
    )
    servers.set(version, started)
  }
  server = servers.get(VERSIONS.at(-1)!)!
})

/** What the role is given, and what logs in with it. RFC 4013 and the tables of RFC 3454. */
const PREPARED: [title: string, stored: string, also: string[], not: string[]][] = [
  ['plain ASCII', 'secret', [], ['Secret', 'secret ']],
  ['a soft hyphen maps to nothing (B.1)', 'I\u00adX', ['IX'], ['I-X']],
  ['a zero-width joiner maps to nothing (B.1)', 'a\u200db', ['ab'], []],
  ['a no-break space is a space (C.1.2)', 'a\u00a0b', ['a b'], ['ab']],
  ['an ideographic space is a space (C.1.2)', 'a\u3000b', ['a b'], ['ab']],
  ['a ligature is normalised', '\ufb01sh', ['fish'], []],
  ['the ordinal a is normalised', '\u00aa', ['a'], []],
  ['a Roman numeral is normalised', '\u2168', ['IX'], []],
  ['composed and decomposed are the same', '\u00e9t\u00e9', ['e\u0301te\u0301'], ['ete']],
  ['a control character (C.2.1) leaves it as it is', 'foobar\u0007', [], ['foobar']],
  ['a delete character (C.2.1)', 'a\u007fb', [], ['ab']],
  ['a control character (C.2.2)', 'a\u0085b', [], ['ab']],
  ['a private-use character (C.3)', 'a\ue000b', [], ['ab']],
  ['a non-character (C.4)', 'a\ufffeb', [], ['ab']],
  ['an interlinear annotation (C.6)', 'a\ufff9b', [], ['ab']],
  ['an ideographic description (C.7)', 'a\u2ff0b', [], ['ab']],
  ['a change of direction (C.8)', 'a\u202eb', [], ['ab']],
  ['a tag character (C.9)', 'a\u{e0001}b', [], ['ab']],
  ['right to left', '\u0627\u0644\u0633\u0631', [], []],
  ['mixed directions', '\u0627a1', [], ['a1']],
  ['an emoji', 'pass\u{1f511}word', [], ['password']],
  ['an unassigned code point of Unicode 3.2', 'a\u0221b', [], ['ab']],
  ['a soft hyphen beside a prohibited character', 'a\u00adb\u0007', [], ['ab\u0007']],
  ['quotes, backslash, percent and blanks', ` it's "\\%$ `, [], [`it's "\\%$`]],
  ['1,000 characters', 'x'.repeat(1000), [], ['x'.repeat(999)]],
]

for (const version of VERSIONS) {
  test(`PostgreSQL ${version}: passwords are prepared as the server prepares them`, async (t) => {
    const at = servers.get(version)!
    const unicode = (text: string) => `E'${text.replace(/[\\']/g, '\\$&')}'`
    for (const [index, [, stored]] of PREPARED.entries()) {
      await at.admin(`create role p_${index} login password ${unicode(stored)}`, { host: at.socketDirectory })
    }
    for (const [index, [title, stored, also, not]] of PREPARED.entries()) {
      const user = `p_${index}`
      for (const password of [stored, ...also]) {
        const error = await rejection(connect(at.dsn({ user, password: null }), { password }))
        t.is(error, undefined, `${title}: ${error}`)
      }
      for (const password of not) {
        const error = await rejection(connect(at.dsn({ user, password: null }), { password }))
        t.true(error instanceof InvalidPasswordError, `${title}: ${error}`)
      }
    }
  })

  test(`PostgreSQL ${version}: a wrong password is the server's error, and says where it came from`, async (t) => {
    const at = servers.get(version)!
    for (const user of USERS) {
      for (const ssl of [{ ca }, false] as const) {
        t.is(await rejection(connect(at.dsn({ user, password: 'right' }), { ssl })), undefined)
        const error = await rejection(connect(at.dsn({ user, password: 'wrong' }), { ssl }))
        t.true(error instanceof InvalidPasswordError, `${error}`)
        t.true(error instanceof InvalidAuthorizationSpecificationError)
        t.is(error.message, `password authentication failed for user "${user}"`)
        t.is(error.detail, 'the password came from the DSN')
      }
    }
    const nobody = await rejection(connect(at.dsn({ user: 'nobody', password: 'wrong' })))
    t.is(nobody.sqlstate, '28P01')
  })
}

test('the place that a wrong password came from is named', async (t) => {
  const dsn = server.dsn({ user: 'u_scram', password: null, parameters: { sslmode: 'disable' } })
  const passfile = file(`*:*:*:u_scram:wrong\n`)
  const detail = async (promise: ReturnType<typeof connect>) => {
    const error = await rejection(promise)
    t.is(error.sqlstate, '28P01')
    return error.detail
  }
  t.is(await detail(connect(dsn, { password: 'wrong' })), 'the password came from the option "password"')
  t.is(
    await detail(connect(dsn, { password: async () => 'wrong' })),
    'the password came from the option "password"',
  )
  t.is(
    await detail(connectIn({ PGPASSWORD: 'wrong' }, dsn)),
    'the password came from the environment variable PGPASSWORD',
  )
  t.is(await detail(connect(dsn, { passfile })), `the password came from the password file "${passfile}"`)
  const servicefile = file('[s]\npassword=wrong\n')
  t.is(
    await detail(connect(dsn, { servicefile, service: 's' })),
    `the password came from line 2 of the service file "${servicefile}"`,
  )
})

test.serial('a password that is missing is refused by the client, which says where it looked', async (t) => {
  const passfile = file('*:*:*:somebody-else:secret\n')
  const cases: [options: object, detail: RegExp][] = [
    [
      {},
      /no option, DSN, service or PGPASSWORD gives a password, and there is no password file ".*\/\.pgpass"/,
    ],
    [{ passfile }, /and the password file ".*" has no matching line/],
    [{ passfile: pathInFolder('absent') }, /and there is no password file ".*\/absent"/],
    [{ password: '' }, /./],
  ]
  for (const user of USERS) {
    for (const [options, detail] of cases) {
      const log = server.log().length
      const error = await rejection(
        connect(server.dsn({ user, password: null }), { ssl: { ca }, ...options }),
      )
      t.true(error instanceof InvalidPasswordError, `${error}`)
      t.is(error.sqlstate, '28P01')
      t.regex(error.message, /^could not log in as ".*" at "127\.0\.0\.1" port \d+: no password was supplied/)
      t.regex(error.detail, detail)
      t.regex(error.hint, /password/)
      // Nothing was tried on the server.
      t.notRegex(server.log().slice(log), /password authentication failed/)
    }
  }
})

test('a password file that others may read is ignored with a warning', async (t) => {
  const path = pathInFolder('open-passfile')
  writeFileSync(path, '*:*:*:u_scram:right\n', { mode: 0o644 })
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const error = await rejection(connect(server.dsn({ user: 'u_scram', password: null }), { passfile: path }))
  t.regex(error.message, /no password was supplied/)
  t.regex(error.detail, /the password file ".*" is ignored/)
  t.regex((await warned).message, /open-passfile/)
})

const remoteTest = requiring({
  name: 'an address that is not loopback',
  remedy: 'a network interface',
  available: remote !== undefined,
})

remoteTest('a password in clear goes to another machine only under TLS, or where it was named', async (t) => {
  for (const at of servers.values()) {
    for (const user of USERS) {
      const dsn = at.dsn({ user, password: 'right', host: remote! })
      const seen = user === 'u_scram'
      t.is(await rejection(connect(dsn, { ssl: { ca } })), undefined)
      const method = { u_scram: 'scram-sha-256', u_md5: 'md5', u_password: 'password' }[user]
      t.is(await rejection(connect(`${dsn}?sslmode=disable&require_auth=${method}`)), undefined)
      t.is((await rejection(connect(`${dsn}?sslmode=disable&require_auth=!gss`))) === undefined, seen)
      const error = await rejection(connect(dsn, { ssl: false }))
      if (seen) t.is(error, undefined)
      else {
        t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
        t.regex(error.message, /over an unencrypted connection, which was refused/)
        t.regex(
          error.hint,
          /use sslmode 'require' or stronger, scram-sha-256 on the server, or name '(md5|password)' in requireAuth/,
        )
      }
      // Loopback and sockets are this machine's own.
      t.is(await rejection(connect(at.dsn({ user, password: 'right' }), { ssl: false })), undefined)
    }
    const socket = at.dsn({ user: 'u_password', password: 'right', host: at.socketDirectory })
    t.is(await rejection(connect(socket)), undefined)
  }
})

// The server keeps such a password as it is; postgres-protocol derives its keys from the empty text.
test.failing('a password of which preparation leaves nothing is taken as it is', async (t) => {
  await server.admin(`create role p_nothing login password '\u00ad'`, { host: server.socketDirectory })
  const dsn = server.dsn({ user: 'p_nothing', password: null })
  t.is(await rejection(connect(dsn, { password: '\u00ad' })), undefined)
})
