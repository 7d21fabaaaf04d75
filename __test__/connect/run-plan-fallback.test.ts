import test from 'ava'
import { runPlan } from '../../src/connect/run-plan.ts'
import { ConnectionFailureError, type PostgresError } from '../../src/errors/index.ts'
import { lost, networkOf, type Reaction, refused, server, up } from './network.ts'
import { planIn } from './world.ts'

const tlsRefused: Reaction = {
  kind: 'tls-refused',
  phase: 'tls',
  message: 'rejected',
  hint: 'a weaker sslmode',
}
const handshake: Reaction = { kind: 'tls', phase: 'tls', message: 'handshake failed' }
const lostInTls: Reaction = { kind: 'io', phase: 'tls', message: 'connection reset' }
const rejected = server('28000')
const wrongPassword = server('28P01')
const refusedMethod = {
  kind: 'method',
  phase: 'authentication',
  message: 'by ourselves',
  encrypted: true,
} as const
const liar = { ...refusedMethod, kind: 'auth' } as const
const plainAfterN = (code: string) => server(code, { encrypted: false })
const late = (code: string) => server(code, { authenticated: true, phase: 'startup' })

/**
 * The sequence of attempts for each mode and each behaviour of the server: `dial` lines without the
 * address, and how it ends: `up`, an sqlstate, or the class of the error.
 */
const SEQUENCES: [mode: string, title: string, reactions: { [way: string]: Reaction }, expected: string][] = [
  ['disable', 'accepted', { disable: up }, 'disable → up'],
  ['disable', 'rejected', { disable: rejected }, 'disable → 28000'],
  ['disable', 'lost', { disable: lost }, 'disable → 08006'],
  ['allow', 'accepted', { disable: up }, 'disable → up'],
  ['allow', 'rejected in plain text', { disable: rejected, require: up }, 'disable require → up'],
  [
    'allow',
    'wrong password twice',
    { disable: wrongPassword, require: wrongPassword },
    'disable require → 28P01',
  ],
  ['allow', 'lost in plain text', { disable: lost, require: up }, 'disable require → up'],
  [
    'allow',
    'rejected, and no TLS there',
    { disable: wrongPassword, require: tlsRefused },
    'disable require → 28P01',
  ],
  [
    'allow',
    'rejected, and a bad handshake',
    { disable: rejected, require: handshake },
    'disable require → 28000',
  ],
  ['allow', 'rejected both ways', { disable: rejected, require: server('3D000') }, 'disable require → 3D000'],
  ['allow', 'not ready', { disable: server('57P03'), require: server('57P03') }, 'disable require → 57P03'],
  ['allow', 'refused', { disable: refused }, 'disable → 08006'],
  ['allow', 'rejected after the login', { disable: late('3D000'), require: up }, 'disable → 3D000'],
  [
    'allow',
    'a method refused in plain text',
    { disable: refusedMethod, require: up },
    'disable require → up',
  ],
  [
    'allow',
    'a method refused, and plain text is all that is allowed',
    { disable: refusedMethod, require: rejected },
    'disable require → 28000 by ourselves',
  ],
  [
    'allow',
    'a method refused, and no TLS there',
    { disable: refusedMethod, require: tlsRefused },
    'disable require → 28000 by ourselves',
  ],
  [
    'allow',
    'no password, and a wrong one',
    { disable: refusedMethod, require: wrongPassword },
    'disable require → 28P01',
  ],
  ['allow&channel_binding=require', 'accepted', { require: up }, 'require → up'],
  ['allow&channel_binding=require', 'no TLS there', { require: tlsRefused }, 'require → 08006'],
  [
    'allow',
    'nonsense',
    { disable: { kind: 'protocol', phase: 'authentication' }, require: up },
    'disable → ProtocolError',
  ],
  ['prefer', 'accepted', { prefer: up }, 'prefer → up'],
  ['prefer', 'rejected under TLS', { prefer: rejected, disable: up }, 'prefer disable → up'],
  [
    'prefer',
    'rejected in plain text after N',
    { prefer: plainAfterN('28000'), disable: up },
    'prefer → 28000',
  ],
  [
    'prefer',
    'wrong password in plain text after N',
    { prefer: plainAfterN('28P01'), disable: up },
    'prefer → 28P01',
  ],
  [
    'prefer',
    'lost in plain text after N',
    { prefer: { ...(lost as object), encrypted: false } as Reaction, disable: up },
    'prefer → 08006',
  ],
  [
    'prefer',
    'wrong password twice',
    { prefer: wrongPassword, disable: wrongPassword },
    'prefer disable → 28P01',
  ],
  [
    'prefer',
    'wrong password, plain text not allowed',
    { prefer: wrongPassword, disable: rejected },
    'prefer disable → 28P01',
  ],
  [
    'prefer',
    'rejected, then a wrong password',
    { prefer: rejected, disable: wrongPassword },
    'prefer disable → 28P01',
  ],
  ['prefer', 'rejected both ways', { prefer: rejected, disable: server('53300') }, 'prefer disable → 53300'],
  ['prefer', 'lost under TLS', { prefer: lost, disable: up }, 'prefer disable → up'],
  ['prefer', 'a bad handshake', { prefer: handshake, disable: up }, 'prefer disable → up'],
  [
    'prefer',
    'a bad handshake, then rejected',
    { prefer: handshake, disable: rejected },
    'prefer disable → 28000',
  ],
  [
    'prefer',
    'a bad handshake, then refused',
    { prefer: handshake, disable: refused },
    'prefer disable → 08006',
  ],
  ['prefer', 'lost in the handshake', { prefer: lostInTls, disable: up }, 'prefer disable → up'],
  [
    'prefer',
    'bytes before TLS',
    { prefer: { kind: 'protocol', phase: 'tls' }, disable: up },
    'prefer → ProtocolError',
  ],
  ['prefer', 'refused', { prefer: refused, disable: up }, 'prefer → 08006'],
  ['prefer', 'rejected after the login', { prefer: late('3D000'), disable: up }, 'prefer → 3D000'],
  [
    'prefer',
    'lost after the login',
    { prefer: { ...(lost as object), authenticated: true } as Reaction, disable: up },
    'prefer → 08006',
  ],
  ['prefer', 'a method refused under TLS', { prefer: refusedMethod, disable: up }, 'prefer disable → up'],
  [
    'prefer',
    'a method refused in plain text after N',
    { prefer: { ...refusedMethod, encrypted: false }, disable: up },
    'prefer → 28000 by ourselves',
  ],
  [
    'prefer',
    'a method refused, plain text not allowed',
    { prefer: refusedMethod, disable: rejected },
    'prefer disable → 28000 by ourselves',
  ],
  [
    'prefer',
    'rejected, then a method refused',
    { prefer: rejected, disable: refusedMethod },
    'prefer disable → 28000 by ourselves',
  ],
  [
    'allow',
    'a server that lies about the password',
    { disable: liar, require: up },
    'disable → 28000 by ourselves',
  ],
  [
    'prefer',
    'a server that lies about the password',
    { prefer: liar, disable: up },
    'prefer → 28000 by ourselves',
  ],
  ['prefer&channel_binding=require', 'a bad handshake', { require: handshake }, 'require → 08006'],
  [
    'prefer&channel_binding=require',
    'a method refused',
    { require: refusedMethod },
    'require → 28000 by ourselves',
  ],
  [
    'prefer',
    'Kerberos failed',
    { prefer: { kind: 'gss', phase: 'authentication' }, disable: up },
    'prefer → InternalClientError',
  ],
  ['require', 'accepted', { require: up }, 'require → up'],
  ['require', 'rejected', { require: rejected, disable: up }, 'require → 28000'],
  ['require', 'no TLS there', { require: tlsRefused, disable: up }, 'require → 08006'],
  ['require', 'a bad handshake', { require: handshake, disable: up }, 'require → 08006'],
  ['require', 'lost', { require: lost, disable: up }, 'require → 08006'],
  ['require&sslnegotiation=direct', 'accepted', { direct: up }, 'direct → up'],
  [
    'require&sslnegotiation=direct',
    'a bad handshake',
    { direct: handshake, require: up, disable: up },
    'direct → 08006',
  ],
]

for (const [mode, title, reactions, expected] of SEQUENCES) {
  test(`${mode}, ${title}: ${expected}`, async (t) => {
    const io = networkOf({
      reactions: Object.fromEntries(
        Object.entries(reactions).map(([way, reaction]) => [`192.0.2.1/${way}`, reaction]),
      ),
    })
    let end = 'up'
    try {
      await runPlan(planIn({}, `postgres://192.0.2.1?sslmode=${mode}`), io)
    } catch (error) {
      const { sqlstate, name, message } = error as PostgresError
      end = `${sqlstate ?? name}${message.includes('by ourselves') ? ' by ourselves' : ''}`
    }
    const ways = io.log.map((line) => line.split('/')[1])
    t.is(`${ways.join(' ')} → ${end}`, expected)
  })
}

test('both ways are tried on each address before the next one', async (t) => {
  const io = networkOf({
    names: { a: ['192.0.2.1', '192.0.2.2'] },
    reactions: { '192.0.2.1': lost, '192.0.2.2/disable': up, '192.0.2.2/prefer': rejected },
  })
  await runPlan(planIn({}, 'postgres://a'), io)
  t.deepEqual(io.log, [
    'resolve a',
    'dial 192.0.2.1:5432/prefer',
    'dial 192.0.2.1:5432/disable',
    'dial 192.0.2.2:5432/prefer',
    'dial 192.0.2.2:5432/disable',
  ])
})

test('the error of the other way is the cause', async (t) => {
  const io = networkOf({ reactions: { '192.0.2.1/prefer': rejected, '192.0.2.1/disable': wrongPassword } })
  const error = await t.throwsAsync(runPlan(planIn({}, 'postgres://192.0.2.1'), io))
  t.is((error!.cause as PostgresError).sqlstate, '28000')
})

test('the hint of a rejected SSL upgrade does not offer what channel binding rules out', async (t) => {
  const hints = await Promise.all(
    ['require', 'require&channel_binding=require'].map(async (mode) => {
      const io = networkOf({ reactions: { '192.0.2.1': tlsRefused } })
      const error = await t.throwsAsync(runPlan(planIn({}, `postgres://192.0.2.1?sslmode=${mode}`), io))
      return (error as ConnectionFailureError).hint
    }),
  )
  t.regex(hints[0]!, /weaker sslmode/)
  t.regex(hints[1]!, /do without channel_binding/)
})

test('a rejected SSL upgrade names the server and keeps its words', async (t) => {
  const io = networkOf({ reactions: { '192.0.2.1': tlsRefused } })
  const error = await t.throwsAsync(runPlan(planIn({}, 'postgres://192.0.2.1:7?sslmode=require'), io))
  t.true(error instanceof ConnectionFailureError)
  t.is(error!.message, '"192.0.2.1" port 7 rejected SSL upgrade')
})
