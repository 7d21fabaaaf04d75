import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'

/** What a COPY gives, put together. */
export interface Collector {
  readonly take: (piece: Buffer) => void
  bytes(): Buffer
  text(): string
}

export function collector(): Collector {
  const pieces: Buffer[] = []
  const bytes = (): Buffer => Buffer.concat(pieces)
  return { take: (piece) => void pieces.push(piece), bytes, text: () => bytes().toString() }
}

/** A folder that is gone when the test ends. */
export async function scratch(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'copy-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Two rows of a number and a text, as COPY has them. */
export const TWO = Buffer.from('1\tx\n2\t\\N\n')

/** The pieces of data, each in a later turn of the event loop. */
export async function* slowly<T>(pieces: Iterable<T>): AsyncGenerator<T> {
  for (const piece of pieces) {
    await new Promise((resolve) => setImmediate(resolve))
    yield piece
  }
}

/** A file that cannot be opened, for reading or for writing. */
export const nowhere: string = join(tmpdir(), 'there is no such folder', 'file')
