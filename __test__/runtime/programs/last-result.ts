// Reads a result, lets go of it, makes no other call, and prints whether it is still there.

import { setImmediate as turn } from 'node:timers/promises'
import { connect } from '../../../index.ts'

const [dsn] = process.argv.slice(2) as [string]

const connection = await connect(dsn)

async function read(): Promise<WeakRef<object>> {
  return new WeakRef(await connection.fetch('select n from generate_series(1, 1000) n'))
}

const result = await read()
// A WeakRef keeps what it was made of until its own turn has ended.
await turn()
globalThis.gc?.()
process.stdout.write(JSON.stringify({ isKept: result.deref() !== undefined }))
await connection.close()
