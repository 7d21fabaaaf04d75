// Messages of the server that no string can hold, or that nobody wants to hold: only whom they are for is concerned.

import { once } from 'node:events'
import test from 'ava'
import { type PostgresLogMessage, RaiseError } from '../../index.ts'
import { open, reason } from '../query/open.ts'
import {
  commandComplete,
  cstring,
  int32,
  noticeResponse,
  readyForQuery,
} from '../support/protocol-messages.ts'
import type { ScriptedSession } from '../support/scripted-server.ts'
import { eventually } from '../support/waiting.ts'
import { served } from './conversation.ts'

const { serial } = test

/** Beyond the 536,870,888 characters of a string. */
const TOO_LONG = 600_000_000

/** Half a gigabyte takes seconds, and minutes on a machine that does much else. */
const BUSY_MS = 600_000

const raise = (level: string, size: number): string =>
  `do $$ begin raise ${level} using message = repeat('x', ${size}); end $$`

/** An error or a notice with a message of so many bytes; a real server would write it into its log as well. */
async function say(session: ScriptedSession, type: 'E' | 'N', fields: readonly string[]): Promise<void> {
  const before = Buffer.concat(fields.map((field) => cstring(field)))
  session.send(
    Buffer.concat([Buffer.from(type), int32(4 + before.length + 1 + TOO_LONG + 2), before, Buffer.from('M')]),
  )
  const part = Buffer.alloc(1_000_000, 'x')
  for (let sent = 0; sent < TOO_LONG; sent += part.length) {
    if (!session.socket.write(part)) await once(session.socket, 'drain')
  }
  session.send(Buffer.from([0, 0]))
}

serial('an error that is too long for a string is cut and says so; nothing else is concerned', async (t) => {
  t.timeout(BUSY_MS)
  const connection = await served(t, async (session) => {
    await session.expectUntil('Q')
    await say(session, 'E', ['SERROR', 'VERROR', 'CP0001', 'Dthe detail'])
    session.send(readyForQuery())
    await session.expectUntil('Q')
    session.send(commandComplete('SET'), readyForQuery())
  })
  const other = await open(t)
  const error = await reason(connection.execute('too long'))
  t.true(error instanceof RaiseError, String(error.message).slice(0, 100))
  t.is(error.sqlstate, 'P0001')
  t.is(error.detail, 'the detail')
  t.true(error.message.startsWith('xxxx'))
  t.true(error.message.length < 20_000_000)
  t.regex(error.message.slice(-60), /x … \(cut, it has 600000000 bytes\)$/)
  t.is(typeof error.stack, 'string')
  t.is(await connection.execute('set'), 'SET')
  t.is(await other.fetchValue('select 1'), 1)
})

serial('so is a notice, and the listener gets the next one', async (t) => {
  t.timeout(BUSY_MS)
  const heard: PostgresLogMessage[] = []
  const connection = await served(t, async (session) => {
    await session.expectUntil('Q')
    await say(session, 'N', ['SNOTICE', 'VNOTICE', 'C00000'])
    session.send(noticeResponse({ S: 'NOTICE', V: 'NOTICE', C: '00000', M: 'short' }))
    session.send(commandComplete('SET'), readyForQuery())
    await session.expectUntil('Q')
    session.send(commandComplete('SET'), readyForQuery())
  })
  const other = await open(t)
  connection.addLogListener((_, message) => heard.push(message))
  t.is(await connection.execute('too long'), 'SET')
  t.is(await connection.execute('set'), 'SET')
  t.is(await other.fetchValue('select 1'), 1)
  t.true(await eventually(() => heard.length === 2))
  t.regex((heard[0]?.message ?? '').slice(-60), /x … \(cut, it has 600000000 bytes\)$/)
  t.is(heard[1]?.message, 'short')
})

serial('a text is not cut within a character', async (t) => {
  t.timeout(BUSY_MS)
  const connection = await open(t)
  for (const [before, character] of [
    ['', 'é'],
    ['x', 'é'],
    ['x', '€'],
    ['xx', '€'],
    ['xxx', '😀'],
  ]) {
    const sql = `do $$ begin raise '%', '${before}' || repeat('${character}', 9000000); end $$`
    const { message } = await reason(connection.execute(sql))
    const [, text] = /^(.*) … \(cut, it has \d+ bytes\)$/s.exec(message) ?? []
    const rest = text?.slice(before?.length) ?? ''
    t.true(rest.replaceAll(character as string, '') === '', `${before}${character}`)
    t.true(Buffer.byteLength(text ?? '') > 16 * 1024 * 1024 - 4)
  }
})

serial('a text of a few megabytes is whole', async (t) => {
  const connection = await open(t)
  const { message } = await reason(connection.execute(raise('exception', 10_000_000)))
  t.is(message, 'x'.repeat(10_000_000))
})
