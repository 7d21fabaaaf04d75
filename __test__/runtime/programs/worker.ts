// A worker thread with queries of its own: told how by `workerData`, it reports what it saw.

import { parentPort, workerData } from 'node:worker_threads'
import { connect } from '../../../index.ts'

interface Data {
  dsn: string
  mode: 'finite' | 'endless' | 'leave' | 'rest' | 'endless rest'
  tag: number
}

const { dsn, mode, tag } = workerData as Data
const connection = await connect(dsn)
const post = (message: unknown): void => parentPort?.postMessage(message)

async function round(): Promise<void> {
  const numbers = Array.from({ length: 50 }, (_, i) => i)
  const values = await Promise.all(
    numbers.map((n) => connection.fetchValue('select $1::int + $2::int', [tag * 1_000, n])),
  )
  if (values.some((value, n) => value !== tag * 1_000 + n)) throw new Error(`worker ${tag} got ${values}`)
  const rows = await connection.fetch<{ n: number; t: string }>(
    'select n, $1 || n t from generate_series(1, 2000) n',
    [`w${tag}-`],
  )
  if (rows.some(({ n, t }, i) => n !== i + 1 || t !== `w${tag}-${n}`))
    throw new Error(`worker ${tag} got foreign rows`)
}

if (mode === 'finite') {
  for (let i = 0; i < 10; i++) await round()
  await connection.close()
  post('done')
} else if (mode === 'leave') {
  await round()
  // Ends with a connection that nobody closed and a query nobody waits for.
  connection.fetch('select pg_sleep(60)').catch(() => {})
  post('done')
  process.exit(0)
} else if (mode === 'rest' || mode === 'endless rest') {
  // One query at a time; ends with a connection that nobody closed.
  for (let i = 0; i < 50; i++) await connection.fetchValue('select 1')
  post('rests')
  while (mode === 'endless rest') await connection.fetchValue('select 1')
} else {
  post('busy')
  for (;;) await round()
}
