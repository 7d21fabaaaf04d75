// A server that talks too much, or claims to be about to: memory stays where it is.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import test from 'ava'
import { connect, ProtocolError } from '../../index.ts'
import {
  bindComplete,
  commandComplete,
  dataRow,
  int16,
  int32,
  message,
  noticeResponse,
  notificationResponse,
  parameterDescription,
  parameterStatus,
  parseComplete,
  readyForQuery,
  rowDescription,
} from '../support/protocol-messages.ts'
import { ScriptedServer, type ScriptedSession } from '../support/scripted-server.ts'
import { eventually } from '../support/waiting.ts'
import { answer, describe, one, served } from './conversation.ts'
import { outcome } from './outcome.ts'

const { serial } = test
const MB = 2 ** 20

/** Sends as fast as it is read, and no faster. */
async function pour(session: ScriptedSession, bytes: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times; i++) if (!session.socket.write(bytes)) await once(session.socket, 'drain')
}

/** Growth of the resident set in MB while `run` runs. */
async function measured<T>(run: () => Promise<T>): Promise<{ result: T; growth: number }> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const result = await run()
  globalThis.gc?.()
  return { result, growth: (process.memoryUsage.rss() - before) / MB }
}

/** MB that are allocated, touched or not, where the system tells of that. */
function allocated(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss() / MB
  const [, kilobytes] = /^VmData:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!
  return Number(kilobytes) / 1024
}

const repeated = (bytes: Buffer, times: number): Buffer =>
  Buffer.concat(Array.from({ length: times }, () => bytes))

for (const [name, flood, count] of [
  ['notices', noticeResponse({ M: 'noise', D: 'x'.repeat(1_000) }), 300_000],
  ['notifications', notificationResponse('channel', 'x'.repeat(1_000)), 300_000],
  ['parameter changes', parameterStatus('application_name', 'x'.repeat(1_000)), 300_000],
] as const) {
  serial(`${count} ${name} before an answer leave memory where it is`, async (t) => {
    const connection = await served(t, async (session) => {
      await describe(session)
      await session.expectUntil('S')
      await pour(session, repeated(flood, 1_000), count / 1_000)
      session.send(bindComplete(), one, commandComplete('SELECT 1'), readyForQuery())
    })
    const { result, growth } = await measured(() => connection.fetch('select a'))
    t.deepEqual(result, [{ a: 1 }])
    t.log(`${growth.toFixed(1)} MB`)
    // Half of what came: both sides of the conversation are within this process, with their buffers and their garbage.
    t.true(growth < (count * 1_000) / MB / 2, `${growth} MB`)
  })
}

serial('a flood of notices that somebody listens to comes in order and whole', async (t) => {
  const count = 50_000
  const connection = await served(t, async (session) => {
    await describe(session)
    await session.expectUntil('S')
    for (let from = 0; from < count; from += 1_000) {
      const notices = Array.from({ length: 1_000 }, (_, i) => noticeResponse({ M: String(from + i) }))
      await pour(session, Buffer.concat(notices), 1)
    }
    session.send(bindComplete(), one, commandComplete('SELECT 1'), readyForQuery())
  })
  let next = 0
  let inOrder = true
  connection.addLogListener((_, { message }) => {
    if (message !== String(next++)) inOrder = false
  })
  await connection.fetch('select a')
  t.true(await eventually(() => next === count))
  t.is(next, count)
  t.true(inOrder)
})

for (const [name, bytes] of [
  [
    'a row of a gigabyte',
    Buffer.concat([Buffer.from('D'), int32(2 ** 30 - 5), int16(1), int32(2 ** 30 - 100)]),
  ],
  ['a notice of a gigabyte', Buffer.concat([Buffer.from('N'), int32(2 ** 30 - 5)])],
  ['an error of a gigabyte', Buffer.concat([Buffer.from('E'), int32(2 ** 30 - 5)])],
] as const) {
  serial(`${name} that is announced and does not come takes no memory`, async (t) => {
    const connection = await served(t, async (session) => {
      await describe(session)
      await session.expectUntil('S')
      session.send(bindComplete(), bytes)
    })
    const before = allocated()
    await outcome(connection.fetch('select a', [], { timeout: 300 }))
    const growth = allocated() - before
    t.true(growth < 512, `${growth} MB`)
    connection.terminate()
    t.true(connection.isClosed())
  })
}

serial('messages beyond maxMessageSize end the session at their header', async (t) => {
  const server = await ScriptedServer.start(async (session) => {
    await session.login()
    await describe(session)
    await session.expectUntil('S')
    session.send(bindComplete(), Buffer.concat([Buffer.from('D'), int32(2 ** 20 + 5)]))
  })
  t.teardown(() => server.close().catch(() => {}))
  const connection = await connect(server.dsn(), { maxMessageSize: 2 ** 20 })
  const result = await outcome(connection.fetch('select a'))
  t.true(result.kind === 'rejected' && result.error.cause instanceof ProtocolError)
  t.regex(
    result.kind === 'rejected' ? result.error.cause.message : '',
    /message 'D' of 1048577 bytes, the limit is 1048576/,
  )
})

/** What reached code as text once (CVE-2017-16082) and what else objects and source texts are sensitive to. */
const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  '',
  '0',
  '4294967295',
  "\\'/*",
  "'; process.exit(1); '",
  '"]; process.exit(1); //',
  '\u0024{process.exit(1)}',
  '`',
  'line\nbreak\r',
  '\u2028\u2029',
  '*/ process.exit(1) /*',
  'out',
  'I[w]',
  '😀',
  '\u0000'.repeat(0),
]

serial('hostile column names are the names of own properties, and nothing else happens', async (t) => {
  const untouched = Object.getOwnPropertyNames(Object.prototype)
  for (const list of [
    ...names.map((name) => [name]),
    [...new Set(names)],
    Array.from({ length: 1_600 }, (_, i) => `c${i}`),
    ['twice', 'twice', '__proto__', '__proto__'],
  ]) {
    const connection = await served(t, async (session) => {
      await session.expectUntil('S')
      session.send(
        parseComplete(),
        parameterDescription(),
        rowDescription(...list.map((name) => ({ name, type: 25 }))),
        readyForQuery(),
      )
      await answer(session, dataRow(...list.map((_, i) => `value ${i}`)))
    })
    const row = (await connection.fetchRow('select')) as Record<string, unknown>
    const expected = new Map(list.map((name, i) => [name, `value ${i}`]))
    t.is(Object.getPrototypeOf(row), Object.prototype)
    t.deepEqual(
      new Map(Object.entries(row)),
      new Map([...expected].sort(([a], [b]) => Object.keys(row).indexOf(a) - Object.keys(row).indexOf(b))),
    )
    connection.terminate()
  }
  t.deepEqual(Object.getOwnPropertyNames(Object.prototype), untouched)
})

serial(
  'notices, notifications and parameters between any two messages, byte by byte, are never taken for rows',
  async (t) => {
    const between = Buffer.concat([
      noticeResponse(),
      notificationResponse('c', 'p'),
      parameterStatus('application_name', 'new'),
    ])
    const describing = [
      parseComplete(),
      parameterDescription(),
      rowDescription({ name: 'a', type: 23 }),
      readyForQuery(),
    ]
    const answering = [bindComplete(), one, one, one, commandComplete('SELECT 3'), readyForQuery()]
    for (let boundary = 0; boundary <= describing.length + answering.length; boundary++) {
      const mixed = (messages: readonly Buffer[], first: number): Buffer =>
        Buffer.concat(messages.flatMap((each, i) => (first + i === boundary ? [between, each] : [each])))
      const connection = await served(t, async (session) => {
        await session.expectUntil('S')
        await session.sendInPieces(mixed(describing, 0))
        await session.expectUntil('S')
        await session.sendInPieces(mixed(answering, describing.length))
        if (boundary === describing.length + answering.length) session.send(between)
      })
      const seen: string[] = []
      connection.addLogListener((_, { message }) => seen.push(message))
      t.deepEqual(await connection.fetch('select a'), [{ a: 1 }, { a: 1 }, { a: 1 }], `boundary ${boundary}`)
      t.true(await eventually(() => seen.length === 1))
      t.true(await eventually(() => connection.getSettings().application_name === 'new'))
      connection.terminate()
    }
  },
)

serial('a parameter of its own for every message is no way to fill memory', async (t) => {
  const connection = await served(t, async (session) => {
    await describe(session)
    await session.expectUntil('S')
    for (let from = 0; from < 50_000; from += 1_000) {
      const many = Array.from({ length: 1_000 }, (_, i) =>
        parameterStatus(`parameter_${from + i}`, 'x'.repeat(500)),
      )
      await pour(session, Buffer.concat(many), 1)
    }
    session.send(bindComplete(), one, commandComplete('SELECT 1'), readyForQuery(), message('!'))
  })
  await outcome(connection.fetch('select a'))
  t.true(connection.isClosed())
  t.true(Object.keys(connection.getSettings()).length <= 1_000)
})
