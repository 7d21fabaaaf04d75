// Has large values go both ways on several connections, and prints what the process takes before and after.

import { connect } from '../../../index.ts'

const [dsn, connections, size] = process.argv.slice(2) as [string, string, string]
const length = Number(size)
const gc = globalThis.gc as () => void

async function inMemory(): Promise<{ rss: number; arrayBuffers: number }> {
  for (let i = 0; i < 4; i++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { rss, arrayBuffers } = process.memoryUsage()
  return { rss, arrayBuffers }
}

const open = await Promise.all(Array.from({ length: Number(connections) }, () => connect(dsn)))
const large = async (of: number): Promise<void> => {
  for (const connection of open) {
    const value = await connection.fetchValue<Buffer>("select repeat('x', $1)::bytea", [of])
    const back = await connection.fetchValue('select length($1::bytea)', [value])
    if (value?.length !== of || back !== of) throw new Error('it was cut on its way')
  }
}
await large(1_000)
const before = await inMemory()
await large(length)
const after = await inMemory()
await Promise.all(open.map((connection) => connection.close()))
console.log(JSON.stringify({ before, after }))
