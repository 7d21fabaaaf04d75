// What users write whose projects have no types of a runtime, or those of a browser. Checked as usage.ts is.
import { type CallOptions, type CopyOutput, type CopySource, connect, createPool, sql } from 'cornac'

export const limits: CallOptions = { timeout: 10, signal: undefined }

// @ts-expect-error no signal is a text
export const wrong: CallOptions = { signal: 'soon' }

export const outputs: CopyOutput[] = [{ path: 'x' }, async (piece) => void piece.length.toFixed()]

export const sources: CopySource[] = [{ text: '1\n' }, { path: 'x' }, new Uint8Array(3), [new Uint8Array(3)]]

// @ts-expect-error a text is no data
export const source: CopySource = '1\n'

export async function use(): Promise<number | null> {
  await using connection = await connect({ host: 'localhost' })
  const pool = await createPool()
  await pool.copyRecordsToTable('t', { records: [[1, new Uint8Array(3)]] })
  return connection.fetchValue<number>(sql`select ${1}::int`, limits)
}
