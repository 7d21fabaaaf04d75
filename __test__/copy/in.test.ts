import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import test from 'ava'
import {
  BadCopyFileFormatError,
  type Connection,
  type CopySource,
  connect,
  InterfaceError,
  InvalidTextRepresentationError,
} from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { readTrace } from '../support/wire-trace.ts'
import { scratch, slowly, TWO } from './ends.ts'
import { openTable } from './table.ts'

function rows(connection: Connection): Promise<unknown[]> {
  return connection.fetch('select * from t order by 1')
}

const READ = [
  { a: 1, b: 'x' },
  { a: 2, b: null },
]

function aborter(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

test('bytes, text, files, streams and iterables go in', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const path = join(await scratch(t), 'rows')
  await writeFile(path, TWO)
  const bytes = (): Uint8Array[] => Array.from(TWO, (byte) => Uint8Array.of(byte))
  const sources: [name: string, make: () => CopySource][] = [
    ['bytes', () => TWO],
    ['a Uint8Array', () => new Uint8Array(TWO)],
    ['text', () => ({ text: TWO.toString() })],
    ['a file', () => ({ path })],
    ['a file stream', () => createReadStream(path, { highWaterMark: 3 })],
    ['a readable', () => Readable.from(bytes())],
    ['a web stream', () => new Blob([TWO]).stream()],
    ['an iterable', () => bytes()],
    ['a generator', () => bytes().values()],
    ['an async generator', () => slowly(bytes())],
    ['pieces without bytes', () => [Buffer.alloc(0), TWO, Buffer.alloc(0)]],
  ]
  for (const [name, make] of sources) {
    t.is(await connection.copyToTable('t', { source: make() }), 'COPY 2', name)
    t.deepEqual(await rows(connection), READ, name)
    await connection.execute('truncate t')
  }
  t.is(await connection.copyToTable('t', { source: [] }), 'COPY 0')
  t.is(await connection.copyToTable('t', { source: Buffer.alloc(0) }), 'COPY 0')
})

test('every option of the format is written as it was given', async (t) => {
  const connection = await openTable(t, 'a text, b text, "C d" text')
  await connection.copyToTable('t', {
    source: { text: "C d;a;b\n'x''y';;''\nnil;'p\\;q';'nil'\n" },
    columns: ['C d', 'a', 'b'],
    format: 'csv',
    delimiter: ';',
    null: 'nil',
    header: 'match',
    quote: "'",
    escape: "'",
    forceNotNull: ['a'],
    forceNull: ['b'],
    encoding: 'UTF8',
    where: "a is distinct from 'nobody'",
  })
  t.deepEqual(await connection.fetch('select * from t'), [
    { a: '', b: '', 'C d': "x'y" },
    { a: 'p\\;q', b: null, 'C d': null },
  ])
  const where = { source: { text: 'a\tb\tc\nd\te\tf\n' }, where: "b = 'e'" }
  t.is(await connection.copyToTable('t', where), 'COPY 1')
  await connection.transaction(async (tx) => {
    await tx.execute('create table frozen (a int)')
    t.is(await tx.copyToTable('frozen', { source: { text: '1\n' }, freeze: true }), 'COPY 1')
    await tx.execute('drop table frozen')
  })
  const latin = { source: Buffer.from('é\t\t\n', 'latin1'), encoding: 'LATIN1' }
  await connection.copyToTable('t', latin)
  t.is(await connection.fetchValue("select count(*) from t where a = 'é'"), 1)
})

test('what came out in binary goes in again', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  await connection.execute("insert into t select n, 'row ' || n from generate_series(1, 1000) n")
  const pieces: Buffer[] = []
  const output = (piece: Buffer): void => void pieces.push(piece)
  await connection.copyFromTable('t', { output, format: 'binary' })
  await connection.execute('create temp table u (like t)')
  t.is(await connection.copyToTable('u', { source: pieces, format: 'binary' }), 'COPY 1000')
  t.is(await connection.fetchValue('select count(*) from (table t except table u) x'), 0)
})

test('one large piece goes in, and so do many small ones', async (t) => {
  const connection = await openTable(t, 'a text')
  const line = Buffer.from(`${'x'.repeat(999)}\n`)
  const large = Buffer.concat(Array.from({ length: 20_000 }, () => line))
  t.is(await connection.copyToTable('t', { source: large }), 'COPY 20000')
  const small = (function* () {
    for (let i = 0; i < 100_000; i++) yield Buffer.from(`${i}\n`)
  })()
  t.is(await connection.copyToTable('t', { source: small }), 'COPY 100000')
  t.is(await connection.fetchValue('select sum(length(a)) from t'), 20_000 * 999 + 488_890)
})

test('a piece of any size goes down in messages of 64 KiB', async (t) => {
  const database = await testDatabase()
  const proxy = await ChaosProxy.start({ target: database.server, capture: true })
  t.teardown(() => proxy.close())
  const { host, port } = proxy
  const connection = await connect(database.dsn({ host, port, parameters: { sslmode: 'disable' } }))
  t.teardown(() => connection.terminate())
  await connection.execute('create temp table t (a text)')
  const source = Buffer.alloc(1_000_000, `${'x'.repeat(99)}\n`)
  t.is(await connection.copyToTable('t', { source }), 'COPY 10000')
  const sent = readTrace(proxy.connections[0]!.captured.toServer, 1).filter(({ type }) => type === 'd')
  t.deepEqual(Buffer.concat(sent.map(({ body }) => body)), source)
  const lengths = sent.map(({ body }) => body.length)
  t.deepEqual([...new Set(lengths)], [64 * 1024, source.length % (64 * 1024)])
})

test('a source is not read further than the server takes it', async (t) => {
  const connection = await openTable(t, 'a text')
  const blocker = await open(t)
  await connection.execute('create table held (a text)')
  t.teardown(() => blocker.execute('drop table if exists held'))
  await blocker.execute('begin; lock table held')
  let given = 0
  const source = (function* () {
    for (;;) {
      given++
      yield Buffer.alloc(1024, '\n')
    }
  })()
  const pid = connection.getServerPid()
  const { signal, abort } = aborter()
  const copy = reason(connection.copyToTable('held', { source, signal }))
  const waits = 'select count(*) from pg_stat_activity where pid = $1 and wait_event_type = $2'
  await until(
    'the COPY waits for the lock',
    async () => (await blocker.fetchValue(waits, [pid, 'Lock'])) === 1,
  )
  t.is(given, 0, 'the server has not asked for data')
  await blocker.execute('rollback')
  await until('the source is read', () => given > 0)
  abort()
  t.is(await copy, signal.reason)
})

test('the server refuses what it cannot read, and the connection goes on', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const bad = await reason(connection.copyToTable('t', { source: { text: '1\tx\nzwei\ty\n' } }))
  t.true(bad instanceof InvalidTextRepresentationError)
  t.regex(bad.context, /^COPY t, line 2, column a: "zwei"/)
  const short = await reason(connection.copyToTable('t', { source: { text: '1\n' } }))
  t.true(short instanceof BadCopyFileFormatError)
  const cut = await reason(
    connection.copyToTable('t', { source: { text: 'no signature' }, format: 'binary' }),
  )
  t.true(cut instanceof BadCopyFileFormatError)
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})

test('in a transaction it is a part of it', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  await connection.transaction(async (tx) => {
    t.is(await tx.copyToTable('t', { source: TWO }), 'COPY 2')
    t.true(connection.isInTransaction())
  })
  t.is(await connection.fetchValue('select count(*) from t'), 2)
  const failure = new Error('back')
  const failed = connection.transaction(async (tx) => {
    await tx.copyToTable('t', { source: TWO })
    throw failure
  })
  t.is(await reason(failed), failure)
  t.is(await connection.fetchValue('select count(*) from t'), 2)
  const transaction = connection.transaction()
  await transaction.start()
  await transaction.commit()
  const late = await reason(transaction.copyToTable('t', { source: TWO }))
  t.true(late instanceof InterfaceError)
  t.regex(late.message, /already committed/)
  // What was called before its end is part of it, also when the file is opened only then.
  const path = join(await scratch(t), 'rows')
  await writeFile(path, TWO)
  const last = connection.transaction()
  await last.start()
  const copy = last.copyToTable('t', { source: { path } })
  await last.commit()
  t.is(await copy, 'COPY 2')
  t.is(await connection.fetchValue('select count(*) from t'), 4)
})

test('progress is told in bytes, and at the end in rows', async (t) => {
  const connection = await openTable(t, 'a text')
  const told: { bytes: number; rows: number | undefined }[] = []
  const source = slowly(Array.from({ length: 200 }, () => Buffer.alloc(10_000, 'xxxxxxxxx\n')))
  await connection.copyToTable('t', { source, onProgress: (progress) => void told.push(progress) })
  t.deepEqual(told.at(-1), { bytes: 2_000_000, rows: 200_000 })
  t.true(told.slice(0, -1).every(({ rows }) => rows === undefined))
})

test('what cannot be is refused before anything is sent', async (t) => {
  const connection = await openTable(t, 'a int, b text')
  const refused: [options: any, message: RegExp][] = [
    [undefined, /COPY needs the option source/],
    [{ source: null }, /COPY needs the option source/],
    [{ source: 'file' }, /invalid source: .* got a string/],
    [{ source: 1 }, /invalid source/],
    [{ source: {} }, /invalid source/],
    [{ source: { text: '\ud800' } }, /lone surrogate/],
    [{ source: TWO, where: 1 }, /invalid where/],
    [{ source: TWO, freeze: 'yes' }, /invalid freeze/],
    [{ source: TWO, forceNull: 'a' }, /invalid forceNull: expected an array/],
    [{ source: TWO, output: 1 }, /there is no option "output"/],
    [{ source: TWO, columns: [''] }, /a name cannot be empty/],
  ]
  for (const [options, message] of refused) {
    const error = await reason(connection.copyToTable('t', options))
    t.true(error instanceof InterfaceError, String(error))
    t.regex(error.message, message)
  }
  t.is((await reason(connection.copyToTable('t', { source: { path: '/no/such/file' } }))).code, 'ENOENT')
  t.is(await connection.fetchValue('select count(*) from t'), 0)
})
