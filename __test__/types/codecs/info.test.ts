import test from 'ava'
import { InterfaceError } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { asking } from '../own/open.ts'
import { catalog, openWith, own } from './open.ts'

test('the settings tell how the values of a built-in type pass', async (t) => {
  const settings = (await open(t)).getSettings()
  const int4 = settings.getCodec('int4', { schema: catalog })
  t.deepEqual(int4, {
    type: { oid: 23, name: 'int4', kind: 'scalar', schema: catalog },
    format: 'binary',
    origin: 'builtin',
  })
  t.true(Object.isFrozen(int4))
  const cases: [type: string, oid: number, format: string, origin: string][] = [
    ['integer', 23, 'binary', 'builtin'],
    ['timestamp with time zone', 1184, 'binary', 'builtin'],
    ['int4[]', 1007, 'binary', 'derived'],
    ['_int4', 1007, 'binary', 'derived'],
    ['numrange', 3906, 'binary', 'derived'],
    ['nummultirange', 4532, 'binary', 'derived'],
    ['regclass', 2205, 'text', 'fallback'],
    ['regclass[]', 2210, 'text', 'derived'],
    ['money', 790, 'text', 'fallback'],
    ['aclitem', 1033, 'text', 'fallback'],
  ]
  for (const [type, oid, format, origin] of cases) {
    const found = settings.getCodec(type, { schema: catalog })
    t.deepEqual([found?.type.oid, found?.format, found?.origin], [oid, format, origin], type)
  }
  t.is(settings.getCodec('int4'), undefined, 'in the schema public')
  t.is(settings.getCodec('INT4x', { schema: catalog }), undefined)
  for (const wrong of ['', undefined, 5]) {
    t.throws(() => settings.getCodec(wrong as string), { instanceOf: InterfaceError })
  }
  t.throws(() => settings.getCodec('int4', { schema: 5 } as never), { instanceOf: InterfaceError })
})

test('a codec that was set is told with what is made of its type, until it is taken back', async (t) => {
  const connection = await openWith(
    t,
    `create type mood as enum ('so'); create type pair as (id uuid, acl aclitem);
     create domain amount as numeric; create type span as range (subtype = numeric)`,
  )
  const schema = await own(connection)
  const settings = connection.getSettings()
  const told = (type: string, of: string = schema): unknown[] | undefined => {
    const found = settings.getCodec(type, { schema: of })
    return found && [found.type.name, found.type.kind, found.format, found.origin]
  }
  await connection.fetch('select $1::mood[], $2::pair, $3::amount, $4::span', [null, null, null, null])
  t.deepEqual(told('mood'), ['mood', 'enum', 'binary', 'derived'])
  t.deepEqual(told('mood[]'), ['mood[]', 'array', 'binary', 'derived'])
  t.deepEqual(told('pair'), ['pair', 'composite', 'text', 'derived'])
  t.deepEqual(told('amount'), ['amount', 'domain', 'binary', 'derived'])
  t.deepEqual(told('span'), ['span', 'range', 'binary', 'derived'])
  const text = { encode: String, decode: String }
  await connection.setTypeCodec({ type: 'decimal', schema: catalog, ...text })
  await connection.setTypeCodec({ type: 'date', schema: catalog, format: 'tuple', ...text })
  await connection.setTypeCodec({ type: 'uuid', schema: catalog, format: 'binary', ...text })
  await connection.setTypeCodec({ type: 'pair', schema, format: 'tuple', ...text })
  await connection.setBuiltinTypeCodec('mood', { schema, codecName: 'text' })
  t.deepEqual(told('numeric', catalog), ['numeric', 'scalar', 'text', 'custom'])
  t.deepEqual(told('decimal', catalog), ['numeric', 'scalar', 'text', 'custom'])
  t.deepEqual(told('numeric[]', catalog), ['numeric[]', 'array', 'text', 'derived'])
  t.deepEqual(told('amount'), ['amount', 'domain', 'text', 'derived'])
  t.deepEqual(told('span'), ['span', 'range', 'text', 'derived'])
  t.deepEqual(told('date', catalog), ['date', 'scalar', 'tuple', 'custom'])
  t.deepEqual(told('uuid', catalog), ['uuid', 'scalar', 'binary', 'custom'])
  t.deepEqual(told('pair'), ['pair', 'composite', 'tuple', 'custom'])
  t.deepEqual(told('mood'), ['mood', 'enum', 'binary', 'custom'])
  t.deepEqual(told('mood[]'), ['mood[]', 'array', 'binary', 'derived'])
  await connection.resetTypeCodec('numeric', { schema: catalog })
  t.deepEqual(told('numeric', catalog), ['numeric', 'scalar', 'binary', 'builtin'])
  t.deepEqual(told('amount'), ['amount', 'domain', 'binary', 'derived'])
})

test('a type of the database is told once it was met, and with a codec at once', async (t) => {
  const way = await asking(t)
  const connection = await way.connect({ serverSettings: { search_path: 'pg_temp' } })
  await connection.execute(`create type mood as enum ('so'); create type other as enum ('la')`)
  const schema = await own(connection)
  const settings = connection.getSettings()
  t.is(settings.getCodec('mood', { schema }), undefined)
  await connection.setTypeCodec({ type: 'other', schema, encode: String, decode: String })
  const { type, ...rest } = settings.getCodec('other', { schema }) ?? {}
  t.deepEqual([type?.name, type?.kind, type?.schema], ['other', 'enum', schema])
  t.deepEqual(rest, { format: 'text', origin: 'custom' })
  await connection.fetch('select null::mood')
  t.is(settings.getCodec('mood', { schema })?.origin, 'derived')
  t.is(settings.getCodec('mood', { schema: 'public' }), undefined)
  connection.terminate()
  t.is(settings.getCodec('int4', { schema: catalog }), undefined, 'the connection is closed')
})

test('a codec is no parameter of the server', async (t) => {
  const settings = (await open(t)).getSettings()
  t.true('getCodec' in settings)
  t.false(Object.keys(settings).includes('getCodec'))
  t.is(settings.get('getCodec'), undefined)
  t.false(Reflect.set(settings, 'getCodec', 5))
})
