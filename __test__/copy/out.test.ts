import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import test from 'ava'
import {
  DivisionByZeroError,
  InterfaceError,
  PostgresSyntaxError,
  QueryCanceledError,
  sql,
  TimeoutError,
  UndefinedTableError,
} from '../../index.ts'
import { open, reason } from '../query/open.ts'
import { Gate } from '../support/gate.ts'
import { collector, scratch } from './ends.ts'

/**
 * Its rows are made one by one: nobody waits for the last. One such COPY at a time, since each takes a whole processor, and
 * a session whose statement still runs 5 s after the first cancel request is given up.
 */
const endless = "select repeat('x', 1000), generate_series(1, 1000000000)"

test('a query comes out as text, as CSV and in binary', async (t) => {
  const connection = await open(t)
  const query = "select n, 'x' || n as s, null::int as z from generate_series(1, 2) n"
  const text = collector()
  t.is(await connection.copyFromQuery(query, [], { output: text.take }), 'COPY 2')
  t.is(text.text(), '1\tx1\t\\N\n2\tx2\t\\N\n')
  const csv = collector()
  await connection.copyFromQuery(query, undefined, { output: csv.take, format: 'csv', header: true })
  t.is(csv.text(), 'n,s,z\n1,x1,\n2,x2,\n')
  const binary = collector()
  await connection.copyFromQuery('select 258', [], { output: binary.take, format: 'binary' })
  const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')
  const rest = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 1, 2, 0xff, 0xff])
  t.deepEqual(binary.bytes(), Buffer.concat([signature, rest]))
})

test('every option of the format is written as it was given', async (t) => {
  const connection = await open(t)
  const query = `select 'a;b' as a, 'it''s' as b, null::text as c, 'plain' as "Odd ""name"""`
  const output = collector()
  await connection.copyFromQuery(query, [], {
    output: output.take,
    format: 'csv',
    delimiter: ';',
    null: 'n \\N',
    header: true,
    quote: "'",
    escape: '\\',
    forceQuote: ['Odd "name"', 'a'],
    encoding: 'LATIN1',
  })
  t.is(output.text(), `a;b;c;Odd "name"\n'a;b';'it\\'s';n \\N;'plain'\n`)
  const all = collector()
  await connection.copyFromQuery('select 1, 2', [], { output: all.take, format: 'csv', forceQuote: true })
  t.is(all.text(), '"1","2"\n')
  const latin = collector()
  await connection.copyFromQuery("select 'é'", [], { output: latin.take, encoding: 'LATIN1' })
  t.deepEqual(latin.bytes(), Buffer.from('é\n', 'latin1'))
})

test('arguments stand in the place of parameters, and nowhere else', async (t) => {
  const connection = await open(t)
  const copy = async (query: string, args: unknown[]): Promise<string> => {
    const output = collector()
    await connection.copyFromQuery(query, args, { output: output.take })
    return output.text()
  }
  t.is(await copy('select $1::int + $2', [1, 2]), '3\n')
  t.is(await copy('select $1::text', ["it's a \\ and $2"]), "it's a \\\\ and $2\n")
  t.is(await copy('select $1::int is null, $1::int', [null]), 't\t\\N\n')
  t.is(await copy('select n from generate_series(1, 4) n where n = any($1)', [[2, 4]]), '2\n4\n')
  t.is(await copy('select $1::timestamptz', [new Date(0)]), await copy('select to_timestamp(0)', []))
  const odd = `select '$1', "$1", $$ $1 $$, $t$ $1 $t$, E'\\'$1', -- $1
    /* $1 /* $1 */ $1 */ $1::int from (select 1 as "$1") a$1`
  t.is(await copy(odd, [7]), "$1\t1\t $1 \t $1 \t'$1\t7\n")
  const query = sql`select ${'a'}::text, ${2}::int`
  const output = collector()
  t.is(await connection.copyFromQuery(query, { output: output.take }), 'COPY 1')
  t.is(output.text(), 'a\t2\n')
})

test('an argument of a query that is copied is of its own type, as in any other call', async (t) => {
  const connection = await open(t)
  const copies: [query: string, args: unknown[], expected: string][] = [
    ['select $1::bpchar, $2::bit(3), $3::bpchar[]', ['hello  ', '101', ['ab', 'cd']], 'hello  |101|{ab,cd}'],
    ["select 1 from (values ('abc'::bpchar, B'101')) v (a, b) where a = $1 and b = $2", ['abc', '101'], '1'],
    ['select $1::float8, $1 / 2', [5], '5|2.5'],
    ['select $1::int[], $1[2]', [[7, 8]], '{7,8}|8'],
    ["select json_build_object('a', $1::int, 'b', $1)", [5], '{"a" : 5, "b" : 5}'],
    ['select n from generate_series(1, 3) n order by $1::int, -n', [1], '3;2;1'],
    ['select -$1::int, $2::inet, $3::"char"', [3, '10.0.0.1', 'x'], '-3|10.0.0.1|x'],
  ]
  for (const [query, args, expected] of copies) {
    const output = collector()
    await connection.copyFromQuery(query, args, { output: output.take, delimiter: '|' })
    t.is(output.text(), `${expected.replaceAll(';', '\n')}\n`, query)
  }
})

test('a wrong number of arguments is told before the query runs', async (t) => {
  const connection = await open(t)
  const output = collector()
  const copy = connection.copyFromQuery('select $1::int, $2::int', [1], { output: output.take })
  const error = await reason(copy)
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'the server expects 2 arguments for this query, 1 was passed')
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a table comes out, by columns and schema, whatever its name is', async (t) => {
  const connection = await open(t)
  await connection.execute(`create schema "S.t"; create table "S.t"."odd ""name" ("A" int, b text, c int);
    insert into "S.t"."odd ""name" values (1, 'x', 3)`)
  const output = collector()
  const options = { output: output.take, schema: 'S.t', columns: ['c', 'A'] }
  t.is(await connection.copyFromTable('odd "name', options), 'COPY 1')
  t.is(output.text(), '3\t1\n')
  const error = await reason(connection.copyFromTable('S.t.odd "name', { output: output.take }))
  t.true(error instanceof UndefinedTableError)
  t.regex(error.query, /^COPY "S\.t\.odd ""name" TO STDOUT/)
})

test('files, Node streams and web streams take it, and are ended', async (t) => {
  const connection = await open(t)
  const query = 'select n from generate_series(1, 50000) n'
  const expected = `${Array.from({ length: 50_000 }, (_, i) => i + 1).join('\n')}\n`
  const path = join(await scratch(t), 'numbers')
  t.is(await connection.copyFromQuery(query, [], { output: { path } }), 'COPY 50000')
  t.is(await readFile(path, 'utf8'), expected)
  const stream = new PassThrough()
  const [, read] = await Promise.all([
    connection.copyFromQuery(query, [], { output: stream }),
    stream.toArray() as Promise<Buffer[]>,
  ])
  t.is(Buffer.concat(read).toString(), expected)
  const web = new TransformStream<Uint8Array, Uint8Array>()
  const [, response] = await Promise.all([
    connection.copyFromQuery(query, [], { output: web.writable }),
    new Response(web.readable).text(),
  ])
  t.is(response, expected)
})

test('a web stream that takes nothing in advance takes all, and one that is closed is told', async (t) => {
  const connection = await open(t)
  let bytes = 0
  const write = ({ length }: Uint8Array): void => {
    bytes += length
  }
  const query = "select repeat('x', 99) from generate_series(1, 5000)"
  for (const highWaterMark of [0, 1, 1000]) {
    bytes = 0
    const output = new WritableStream({ write }, { highWaterMark })
    t.is(await connection.copyFromQuery(query, [], { output, timeout: 20_000 }), 'COPY 5000')
    t.is(bytes, 500_000, String(highWaterMark))
  }
  const output = new WritableStream({ write })
  await output.close()
  const error = await reason(connection.copyFromQuery(query, [], { output }))
  t.true(error instanceof InterfaceError)
  t.is(error.message, 'the output was ended before all data was written to it')
})

test('a slow output holds the server back', async (t) => {
  const connection = await open(t)
  let taken = 0
  let isBusy = false
  const output = async (piece: Buffer): Promise<void> => {
    t.false(isBusy, 'one piece at a time')
    isBusy = true
    await new Promise((resolve) => setImmediate(resolve))
    isBusy = false
    taken += piece.length
  }
  const query = "select repeat('x', 1000) from generate_series(1, 20000)"
  t.is(await connection.copyFromQuery(query, [], { output }), 'COPY 20000')
  t.is(taken, 20_000 * 1001)
})

test.serial('an output that fails ends the COPY with its error, and the connection goes on', async (t) => {
  const connection = await open(t)
  const failure = new Error('no room')
  let pieces = 0
  const fails = (): void => {
    if (++pieces === 3) throw failure
  }
  t.is(await reason(connection.copyFromQuery(endless, [], { output: fails })), failure)
  t.is(await connection.fetchValue('select 1'), 1)
  const rejects = async (): Promise<void> => {
    throw failure
  }
  t.is(await reason(connection.copyFromQuery(endless, [], { output: rejects })), failure)
  t.is(await connection.fetchValue('select 2'), 2)
  const stream = new Writable({ write: (_piece, _encoding, done) => done(failure) })
  t.is(await reason(connection.copyFromQuery(endless, [], { output: stream })), failure)
  t.true(stream.destroyed)
  t.is(await connection.fetchValue('select 3'), 3)
  const web = new WritableStream({
    write() {
      throw failure
    },
  })
  t.is(await reason(connection.copyFromQuery(endless, [], { output: web })), failure)
  t.is(await connection.fetchValue('select 4'), 4)
})

test.serial('a stream that is destroyed from outside ends the COPY', async (t) => {
  const connection = await open(t)
  const stream = new PassThrough()
  const copy = reason(connection.copyFromQuery(endless, [], { output: stream }))
  await once(stream, 'readable')
  stream.destroy()
  t.is((await copy).code, 'ERR_STREAM_PREMATURE_CLOSE')
  t.is(await connection.fetchValue('select 1'), 1)
})

test('a query that fails midway rejects, and the output is told', async (t) => {
  const connection = await open(t)
  const stream = new PassThrough()
  stream.resume()
  const query = 'select 1 / (100000 - n) from generate_series(1, 200000) n'
  const error = await reason(connection.copyFromQuery(query, [], { output: stream }))
  t.true(error instanceof DivisionByZeroError)
  t.true(stream.destroyed)
  t.is(stream.errored, error)
  const syntax = await reason(connection.copyFromQuery('selec 1', [], { output: () => {} }))
  t.true(syntax instanceof PostgresSyntaxError)
  t.is(await connection.fetchValue('select 1'), 1)
})

test.serial('an abort and a timeout end it at any time', async (t) => {
  const connection = await open(t)
  const controller = new AbortController()
  let pieces = 0
  const output = (): void => {
    if (++pieces === 3) controller.abort()
  }
  const aborted = connection.copyFromQuery(endless, [], { output, signal: controller.signal })
  t.is(await reason(aborted), controller.signal.reason)
  t.is(await connection.fetchValue('select 1'), 1)
  // While no data flows.
  const silent = connection.copyFromQuery('select pg_sleep(60)', [], { output, timeout: 2_000 })
  const error = await reason(silent)
  t.true(error instanceof TimeoutError)
  t.true(error.maybeExecuted)
  t.is(await connection.fetchValue('select 2'), 2)
  // While the output is busy, with the server waiting for it, or done long ago.
  for (const query of [endless, 'select 1']) {
    const stuck = connection.copyFromQuery(query, [], { output: () => new Promise(() => {}), timeout: 50 })
    t.true((await reason(stuck)) instanceof TimeoutError, query)
    t.is(await connection.fetchValue('select 3'), 3)
  }
  const late = connection.copyFromQuery('select 1', [], {
    output: () => new Promise(() => {}),
    signal: AbortSignal.timeout(50),
  })
  t.is((await reason(late)).name, 'TimeoutError')
})

test.serial('closing the connection ends a COPY that waits for its output', async (t) => {
  const connection = await open(t)
  const gate = new Gate()
  const copy = reason(connection.copyFromQuery(endless, [], { output: () => gate.pass() }))
  await gate.reached
  await connection.close()
  t.true((await copy) instanceof QueryCanceledError)
})

test('of two COPYs the second waits for the end of the first', async (t) => {
  const connection = await open(t)
  // The data says when the server made it. Which promise settles first is up to the outputs, each with a pace of its own.
  const collect = (pieces: Buffer[]) => async (piece: Buffer) => {
    pieces.push(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const first: Buffer[] = []
  const second: Buffer[] = []
  await Promise.all([
    connection.copyFromQuery('select clock_timestamp() from generate_series(1, 100000)', [], {
      output: collect(first),
    }),
    connection.copyFromQuery('select clock_timestamp()', [], { output: collect(second) }),
  ])
  const times = Buffer.concat(first).toString().trimEnd().split('\n')
  const last = Buffer.concat(second).toString().trimEnd()
  t.is(times.length, 100_000)
  t.true(new Date(times.at(-1)!) <= new Date(last))
})

test('progress is told now and then, and at the end', async (t) => {
  const connection = await open(t)
  const told: { bytes: number; rows: number | undefined }[] = []
  const options = {
    output: () => new Promise<void>((resolve) => setImmediate(resolve)),
    onProgress: (progress: { bytes: number; rows: number | undefined }) => void told.push(progress),
    format: 'csv' as const,
    header: true,
  }
  const query = "select repeat('x', 99) as x from generate_series(1, 300000)"
  const began = performance.now()
  await connection.copyFromQuery(query, [], options)
  const most = (performance.now() - began) / 100 + 1
  t.true(told.length <= most, `${told.length} reports, ${most} at most`)
  t.deepEqual(told.at(-1), { bytes: 300_000 * 100 + 2, rows: 300_000 })
  const failure = new Error('enough')
  const fails = (): void => {
    throw failure
  }
  t.is(
    await reason(connection.copyFromQuery('select 1', [], { output: () => {}, onProgress: fails })),
    failure,
  )
  t.is(await connection.fetchValue('select 1'), 1)
})

test('what cannot be is refused before anything is sent', async (t) => {
  const connection = await open(t)
  const output = (): void => {}
  const refused: [promise: Promise<unknown>, message: RegExp][] = [
    [connection.copyFromTable('t', undefined as any), /COPY needs the option output/],
    [connection.copyFromTable('t', {} as any), /COPY needs the option output/],
    [
      connection.copyFromTable('t', { output: 'file' as any }),
      /invalid output: expected a stream, .* got a string/,
    ],
    [connection.copyFromTable('t', { output: 1 as any }), /invalid output/],
    [connection.copyFromTable('t', { output, format: 'json' as any }), /invalid format/],
    [connection.copyFromTable('t', { output, header: 'yes' as any }), /invalid header: expected a boolean/],
    [connection.copyFromTable('t', { output, delimiter: 1 as any }), /invalid delimiter: expected a string/],
    [connection.copyFromTable('t', { output, columns: 'a' as any }), /invalid columns: expected an array/],
    [connection.copyFromTable('t', { output, columns: [1] as any }), /invalid columns: expected a name/],
    [connection.copyFromTable('', { output }), /invalid table: a name cannot be empty/],
    [connection.copyFromTable('a\0b', { output }), /NUL character/],
    [connection.copyFromTable(1 as any, { output }), /invalid table: expected a name, got 1/],
    [connection.copyFromTable('t', { output, source: 1 } as any), /there is no option "source"/],
    [connection.copyFromTable('t', { output, onProgress: 1 as any }), /onProgress must be a function/],
    [connection.copyFromQuery(1 as any, [], { output }), /the query must be a string/],
    [connection.copyFromQuery('select 1', 1 as any, { output }), /query arguments must be one array/],
    [connection.copyFromQuery(sql`select 1`, [] as any), /has its arguments in it/],
  ]
  for (const [promise, message] of refused) {
    const error = await reason(promise)
    t.true(error instanceof InterfaceError, String(error))
    t.regex(error.message, message)
  }
  const missing = connection.copyFromTable('t', { output: { path: '/no/such/folder/file' } })
  t.is((await reason(missing)).code, 'ENOENT')
  t.is(await connection.fetchValue('select 1'), 1)
})
