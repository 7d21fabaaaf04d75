// allow and prefer where TLS and plain text ask for different methods: the way that can work is taken.

import test from 'ava'
import { connect, InvalidAuthorizationSpecificationError } from '../../index.ts'
import { CertificateAuthority, serverTls } from '../support/certificates.ts'
import { type OwnServer, startServer } from '../support/server.ts'
import { protection, rejection } from './real-servers.ts'

let server: OwnServer

test.before(async () => {
  const tls = serverTls(await (await CertificateAuthority.create()).server())
  const hba = [
    'local all all trust',
    'hostssl all u_scram 127.0.0.1/32 scram-sha-256',
    'hostnossl all u_scram 127.0.0.1/32 password',
    'hostssl all u_trust 127.0.0.1/32 password',
    'hostnossl all u_trust 127.0.0.1/32 trust',
    'hostnossl all u_plain 127.0.0.1/32 password',
  ]
  server = await startServer({ tls, hba })
  const roles = ['u_scram', 'u_trust', 'u_plain'].map((role) => `create role ${role} login password 'right'`)
  await server.admin(`set password_encryption = 'scram-sha-256'; ${roles.join('; ')}`, {
    host: server.socketDirectory,
  })
})

const dsn = (user: string) => `postgresql://${user}:right@127.0.0.1:${server.port}/postgres`

test('a method that requireAuth does not name is not the end where the other way asks for one that it names', async (t) => {
  const cells = [
    ['allow', 'u_scram', 'scram-sha-256', true],
    ['prefer', 'u_trust', 'none', false],
  ] as const
  for (const [ssl, user, requireAuth, encrypted] of cells) {
    const connection = await connect(dsn(user), { ssl, requireAuth })
    t.is((await protection(connection)).ssl, encrypted, ssl)
    await connection.close()
  }
})

test('channel_binding=require goes by TLS alone under allow and prefer', async (t) => {
  for (const ssl of ['allow', 'prefer'] as const) {
    const connection = await connect(dsn('u_scram'), { ssl, channelBinding: 'require' })
    t.true((await protection(connection)).ssl, ssl)
    await connection.close()
  }
})

test('where no way can work the refusal tells, and the server is its cause', async (t) => {
  for (const ssl of ['allow', 'prefer'] as const) {
    const error = await rejection(connect(dsn('u_plain'), { ssl, requireAuth: 'scram-sha-256' }))
    t.true(error instanceof InvalidAuthorizationSpecificationError, `${error}`)
    t.regex(error.message, /asked for a cleartext password, but requireAuth allows only scram-sha-256/)
    t.regex(error.cause.message, /no pg_hba\.conf entry/)
  }
})
