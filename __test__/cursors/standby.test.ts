import test from 'ava'
import { connect } from '../../index.ts'
import { startReplicationPair } from '../support/standby.ts'

test('cursors read on a hot standby', async (t) => {
  const pair = await startReplicationPair()
  t.teardown(() => pair.stop())
  const connection = await connect(pair.standby.dsn())
  t.teardown(() => connection.terminate())
  await connection.transaction(
    async () => {
      let sum = 0
      for await (const { n } of connection.cursor('select n from generate_series(1, 100) n')) sum += n
      t.is(sum, 5050)
      const cursor = await connection.cursor('select n from generate_series(1, 100) n').open()
      t.is(await cursor.forward(99), 99)
      t.deepEqual(await cursor.fetchRow(), { n: 100 })
      await cursor.close()
    },
    { readonly: true },
  )
})
