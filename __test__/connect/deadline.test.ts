// The limits of connecting: one budget over every step, and a signal that ends any of them; nothing stays open.

import test, { type ExecutionContext } from 'ava'
import { type ConnectOptions, connect, TimeoutError } from '../../index.ts'
import { startDeafListener } from '../support/deaf-listener.ts'
import {
  authCleartext,
  authMd5,
  authOk,
  authSasl,
  backendKeyData,
  greeting,
  parameterStatus,
  readyForQuery,
} from '../support/protocol-messages.ts'
import { ScramServer } from '../support/scram-server.ts'
import { type Script, ScriptedServer } from '../support/scripted-server.ts'
import { AT_ONCE_MS, eventually, GUARD_MS } from '../support/waiting.ts'
import { addNames } from './names.ts'
import { reason, socketsTo } from './opened.ts'

/** The first limit. One that ends before the step that is meant was only too short for this machine: it is doubled. */
const LIMIT_MS = 500

interface Ending {
  readonly error: any
  readonly elapsed: number
}

async function ending(dsn: string, options?: ConnectOptions): Promise<Ending> {
  const started = performance.now()
  const error = await reason(connect(dsn, options))
  return { error, elapsed: performance.now() - started }
}

/** Connects with a limit that ends in that phase, where it is meant; gives how it ended, and how often it was tried. */
async function endsIn(
  t: ExecutionContext,
  phase: string,
  dsn: string,
  options?: ConnectOptions,
  meant: (error: any) => boolean = (error) => error.phase === phase,
): Promise<Ending & { readonly tries: number }> {
  for (let [timeout, tries] = [LIMIT_MS, 1]; ; timeout *= 2, tries += 1) {
    const { error, elapsed } = await ending(dsn, { ...options, timeout })
    if (!meant(error) && 2 * timeout < GUARD_MS) continue
    t.true(error instanceof TimeoutError, `${error}`)
    t.is(error.phase, phase, `${error} after ${elapsed} ms`)
    t.true(elapsed >= timeout - 5, `${elapsed}`)
    t.true(elapsed < timeout + GUARD_MS, `${elapsed}`)
    return { error, elapsed, tries }
  }
}

interface Stall {
  readonly phase: string
  readonly parameters?: string
  readonly script: Script
}

/** Where a server falls silent, and which step the error then names. */
const stalls: { [at: string]: Stall } = {
  'instead of the answer to the request for TLS': {
    phase: 'tls',
    parameters: '?sslmode=require',
    script: async (session) => void (await session.packet()),
  },
  'in the TLS handshake': {
    phase: 'tls',
    parameters: '?sslmode=require',
    script: async (session) => {
      await session.packet()
      session.send(Buffer.from('S'))
    },
  },
  'after the start-up packet': {
    phase: 'authentication',
    script: async (session) => void (await session.startup()),
  },
  'instead of a verdict on the password': {
    phase: 'authentication',
    script: async (session) => {
      await session.startup()
      session.send(authCleartext())
      await session.expect('p')
    },
  },
  'instead of a verdict on the MD5 hash': {
    phase: 'authentication',
    script: async (session) => {
      await session.startup()
      session.send(authMd5())
      await session.expect('p')
    },
  },
  'instead of the SASL challenge': {
    phase: 'authentication',
    script: async (session) => {
      await session.startup()
      session.send(authSasl('SCRAM-SHA-256'))
      await session.expect('p')
    },
  },
  "instead of the server's SASL proof": {
    phase: 'authentication',
    script: async (session) => {
      await session.startup()
      session.send(authSasl('SCRAM-SHA-256'))
      const scram = new ScramServer({ password: 'a-password' })
      session.send(scram.first(await session.expect('p')))
      await session.expect('p')
    },
  },
  'instead of AuthenticationOk after SASL': {
    phase: 'authentication',
    script: async (session) => {
      await session.startup()
      session.send(authSasl('SCRAM-SHA-256'))
      const scram = new ScramServer({ password: 'a-password' })
      session.send(scram.first(await session.expect('p')))
      session.send(scram.final(await session.expect('p')))
    },
  },
  'in the middle of a message': {
    phase: 'authentication',
    script: async (session) => {
      await session.startup()
      session.send(authOk().subarray(0, 6))
    },
  },
  'instead of ReadyForQuery': {
    phase: 'startup',
    script: async (session) => {
      await session.startup()
      session.send(authOk())
    },
  },
  'instead of an answer to what kind of server it is': {
    phase: 'session',
    parameters: '?target_session_attrs=standby',
    // An old server does not report it, so it is asked.
    script: async (session) => {
      await session.startup()
      session.send(authOk(), parameterStatus('server_version', '13.2'), backendKeyData(), readyForQuery())
    },
  },
}

for (const [at, { phase, parameters = '?sslmode=disable', script }] of Object.entries(stalls)) {
  test.serial(`the budget ends a server that falls silent ${at}`, async (t) => {
    await using server = await ScriptedServer.start(script)
    await endsIn(t, phase, server.dsn(parameters))
    t.true(await eventually(() => socketsTo(server.port) === 0))
  })

  test.serial(`a signal ends a server that falls silent ${at}`, async (t) => {
    await using server = await ScriptedServer.start(script)
    const given = new Error('changed my mind')
    const controller = new AbortController()
    const connecting = reason(connect(server.dsn(parameters), { signal: controller.signal, timeout: null }))
    await server.session(0)
    await server.settled()
    controller.abort(given)
    t.is(await connecting, given)
    t.true(await eventually(() => socketsTo(server.port) === 0))
  })
}

test.serial('a server that never says what kind it is is left at once, without a cancel', async (t) => {
  const { script } = stalls['instead of an answer to what kind of server it is']!
  await using asked = await ScriptedServer.start(async (session) => {
    await script(session)
    await session.expect()
  })
  await using next = await ScriptedServer.start(async (session) => void (await session.login()))
  const given = new Error('changed my mind')
  const controller = new AbortController()
  const dsn = asked.dsn('?target_session_attrs=standby')
  const bySignal = reason(connect(dsn, { signal: controller.signal, timeout: null }))
  await asked.session(0)
  // The question has arrived.
  await asked.settled()
  controller.abort(given)
  t.is(await bySignal, given)
  const { tries } = await endsIn(t, 'session', dsn)
  t.true(await eventually(() => socketsTo(asked.port) === 0))
  // A whole connect later, whatever was on its way has arrived.
  const connection = await connect(next.dsn('?sslmode=disable'))
  connection.terminate()
  t.true(asked.sessions.length <= 1 + tries, 'the sessions, and no cancel connection')
})

test.serial('a host that falls silent at any step leaves time for the next one', async (t) => {
  await using open = await ScriptedServer.start(
    async (session) => void (await session.login({ in_hot_standby: 'on' })),
  )
  const leaves = async (at: string, host: string, parameters: string): Promise<void> => {
    const dsn = `postgresql://someone:a-password@${host},127.0.0.1:${open.port}/db${parameters}`
    const connection = await connect(dsn, { timeout: 2 * AT_ONCE_MS })
    t.false(connection.isClosed(), at)
    connection.terminate()
  }
  await using deaf = await startDeafListener()
  addNames({ 'mute.test': 'silence' })
  await Promise.all([
    leaves('instead of an address', 'mute.test:1', '?sslmode=disable'),
    leaves('at the dial', `127.0.0.1:${deaf.port}`, '?sslmode=disable'),
    ...Object.entries(stalls).map(async ([at, { parameters = '?sslmode=disable', script }]) => {
      await using silent = await ScriptedServer.start(script)
      // The next one has no TLS.
      await leaves(at, `127.0.0.1:${silent.port}`, parameters.replace('=require', '=prefer'))
      t.true(silent.sessions.length > 0, at)
    }),
  ])
})

test.serial('the budget and a signal end a dial that nobody accepts', async (t) => {
  await using deaf = await startDeafListener()
  const before = socketsTo(deaf.port)
  const target = `postgresql://someone@127.0.0.1:${deaf.port}/db`
  await endsIn(t, 'connect', target)
  const signal = AbortSignal.timeout(LIMIT_MS)
  t.is((await ending(target, { signal, timeout: null })).error, signal.reason)
  t.true(await eventually(() => socketsTo(deaf.port) === before))
})

test.serial('the budget ends a name service that never answers', async (t) => {
  addNames({ 'silent.test': 'silence' })
  const { error } = await endsIn(t, 'resolve', 'postgresql://someone@silent.test/db')
  t.regex(error.message, /"silent\.test"/)
})

test.serial('the budget and a signal end a password function that never answers', async (t) => {
  await using server = await ScriptedServer.start((session) => session.end())
  const password = (): Promise<string> => new Promise(() => {})
  await endsIn(t, 'password', server.dsn(), { password })
  const signal = AbortSignal.timeout(LIMIT_MS)
  t.is((await ending(server.dsn(), { password, signal })).error, signal.reason)
  t.is(server.sessions.length, 0, 'it is asked before a socket is opened')
})

test.serial('what a password function throws is what connect rejects with', async (t) => {
  await using server = await ScriptedServer.start((session) => session.end())
  const given = new Error('the vault is sealed')
  for (const password of [
    () => {
      throw given
    },
    () => Promise.reject(given),
  ]) {
    const { error } = await ending(server.dsn(), { password })
    t.is(error, given)
  }
  t.is(server.sessions.length, 0)
})

test.serial('one budget covers all hosts, and the error says what became of those before', async (t) => {
  const stall: Script = async (session) => void (await session.startup())
  await using broken = await ScriptedServer.start((session) => session.end())
  await using silent = await ScriptedServer.start(stall)
  const hosts = `127.0.0.1:${broken.port},127.0.0.1:${silent.port},127.0.0.1:${silent.port}`
  const dsn = `postgresql://someone@${hosts}/db?sslmode=disable`
  const atSecond = (error: any): boolean => error.cause !== undefined
  const { error, tries } = await endsIn(t, 'authentication', dsn, {}, atSecond)
  t.true(silent.sessions.length <= tries, 'the second eats the budget')
  t.is(error.cause.errors.length, 1)
})

test.serial('connect_timeout is for each host, so the next one has its turn', async (t) => {
  await using silent = await ScriptedServer.start(async (session) => void (await session.startup()))
  await using open = await ScriptedServer.start(async (session) => void (await session.login()))
  const hosts = `127.0.0.1:${silent.port},127.0.0.1:${open.port}`
  const started = performance.now()
  // One second counts as two, as in libpq.
  const target = `postgresql://someone@${hosts}/db?sslmode=disable&connect_timeout=1`
  const connection = await connect(target)
  const elapsed = performance.now() - started
  connection.terminate()
  t.true(elapsed >= 1_990 && elapsed < GUARD_MS, `${elapsed}`)
  t.true(await eventually(() => socketsTo(silent.port) === 0))
})

test.serial('connect_timeout alone ends the only host with a TimeoutError', async (t) => {
  await using silent = await ScriptedServer.start(async (session) => void (await session.startup()))
  const { error, elapsed } = await ending(silent.dsn('?sslmode=disable&connect_timeout=2'))
  t.true(error instanceof TimeoutError)
  t.is(error.phase, 'authentication')
  t.true(elapsed >= 1_990 && elapsed < GUARD_MS, `${elapsed}`)
})

test.serial('a budget of null or Infinity is none, of 0 or less is refused', async (t) => {
  await using server = await ScriptedServer.start(async (session) => void (await session.login()))
  for (const timeout of [null, Number.POSITIVE_INFINITY]) {
    const connection = await connect(server.dsn(), { timeout })
    connection.terminate()
  }
  for (const timeout of [0, -1, Number.NaN]) {
    t.is((await ending(server.dsn(), { timeout })).error.name, 'ClientConfigurationError')
  }
})

test.serial('a signal that was aborted before opens nothing; one aborted later harms nothing', async (t) => {
  await using server = await ScriptedServer.start(async (session) => void (await session.login()))
  const given = new Error('never mind')
  t.is((await ending(server.dsn(), { signal: AbortSignal.abort(given) })).error, given)
  t.is(server.sessions.length, 0)
  const controller = new AbortController()
  const connection = await connect(server.dsn('?sslmode=disable'), { signal: controller.signal })
  controller.abort()
  t.false(connection.isClosed())
  connection.terminate()
})

test.serial('drips of single bytes count against one budget', async (t) => {
  await using server = await ScriptedServer.start(async (session) => {
    await session.startup()
    for (const byte of Buffer.concat([authOk(), greeting()])) {
      session.send(Buffer.from([byte]))
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (session.socket.destroyed) return
    }
  })
  const result = await ending(server.dsn('?sslmode=disable'), { timeout: LIMIT_MS })
  t.true(result.error instanceof TimeoutError)
})

test.serial(
  'tcp_user_timeout bounds a dial that nobody answers, and the next host has its turn',
  async (t) => {
    await using deaf = await startDeafListener()
    await using open = await ScriptedServer.start(async (session) => void (await session.login()))
    const hosts = `127.0.0.1:${deaf.port},127.0.0.1:${open.port}`
    const parameters = 'sslmode=disable&tcp_user_timeout=300'
    const { error, elapsed } = await ending(`postgresql://someone@127.0.0.1:${deaf.port}/db?${parameters}`)
    t.is(error.name, 'ConnectionFailureError')
    t.is(error.cause.code, 'ETIMEDOUT')
    t.regex(error.hint, /firewall/)
    // The kernel looks at it when it sends again, a second after the first packet; without it, it goes on for minutes.
    t.true(elapsed < GUARD_MS, `${elapsed}`)
    const connection = await connect(`postgresql://someone@${hosts}/db?${parameters}`, { timeout: 10_000 })
    t.false(connection.isClosed())
    connection.terminate()
  },
)
