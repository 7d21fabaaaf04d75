// A worker thread that queries and ends by itself.

import { parentPort, workerData } from 'node:worker_threads'
import { connect } from 'cornac'

const connection = await connect(workerData.dsn)
parentPort.postMessage(await connection.fetchValue('select 42'))
await connection.close()
