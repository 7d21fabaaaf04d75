// Which connections each sslmode makes, in which order, by what server and pg_hba.conf say.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import test from 'ava'
import { ConnectionFailureError, connect, InvalidAuthorizationSpecificationError } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { findProgram, requiring } from '../support/requirements.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { attempts, file, rejection, VERSIONS } from './real-servers.ts'

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
const RULES = ['host', 'hostssl', 'hostnossl', 'reject'] as const
type Mode = (typeof MODES)[number]
type Rule = (typeof RULES)[number]

/** The rule is chosen by the user, so that one server has all of them. */
const HBA = [
  'local all all trust',
  'host all postgres 127.0.0.1/32 scram-sha-256',
  'host all u_host 127.0.0.1/32 trust',
  'hostssl all u_hostssl 127.0.0.1/32 trust',
  'hostnossl all u_hostnossl 127.0.0.1/32 trust',
  'host all u_reject 127.0.0.1/32 reject',
]

const TLS = 'SSLRequest S TLS'
const DECLINED = 'SSLRequest N plain'
const ENDED = 'SSLRequest N'

interface Cell {
  attempts: string[]
  outcome: 'in' | 'refused by the server' | 'no TLS'
}

const into = (...list: string[]): Cell => ({ attempts: list, outcome: 'in' })
const refused = (...list: string[]): Cell => ({ attempts: list, outcome: 'refused by the server' })
const noTls = (...list: string[]): Cell => ({ attempts: list, outcome: 'no TLS' })

/** PostgreSQL manual, "SSL Support", table "SSL Mode Descriptions", and "pg_hba.conf". */
const WITH_TLS: Record<'disable' | 'allow' | 'prefer' | 'require', Record<Rule, Cell>> = {
  disable: {
    host: into('plain'),
    hostssl: refused('plain'),
    hostnossl: into('plain'),
    reject: refused('plain'),
  },
  allow: {
    host: into('plain'),
    hostssl: into('plain', TLS),
    hostnossl: into('plain'),
    reject: refused('plain', TLS),
  },
  prefer: {
    host: into(TLS),
    hostssl: into(TLS),
    hostnossl: into(TLS, 'plain'),
    reject: refused(TLS, 'plain'),
  },
  require: { host: into(TLS), hostssl: into(TLS), hostnossl: refused(TLS), reject: refused(TLS) },
}

const WITHOUT_TLS: typeof WITH_TLS = {
  disable: WITH_TLS.disable,
  allow: {
    host: into('plain'),
    hostssl: refused('plain', ENDED),
    hostnossl: into('plain'),
    reject: refused('plain', ENDED),
  },
  prefer: {
    host: into(DECLINED),
    hostssl: refused(DECLINED),
    hostnossl: into(DECLINED),
    reject: refused(DECLINED),
  },
  require: { host: noTls(ENDED), hostssl: noTls(ENDED), hostnossl: noTls(ENDED), reject: noTls(ENDED) },
}

function expected(hasTls: boolean, mode: Mode, rule: Rule): Cell {
  const strength = mode.startsWith('verify') ? 'require' : (mode as keyof typeof WITH_TLS)
  return (hasTls ? WITH_TLS : WITHOUT_TLS)[strength][rule]
}

const authority = CertificateAuthority.create()
const roots = authority.then(({ pem }) => file(pem))

const servers = new Map<number, Promise<OwnServer>>()

async function start(version: (typeof VERSIONS)[number]): Promise<OwnServer> {
  const tls = serverTls(await (await authority).server())
  const server = await startServer({ version, hba: HBA, tls })
  await server.admin(RULES.map((rule) => `create role u_${rule} login`).join('; '))
  return server
}

/** A proxy that writes down what is said, before a server with those rules and with or without TLS. */
async function serve(version: (typeof VERSIONS)[number], hasTls: boolean): Promise<ChaosProxy> {
  const known = servers.get(version) ?? start(version)
  servers.set(version, known)
  const server = await known
  await server.reload({ settings: { ssl: hasTls ? 'on' : 'off' } })
  return ChaosProxy.start({ target: server, capture: true })
}

for (const version of VERSIONS) {
  for (const hasTls of [true, false]) {
    test.serial(
      `PostgreSQL ${version} ${hasTls ? 'with' : 'without'} TLS: each mode makes libpq's attempts`,
      async (t) => {
        const proxy = await serve(version, hasTls)
        t.teardown(() => proxy.close())
        for (const mode of MODES) {
          for (const rule of RULES) {
            const cell = expected(hasTls, mode, rule)
            const from = proxy.connections.length
            const error = await rejection(
              connect(`postgresql://u_${rule}@127.0.0.1:${proxy.port}/postgres`, {
                ssl: mode,
                sslrootcert: await roots,
              }),
            )
            t.deepEqual(attempts(proxy, from), cell.attempts, `${mode} ${rule}`)
            if (cell.outcome === 'in') t.is(error, undefined, `${mode} ${rule}: ${error}`)
            else if (cell.outcome === 'no TLS') {
              t.true(error instanceof ConnectionFailureError, `${mode} ${rule}: ${error}`)
              t.is(error.cause.code, 'EPROTO')
              t.regex(error.message, /127\.0\.0\.1.* rejected SSL upgrade/)
            } else {
              t.true(error instanceof InvalidAuthorizationSpecificationError, `${mode} ${rule}: ${error}`)
              t.is(error.sqlstate, '28000')
            }
          }
        }
      },
    )
  }
}

const libpqTest = requiring({
  name: 'psql',
  remedy: 'apt-get install postgresql-client',
  available: findProgram('psql') !== undefined,
})

// Before libpq 17, allow went on in plain text after the server had declined TLS, to be refused a second time.
libpqTest.serial('libpq itself makes the same attempts as this driver in every cell', async (t) => {
  for (const hasTls of [true, false]) {
    const proxy = await serve(VERSIONS.at(-1)!, hasTls)
    t.teardown(() => proxy.close())
    for (const mode of MODES) {
      for (const rule of RULES) {
        const from = proxy.connections.length
        const conninfo = `user=u_${rule} host=127.0.0.1 port=${proxy.port} dbname=postgres sslmode=${mode} sslrootcert=${await roots} gssencmode=disable`
        const ran = await promisify(execFile)('psql', ['-X', '-w', '-c', 'select 1', conninfo]).then(
          () => true,
          () => false,
        )
        const cell = expected(hasTls, mode, rule)
        const made = attempts(proxy, from).map((one) => (mode === 'allow' && one === DECLINED ? ENDED : one))
        t.deepEqual(made, cell.attempts, `${mode} ${rule}`)
        t.is(ran, cell.outcome === 'in', `${mode} ${rule}`)
      }
    }
  }
})
