// The guide's tables have every public name of asyncpg, and what they say of ours is there.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { BitString, createPool, errors, Range, Record } from '../../index.ts'
import { testDatabase } from '../support/server.ts'

/** The public members of asyncpg 0.32, by their classes. Those that Python gives to every tuple or exception are left out. */
const ASYNCPG: { readonly [owner: string]: string } = {
  connect: `dsn host port user password passfile service servicefile database loop timeout statement_cache_size
    max_cached_statement_lifetime max_cacheable_statement_size command_timeout ssl direct_tls connection_class
    record_class server_settings target_session_attrs krbsrvname gsslib`,
  create_pool: `init_size min_size max_size max_queries max_inactive_connection_lifetime connect setup init reset
    connect_kwargs`,
  Connection: `add_listener add_log_listener add_query_logger add_termination_listener close copy_from_query
    copy_from_table copy_records_to_table copy_to_table cursor execute executemany fetch fetchmany fetchrow fetchval
    get_reset_query get_server_pid get_server_version get_settings is_closed is_in_transaction prepare query_logger
    reload_schema_state remove_listener remove_log_listener remove_query_logger remove_termination_listener reset
    reset_type_codec set_builtin_type_codec set_type_codec terminate transaction`,
  'options of calls': `column prefetch name isolation readonly deferrable analyze encoder decoder schema codec_name
    table_name output source records columns schema_name format oids delimiter null header quote escape force_quote
    force_not_null force_null freeze encoding where`,
  Pool: `acquire close copy_from_query copy_from_table copy_records_to_table copy_to_table execute executemany
    expire_connections fetch fetchmany fetchrow fetchval get_idle_size get_init_size get_max_size get_min_size get_size is_closing
    release set_connect_args terminate`,
  PreparedStatement: `cursor executemany explain fetch fetchmany fetchrow fetchval get_attributes get_name
    get_parameters get_query get_statusmsg`,
  Cursor: 'fetch fetchrow forward',
  Transaction: 'commit rollback start',
  Record: 'get items keys values',
  LoggedQuery: 'query args timeout elapsed exception conn_addr conn_params',
  types: `Type Attribute Range BitString Point Path Polygon Box Line LineSegment Circle ServerVersion
    ConnectionSettings isempty issubset issuperset lower lower_inc lower_inf upper upper_inc upper_inf as_string bytes
    from_int frombytes to_int kind name oid schema type major micro minor releaselevel serial x y high low is_closed
    points A B C p1 p2 center radius`,
  errors: `exceptions InterfaceWarning PostgresLogMessage as_dict column_name constraint_name context data_type_name
    detail hint internal_position internal_query message position schema_name server_source_filename
    server_source_function server_source_line severity severity_en sqlstate table_name`,
}

const page = readFileSync('docs/guide/from-asyncpg.md', 'utf8')

/** The cells of the tables: what is left, what is right. */
const rows = [...page.matchAll(/^\| (.*?) \| (.*) \|$/gm)].map(([, theirs = '', ours = '']) => ({
  theirs,
  ours,
}))

test('every public name of asyncpg is in a table', (t) => {
  t.true(rows.length > 80)
  const named = new Set(rows.flatMap(({ theirs }) => theirs.match(/[A-Za-z_][A-Za-z_0-9]*/g) ?? []))
  named.add('connect_kwargs')
  for (const [owner, names] of Object.entries(ASYNCPG)) {
    for (const name of names.split(/\s+/)) t.true(named.has(name), `${owner}: ${name}`)
  }
})

test('what the tables name of ours is there', async (t) => {
  const database = await testDatabase()
  const pool = await createPool(database.dsn(), { recordClass: Record })
  t.teardown(() => pool.terminate())
  await pool.withConnection((connection) =>
    connection.transaction(async (tx) => {
      const statement = await connection.prepare('select 1 as name')
      const cursor = await statement.cursor().open()
      const record = (await statement.fetchRow())!
      const error = Object.values(errors).find(({ name }) => name === 'UniqueViolationError')!.prototype
      const range = new Range(1, 5)
      const owners: { [name: string]: object } = {
        connection,
        pool,
        statement,
        cursor,
        tx,
        record,
        error,
        range,
      }
      let found = 0
      for (const { ours } of rows) {
        let owner: string | undefined
        for (const [, code = ''] of ours.matchAll(/`([^`]+)`/g)) {
          const call = /^(?:(?:const \w+ = )?(?:await )?|for .* of )?(?:(\w+)\.)?(\w+)(\(|$)/.exec(code)
          if (call === null) continue
          const [, named, member = '', opens] = call
          if (named !== undefined) owner = named
          const on = owner === undefined ? undefined : owners[owner]
          if (on === undefined || (named === undefined && opens !== '(' && !/^[a-z]+[A-Z]/.test(member)))
            continue
          found++
          t.true(member in on, `${owner}.${member}, of ${ours}`)
        }
      }
      t.true(found > 60, String(found))
    }),
  )
  t.is(String(new BitString((10).toString(2).padStart(4, '0'))), '1010')
  t.is(BigInt(`0b${new BitString('1010')}`), 10n)
})
