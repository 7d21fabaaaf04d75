// The server's own tables and views hold values of nearly every type that has no literal.

import test from 'ava'
import { open } from '../query/open.ts'

test('every relation of the catalog is read, each array with its elements', async (t) => {
  const connection = await open(t)
  await connection.execute(
    'create table odd (a int primary key, b text[] default $${}$$, c int4range); analyze odd',
  )
  const relations: any[] = await connection.fetch(
    `select c.oid::regclass as name, array_agg(a.attname order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind in ('r', 'v') and c.relname not like '%numa' and c.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      group by c.oid`,
  )
  t.true(relations.length > 150)
  for (const { name, columns } of relations) {
    const lengths = columns.map(
      (column: string) => `${JSON.stringify(column)}::text as ${JSON.stringify(column)}`,
    )
    const sql = `select * from ${name} limit 200`
    const { rows, columns: told } = await connection.query(sql, [], { rows: 'array' })
    const texts = await connection.query(`select ${lengths} from (${sql}) s`, [], { rows: 'array' })
    t.is(told.length, columns.length, name)
    // Views of activity and settings change from one look to the next.
    if (/activity|cursors|stat|lock|setting|prepared|wal|shmem|backend/.test(name)) continue
    for (const [i, row] of (rows as any as unknown[][]).entries()) {
      for (const [j, value] of row.entries()) {
        const text = (texts.rows[i] as any as string[] | undefined)?.[j]
        const { type } = told[j]!
        if (value === null || type.kind === 'array') {
          t.is(value === null, text === null, `${name}.${columns[j]}`)
          if (value !== null && typeof value !== 'string')
            t.true(Array.isArray(value), `${name}.${columns[j]}`)
        } else if (typeof value !== 'object' && type.name !== 'pg_lsn') {
          t.is(String(value), text as string, `${name}.${columns[j]}`)
        }
      }
    }
  }
})
