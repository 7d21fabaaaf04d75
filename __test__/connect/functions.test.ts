// Functions of the user's that connecting runs: whatever they do ends their own connect alone.

import test from 'ava'
import { type ConnectOptions, connect, TimeoutError } from '../../index.ts'
import { authCleartext, authOk, authSasl, greeting } from '../support/protocol-messages.ts'
import { type Script, ScriptedServer } from '../support/scripted-server.ts'
import { testDatabase } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { opened, reason, socketsTo } from './opened.ts'

/** Asks for what the function gives. */
const SCRIPTS: { readonly [option: string]: Script } = {
  password: async (session) => {
    await session.startup()
    session.send(authCleartext())
    await session.expect('p')
    session.send(authOk(), greeting())
  },
  oauthToken: async (session) => {
    await session.startup()
    session.send(authSasl('OAUTHBEARER'))
    await session.expect('p')
    session.send(authOk(), greeting())
  },
}

type Ask = () => string | Promise<string>
const later = () => new Promise((resolve) => setImmediate(resolve))

for (const [option, script] of Object.entries(SCRIPTS)) {
  const options = (ask: Ask, more: ConnectOptions = {}): ConnectOptions => ({
    ...more,
    [option]: ask,
    ssl: false,
  })

  test(`${option} may abort the connect that runs it, and others of the same signal end too`, async (t) => {
    await using server = await ScriptedServer.start(script)
    const given = new Error('changed my mind')
    const aborts: ((controller: AbortController) => Ask)[] = [
      (controller) => () => {
        controller.abort(given)
        return 'x'
      },
      (controller) => async () => {
        await later()
        controller.abort(given)
        return 'x'
      },
      (controller) => () => {
        controller.abort(given)
        throw new Error('not this one')
      },
    ]
    for (const abort of aborts) {
      const controller = new AbortController()
      const { signal } = controller
      const other = reason(
        connect(
          server.dsn(),
          options(() => new Promise(() => {}), { signal }),
        ),
      )
      t.is(await reason(connect(server.dsn(), options(abort(controller), { signal }))), given)
      t.is(await other, given)
    }
    t.true(await eventually(() => socketsTo(server.port) === 0))
  })

  test(`what ${option} throws or rejects with is what connect rejects with`, async (t) => {
    await using server = await ScriptedServer.start(script)
    for (const given of [new Error('sealed'), 'a string', null, undefined]) {
      const throws = () => {
        throw given
      }
      t.is(await reason(connect(server.dsn(), options(throws))), given)
      t.is(
        await reason(
          connect(
            server.dsn(),
            options(async () => throws()),
          ),
        ),
        given,
      )
    }
    t.is(server.sessions.length, 0)
  })

  test(`${option} that never answers is ended by the budget`, async (t) => {
    await using server = await ScriptedServer.start(script)
    const error = await reason(
      connect(
        server.dsn(),
        options(() => new Promise(() => {}), { timeout: 200 }),
      ),
    )
    t.true(error instanceof TimeoutError)
    t.is(error.phase, 'password')
  })

  test(`${option} may connect itself`, async (t) => {
    await using server = await ScriptedServer.start(script)
    let depth = 0
    const ask: Ask = async () => {
      if (++depth < 4) {
        const inner = await connect(server.dsn(), options(ask))
        inner.terminate()
      }
      return 'x'
    }
    await opened(t, server.dsn(), options(ask))
    t.is(server.sessions.length, 4)
  })
}

test.serial('whatever onCallbackError does, the connection and the process live on', async (t) => {
  const warnings: string[] = []
  const listen = ({ message }: Error) => void warnings.push(message)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const database = await testDatabase()
  const controller = new AbortController()
  const handlers: (() => unknown)[] = [
    () => {
      throw new Error('thrown by the handler')
    },
    () => Promise.reject(new Error('rejected by the handler')),
    () => controller.abort(),
    () => new Promise(() => {}),
    async () => (await connect(database.dsn())).close(),
  ]
  for (const handler of handlers) {
    let calls = 0
    const connection = await opened(t, database.dsn(), {
      signal: controller.signal.aborted ? undefined : controller.signal,
      onCallbackError: () => {
        calls++
        return handler() as undefined
      },
    })
    connection.addLogListener(() => {
      throw new Error('from the listener')
    })
    await connection.execute("do $$ begin raise notice 'x'; end $$")
    t.true(await eventually(() => calls === 1))
    t.is(await connection.fetchValue('select 1'), 1)
    await connection.close()
  }
  t.true(await eventually(() => warnings.length === 2))
  t.deepEqual(warnings, [
    'a callback of a connection failed: thrown by the handler',
    'a callback of a connection failed: rejected by the handler',
  ])
})
