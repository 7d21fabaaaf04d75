import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { runSql } from './admin.ts'
import { type Chaos, ChaosProxy } from './chaos-proxy.ts'
import { sharedServer } from './server.ts'
import { messageTypes, readTrace } from './wire-trace.ts'

test('a real conversation passes unchanged in slices, and its messages can be read', async (t) => {
  const server = await sharedServer()
  for (const slices of [undefined, 1, { upTo: 7 }]) {
    await using proxy = await ChaosProxy.start({
      target: server,
      capture: true,
      ...(slices === undefined ? {} : { slices }),
    })
    const rows = await runSql(
      { ...server, host: proxy.host, port: proxy.port },
      "select repeat('x', 100) as x",
    )
    t.deepEqual(rows, [{ x: 'x'.repeat(100) }])
    const [connection] = proxy.connections
    while (connection?.isOpen) await delay(5)
    t.is(messageTypes(readTrace(connection?.captured.toServer ?? [], 1)), 'ppQX')
    t.regex(messageTypes(readTrace(connection?.captured.toClient ?? [])), /^RRRRS+KZTDCZ$/)
    t.is(proxy.bytesToClient, Buffer.concat(connection?.captured.toClient ?? []).length)
  }
})

test('latency delays every byte but does not add up', async (t) => {
  await withEcho({ latency: 50 }, async (client) => {
    const begun = performance.now()
    const answered = read(client, 200)
    for (let sent = 0; sent < 200; sent++) {
      client.write('x')
      await new Promise(setImmediate)
    }
    await answered
    const took = performance.now() - begun
    t.true(took >= 95 && took < 200 * 50, `took ${took}`)
  })
})

test('a drip lets so many bytes pass in so much time', async (t) => {
  await withEcho({ drip: { bytes: 10, every: 20 } }, async (client) => {
    const begun = performance.now()
    client.write('x'.repeat(100))
    await read(client, 100)
    t.true(performance.now() - begun >= 180)
  })
})

test('slices arrive one by one', async (t) => {
  await withEcho({ slices: 1 }, async (client) => {
    client.write('0123456789')
    const chunks = await read(client, 10)
    t.true(chunks.length > 5)
    t.is(Buffer.concat(chunks).toString(), '0123456789')
  })
})

for (const how of ['fin', 'reset'] as const) {
  for (const direction of ['toServer', 'toClient'] as const) {
    test(`a cut of ${direction} by ${how} lets exactly the bytes before it pass`, async (t) => {
      await withEcho({ cut: { direction, after: 4, how } }, async (client, proxy) => {
        client.write('0123456789')
        const { bytes, error } = await readToEnd(client)
        t.is(proxy.connections[0]?.[direction === 'toServer' ? 'bytesToServer' : 'bytesToClient'], 4)
        if (direction === 'toClient') t.is(bytes.toString(), '0123')
        // Node reports the end of a stream when data and reset reach it together: only without data it is sure.
        if (how === 'fin' || direction === 'toServer') t.is(error, how === 'reset' ? 'ECONNRESET' : undefined)
        t.is(proxy.open, 0)
      })
    })
  }
}

test('a stalled direction swallows bytes and FIN while the connection seems open', async (t) => {
  await withEcho({}, async (client, proxy) => {
    client.write('a')
    await read(client, 1)
    proxy.set({ stall: 'toClient' })
    client.write('b')
    client.end()
    const silent = await Promise.race([readToEnd(client), delay(100, 'silence' as const)])
    t.is(silent, 'silence')
    while (proxy.connections[0]?.clientEnded === 'not yet') await delay(5)
    t.is(proxy.connections[0]?.clientEnded, 'fin')
    t.is(proxy.bytesToServer, 2)
    t.is(proxy.open, 1)
    proxy.dropAll()
  })
})

test('a cut can leave the connection half-open', async (t) => {
  await withEcho({ cut: { direction: 'toClient', after: 2, how: 'stall' } }, async (client, proxy) => {
    client.write('0123')
    t.is(Buffer.concat(await read(client, 2)).toString(), '01')
    t.is(await Promise.race([read(client, 1), delay(50, 'silence' as const)]), 'silence')
    t.is(proxy.open, 1)
  })
})

test('how the client left is seen', async (t) => {
  await withEcho({}, async (client, proxy) => {
    client.write('a')
    await read(client, 1)
    client.resetAndDestroy()
    while (proxy.open > 0) await delay(5)
    t.is(proxy.connections[0]?.clientEnded, 'reset')
  })
})

test('bytes can be changed and repeated on the way', async (t) => {
  const transform = (chunk: Buffer, direction: string): Buffer =>
    direction === 'toClient' ? Buffer.concat([chunk, chunk]) : Buffer.from(chunk.toString().toUpperCase())
  await withEcho({ transform }, async (client) => {
    client.write('ab')
    t.is(Buffer.concat(await read(client, 4)).toString(), 'ABAB')
  })
})

test('a proxy without a server behind it resets its clients', async (t) => {
  await using proxy = await ChaosProxy.start({ target: { host: '127.0.0.1', port: 1 } })
  const client = connect({ host: proxy.host, port: proxy.port })
  const { error } = await readToEnd(client)
  t.is(error, 'ECONNRESET')
  await proxy.close()
})

async function withEcho(
  chaos: Chaos,
  body: (client: Socket, proxy: ChaosProxy) => Promise<void>,
): Promise<void> {
  const echo: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  echo.listen({ host: '127.0.0.1', port: 0 })
  await once(echo, 'listening')
  const proxy = await ChaosProxy.start({
    target: { host: '127.0.0.1', port: (echo.address() as AddressInfo).port },
    ...chaos,
  })
  const client = connect({ host: proxy.host, port: proxy.port, noDelay: true, allowHalfOpen: true })
  client.on('error', () => {})
  try {
    await body(client, proxy)
  } finally {
    client.destroy()
    await proxy.close()
    await new Promise((resolve) => echo.close(resolve))
  }
}

/** Chunks as they arrive, until there are so many bytes. */
async function read(socket: Socket, count: number): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  while (chunks.reduce((sum, chunk) => sum + chunk.length, 0) < count) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    chunks.push(chunk)
  }
  return chunks
}

function readToEnd(socket: Socket): Promise<{ bytes: Buffer; error: string | undefined }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const finish = (error?: NodeJS.ErrnoException) =>
      resolve({ bytes: Buffer.concat(chunks), error: error?.code })
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
    socket.once('error', finish)
    socket.once('end', () => finish())
  })
}
