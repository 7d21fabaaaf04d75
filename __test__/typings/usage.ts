// What users write, and what the types must refuse. Checked by tools/check-typings.mjs, and by settings.test.ts as part
// of projects with other settings.
import {
  type CallOptions,
  Connection,
  type ConnectOptions,
  type Cursor,
  connect,
  type Pool,
  type PostgresLogMessage,
  type PreparedStatement,
  sql,
} from 'cornac'

/** Settings as a program has them: each may be missing. */
declare const env: { readonly [name: string]: string | undefined }
declare const limit: number | undefined
declare const signal: AbortSignal | undefined

export const options: ConnectOptions = {
  dsn: env.DSN,
  host: ['a', 'b'] as const,
  port: [5432, '5433'] as const,
  user: env.USER,
  password: env.PASSWORD,
  timeout: limit,
  commandTimeout: limit,
  statementCacheSize: limit,
  ssl: { ca: env.CA, cert: undefined, crl: ['x'] as const, rejectUnauthorized: undefined },
  requireAuth: ['md5', 'scram-sha-256'] as const,
  serverSettings: Object.freeze({ application_name: 'me' }),
  types: { int8: undefined, date: 'string' },
  oauthToken: undefined,
  onCallbackError: undefined,
  signal,
}

export const methods: ConnectOptions[] = [
  { requireAuth: 'none' },
  { requireAuth: '!none' },
  { requireAuth: 'md5,scram-sha-256' },
  { requireAuth: '!password,!md5' },
  { requireAuth: ['!password', '!md5'] },
  // @ts-expect-error no such method
  { requireAuth: 'kerberos' },
  // @ts-expect-error a list is of one kind
  { requireAuth: ['md5', '!password'] },
]

export const call: CallOptions = { timeout: limit, signal }

// @ts-expect-error connect() makes connections
export const impossible: Connection = new Connection()

class Counted extends Connection {
  calls = 0
}

export async function use(): Promise<number> {
  await using connection = await connect(env.DSN, { connectionClass: Counted, user: env.USER })
  await using other = await connect({ connectionClass: Counted })
  const plain: Connection = await connect(env.DSN)
  const log = (_: Connection, message: PostgresLogMessage): string => message.severity
  connection.addLogListener(log)
  connection.removeLogListener(log)
  // @ts-expect-error no member of Connection itself
  plain.calls
  await plain.fetch(sql`select ${1}`, { timeout: limit })
  return connection.calls + other.calls
}

export async function readParts(connection: Connection): Promise<string[]> {
  await using statement = await connection.prepare<{ name: string }>('select name from city', {
    name: undefined,
    timeout: limit,
    signal,
  })
  const names = (await statement.fetch([], { timeout: limit })).map(({ name }) => name)
  const cursors = [
    statement.cursor([], { prefetch: limit }),
    connection.cursor<{ name: string }>('select name from city where id = $1', [1]),
    connection.cursor(sql<{ name: string }>`select name from city where id = ${1}`, { prefetch: limit }),
  ]
  for (const cursor of cursors) for await (const { name } of cursor) names.push(name)
  await using cursor: Cursor<{ name: string }> = await statement.cursor().open({ timeout: limit })
  names.push((await cursor.fetchRow())?.name ?? '', ...(await cursor.fetch(2)).map(({ name }) => name))
  // @ts-expect-error how many
  await cursor.fetch()
  // @ts-expect-error a cursor is opened first
  await statement.cursor().fetch(1)
  const prepared: PreparedStatement = await connection.prepare(sql`select 1`)
  prepared.getParameters().map((type) => type.name)
  return names
}

// @ts-expect-error neither Connection nor a subclass of it
export const foreign: ConnectOptions = { connectionClass: Map }

/** A template has the rows that its call, or what the call is given to, asks for. */
export async function readTemplates(connection: Connection, pool: Pool): Promise<string[]> {
  interface City {
    name: string
  }
  const cities = await connection.fetch<City>(sql`select name from city where id > ${1}`)
  const wanted: City[] = await pool.fetch(sql`select name from city`)
  const row = await pool.fetchRow<City>(sql`select name from city limit 1`, { timeout: limit })
  const { rows } = await connection.query<City>(sql`select name from city`)
  for await (const { name } of connection.cursor<City>(sql`select name from city`)) cities.push({ name })
  // @ts-expect-error the rows of this template are others
  await connection.fetch<City>(sql<{ id: number }>`select id from city`)
  return [...cities, ...wanted, ...rows, ...(row === null ? [] : [row])].map(({ name }) => name)
}
