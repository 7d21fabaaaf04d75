import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { BitString, type Connection, connect, DataError } from '../../../index.ts'
import { reason } from '../../query/open.ts'
import { pgvector, startPgvector } from '../../support/pgvector.ts'
import { requiring } from '../../support/requirements.ts'
import type { OwnServer } from '../../support/server.ts'

const vectorTest = requiring(pgvector)
let server: OwnServer

test.before(async () => {
  if (!pgvector.available) return
  server = await startPgvector()
  await server.admin('create extension vector')
})

async function open(t: ExecutionContext): Promise<Connection> {
  const connection = await connect(server.dsn({ database: 'postgres' }))
  t.teardown(() => connection.terminate())
  return connection
}

vectorTest(
  'vectors of all types go in and come out, alone, in arrays, in composites and by COPY',
  async (t) => {
    const connection = await open(t)
    await connection.execute(`
    create type pg_temp.pair as (v vector, n int); create domain pg_temp.embedding as vector;
    create type pg_temp.domain_pair as (v pg_temp.embedding, n int);
    create type pg_temp.half_pair as (h halfvec, n int);
    create type pg_temp.held as (v vector, h halfvec, s sparsevec, b bit(4));
    create temp table item (id int, v vector(3), h halfvec(2), s sparsevec(5), b bit(4), all_of vector[])`)
    const cases: [type: string, value: unknown, text: string, comes?: unknown][] = [
      ['vector', [1, 2.5, -3], '[1,2.5,-3]'],
      ['vector', Float32Array.of(0.1, 2), '[0.1,2]', [0.1, 2]],
      ['vector', '[1, 2]', '[1,2]', [1, 2]],
      ['vector(2)', [0, 1e-3], '[0,0.001]'],
      ['vector[]', [[1, 2], null, [3]], '{"[1,2]",NULL,[3]}'],
      [
        'vector[]',
        [
          [[1], [2]],
          [[3], [4]],
        ],
        '{{[1],[2]},{[3],[4]}}',
      ],
      ['halfvec', [1, 0.5, -65504], '[1,0.5,-65504]'],
      ['halfvec', Float64Array.of(2, 0.25), '[2,0.25]', [2, 0.25]],
      ['halfvec[]', [[1], null, [2, 3]], '{[1],NULL,"[2,3]"}'],
      ['sparsevec', '{1:1.5,3:2}/5', '{1:1.5,3:2}/5'],
      ['sparsevec[]', ['{1:1}/2', null], '{{1:1}/2,NULL}'],
      ['bit(4)', new BitString('0101'), '0101'],
      ['bit(4)[]', [new BitString('0101'), null], '{0101,NULL}'],
      [
        'pg_temp.held',
        { v: [1, 2], h: [0.5], s: '{1:1}/3', b: new BitString('1000') },
        '("[1,2]",[0.5],{1:1}/3,1000)',
      ],
      // A list may be a composite whose first attribute is a vector, beside one by name too.
      ...['pg_temp.pair', 'pg_temp.domain_pair'].map(
        (type): [type: string, value: unknown, text: string, comes?: unknown] => [
          `${type}[]`,
          [[[1, 2], 1], null, { v: [3], n: 2 }, [null, 3]],
          '{"(\\"[1,2]\\",1)",NULL,"([3],2)","(,3)"}',
          [{ v: [1, 2], n: 1 }, null, { v: [3], n: 2 }, { v: null, n: 3 }],
        ],
      ),
      [
        'pg_temp.half_pair[]',
        [
          [[0.5], 1],
          [[1, 2], null],
        ],
        '{"([0.5],1)","(\\"[1,2]\\",)"}',
        [
          { h: [0.5], n: 1 },
          { h: [1, 2], n: null },
        ],
      ],
    ]
    for (const [type, value, text, comes = value] of cases) {
      const sql = `select $1::${type} as v, format('%s', $1::${type}) as text`
      for (const round of ['first', 'second']) {
        const row: any = await connection.fetchRow(sql, [value])
        t.deepEqual(row.v, comes, `${type}, ${round}`)
        if (type !== 'sparsevec[]') t.is(row.text, text, `${type}, ${round}`)
      }
    }
    const records = [
      [1, [1, 2, 3], [0.5, 1], '{1:1.5}/5', new BitString('1010'), [[1], [2, 3]]],
      [2, [4, 5, 6], null, '{2:1}/5', null, null],
    ]
    await connection.copyRecordsToTable('item', { records })
    const { rows, columns } = await connection.query('select * from item order by id', [], { rows: 'array' })
    t.deepEqual(rows, records as any)
    t.deepEqual(
      columns.map(({ type }) => type.name),
      ['int4', 'vector', 'halfvec', 'sparsevec', 'bit', 'vector[]'],
    )
    t.is(await connection.fetchValue('select id from item order by v <-> $1 limit 1', [[4, 4, 4]]), 2)
    t.is(await connection.fetchValue('select b <~> $1 from item where id = 1', [new BitString('0000')]), 2)
    t.is(await connection.fetchValue('select avg(v)::text from item'), '[2.5,3.5,4.5]')
  },
)

vectorTest('what is no vector is refused, here or by the server', async (t) => {
  const connection = await open(t)
  for (const [type, value] of [
    ['vector', [1, Number.NaN]],
    ['vector', ['1']],
    ['vector', [1e300]],
    ['halfvec', [{}]],
  ] as const) {
    const error = await reason(connection.fetchValue(`select $1::${type}`, [value]))
    t.true(error instanceof DataError, `${error}`)
    t.is(error.argument, 1)
  }
  await connection.execute('create temp table three (v vector(3))')
  const short = await reason(connection.execute('insert into three values ($1)', [[1, 2]]))
  t.is(short.message, 'expected 3 dimensions, not 2')
  const large = await reason(connection.fetchValue('select $1::halfvec', [[1e6]]))
  t.true(large instanceof DataError)
  t.is(await connection.fetchValue('select 1'), 1)
})

vectorTest('the most dimensions that a vector has', async (t) => {
  const connection = await open(t)
  const long = Array.from({ length: 16_000 }, (_, i) => i % 100)
  t.deepEqual(await connection.fetchValue('select $1::vector', [long]), long)
  t.deepEqual(await connection.fetchValue('select $1::halfvec', [long]), long)
})

vectorTest('a codec may take the place of what vectors are here', async (t) => {
  const connection = await open(t)
  await connection.setTypeCodec({
    type: 'vector',
    format: 'binary',
    encode: (numbers: number[]) => {
      const bytes = Buffer.alloc(4 + numbers.length * 4)
      bytes.writeInt16BE(numbers.length)
      for (const [i, number] of numbers.entries()) bytes.writeFloatBE(number, 4 + i * 4)
      return bytes
    },
    decode: (bytes: Buffer) =>
      Array.from({ length: bytes.readInt16BE(0) }, (_, i) => bytes.readFloatBE(4 + i * 4)),
  })
  t.deepEqual(await connection.fetchValue('select $1::vector', [[1.5, 2]]), [1.5, 2])
  t.deepEqual(await connection.fetchValue('select $1::vector[]', [[[1.5, 2], [3]]]), [[1.5, 2], [3]])
})

vectorTest("the guide's example does what it says", async (t) => {
  const connection = await open(t)
  await connection.execute('create temp table item (id int, embedding vector(3))')
  await connection.execute("insert into item values (1, '[0.1,0.2,0.3]')")
  const guide = await readFile(new URL('../../../docs/guide/custom-types.md', import.meta.url), 'utf8')
  const [, code = ''] = /^```ts no-run\n([^`]*embedding <->[^`]*)^```$/m.exec(guide) ?? []
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor
  const said: string[] = []
  const lines = code.split('\n').map((line) => {
    const [, expression, value] = /^(await .*?) \/\/ => (.*)$/.exec(line) ?? []
    if (expression === undefined) return line
    said.push(value as string)
    return `shown.push(${expression})`
  })
  const shown: unknown[] = []
  await AsyncFunction('connection', 'shown', lines.join('\n'))(connection, shown)
  t.is(said.length, 3)
  t.deepEqual(
    shown.map((value) => inspect(value)),
    said,
  )
})
