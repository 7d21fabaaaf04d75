import type { FileHandle } from 'node:fs/promises'
import { isUint8Array } from 'node:util/types'
import { files } from '../builtins.ts'
import { shown } from '../call-options.ts'
import { InterfaceError } from '../errors/index.ts'
import { iterableSource, quietly, readerSource, type Source } from '../iterable-source.ts'
import type { CopySource } from './options.ts'

/** Bytes of a file that are read at once. */
const BLOCK = 256 * 1024

/** Throws an InterfaceError for what gives no bytes, and what the file system says of a file. */
export async function openSource(source: CopySource): Promise<Source<unknown>> {
  if (isUint8Array(source)) return listSource([source])
  if (typeof source === 'object' && source !== null) {
    if ('getReader' in source) return readerSource(source)
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return iterableSource<unknown>(source)
    if ('path' in source && typeof source.path === 'string')
      return fileSource(await files().open(source.path, 'r'))
    if ('text' in source && typeof source.text === 'string') return listSource([textBytes(source.text)])
  }
  throw new InterfaceError(
    `invalid source: expected bytes, a stream, an iterable of bytes, { path } or { text }, got ${shown(source)}`,
    { hint: 'give { path: file } for a file and { text: string } for data' },
  )
}

function textBytes(text: string): Buffer {
  if (!text.isWellFormed()) throw new InterfaceError('the text has a lone surrogate, which has no UTF-8 form')
  return Buffer.from(text, 'utf8')
}

function listSource(pieces: readonly Uint8Array[]): Source<Uint8Array> {
  const iterator = pieces.values()
  return { next: () => iterator.next(), stop: () => {} }
}

/** Reads into the same memory each time: a piece is of use until the next one is asked for. */
function fileSource(file: FileHandle): Source<Uint8Array> {
  const block = Buffer.allocUnsafeSlow(BLOCK)
  let isClosed = false
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    await file.close()
  }
  return {
    async next() {
      const { bytesRead } = await file.read(block, 0, BLOCK, null)
      if (bytesRead > 0) return { done: false, value: block.subarray(0, bytesRead) }
      await close()
      return { done: true, value: undefined }
    },
    stop: () => quietly(close),
  }
}
