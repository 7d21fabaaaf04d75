// Tries what is built on the machine and the runtime that it is for: loads it, connects, queries, copies, cancels.
//
// usage: node tools/try-binary.mjs DSN
import { deepEqual, equal, rejects } from 'node:assert/strict'
import process from 'node:process'
import { connect, createPool, TimeoutError } from '../dist/index.js'

const [dsn] = process.argv.slice(2)
if (dsn === undefined) {
  console.error('usage: node tools/try-binary.mjs DSN')
  process.exit(2)
}

const connection = await connect(dsn)
const row = await connection.fetchRow('select $1::int4 as n, $2::text as t, 12.50::numeric as d', [42, 'é'])
deepEqual(row, { n: 42, t: 'é', d: '12.50' })
await connection.execute('create temporary table tried (id int4, name text)')
await connection.copyRecordsToTable('tried', {
  records: Array.from({ length: 1000 }, (_, id) => [id, `name ${id}`]),
})
equal(await connection.fetchValue('select count(*) from tried'), 1000)
let bytes = 0
await connection.copyFromTable('tried', {
  output: (piece) => {
    bytes += piece.length
  },
})
equal(bytes, 12_780)
await rejects(connection.fetch('select pg_sleep(60)', [], { timeout: 50 }), TimeoutError)
const [{ ssl }] = await connection.fetch('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
await connection.close()

const pool = await createPool(dsn, { maxSize: 4 })
const squares = await Promise.all([1, 2, 3, 4].map((n) => pool.fetchValue('select $1::int4 * $1', [n])))
deepEqual(squares, [1, 4, 9, 16])
await pool.close()

const { platform, arch, versions } = process
const runtime = versions.bun
  ? `Bun ${versions.bun}`
  : versions.deno
    ? `Deno ${versions.deno}`
    : `Node.js ${versions.node}`
console.log(`${platform}-${arch}, ${runtime}: works${ssl ? ', over TLS' : ''}`)
