import type { FileHandle } from 'node:fs/promises'
import process from 'node:process'
import { files, stream as streams } from '../builtins.ts'
import { shown } from '../call-options.ts'
import { InterfaceError } from '../errors/index.ts'
import { quietly } from '../iterable-source.ts'
import { failed } from '../stream-errors.ts'
import type { Awaitable } from '../types/awaitable.ts'
import type { WebWritable } from '../types/platform.ts'
import type { CopyOutput } from './options.ts'

/** Where the data of a COPY goes. */
export interface Sink {
  /** Takes a piece; the next one comes when this is done. */
  write(piece: Buffer): Awaitable<void>
  /** That was all. */
  end(): Awaitable<void>
  /** There is no more, because of this error. Never fails. */
  abort(error: unknown): void
}

/** Throws an InterfaceError for what no data can go to, and what the file system says of a file. */
export async function openSink(output: CopyOutput): Promise<Sink> {
  if (typeof output === 'function') return { write: output, end: () => {}, abort: () => {} }
  if (typeof output === 'object' && output !== null) {
    if ('getWriter' in output) return webSink(output)
    if ('write' in output && 'on' in output) return new NodeSink(output as NodeJS.WritableStream)
    if ('path' in output && typeof output.path === 'string')
      return fileSink(await files().open(output.path, 'w'))
  }
  throw new InterfaceError(
    `invalid output: expected a stream, a function or { path }, got ${shown(output)}`,
    {
      hint:
        typeof output === 'string' ? 'a file is given as { path: file }' : 'give { path: file } for a file',
    },
  )
}

function fileSink(file: FileHandle): Sink {
  return {
    async write(piece) {
      for (let at = 0; at < piece.length; ) {
        at += (await file.write(piece, at, piece.length - at)).bytesWritten
      }
    },
    end: () => file.close(),
    abort: () => quietly(() => file.close()),
  }
}

function webSink(stream: WebWritable): Sink {
  const writer = stream.getWriter()
  let isClosed = false
  writer.closed.then(
    () => {
      isClosed = true
    },
    // It is told where it is waited for.
    () => {},
  )
  return {
    async write(piece) {
      if (isClosed) throw endedEarly()
      const written = writer.write(piece)
      // The first: one that counts nothing in advance is never ready. The second: others take more meanwhile.
      await Promise.race([written, writer.ready])
    },
    end: () => writer.close(),
    abort: (error) => quietly(() => writer.abort(error)),
  }
}

function endedEarly(): InterfaceError {
  return new InterfaceError('the output was ended before all data was written to it')
}

/** A Node stream. What it says at any time counts: errors, and that it is destroyed. */
class NodeSink implements Sink {
  readonly #stream: NodeJS.WritableStream
  readonly #stopListening: () => void
  #failure: { readonly error: unknown } | undefined
  #isFinished = false
  #wake: (() => void) | undefined

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
    this.#stopListening = streams().finished(stream, { readable: false }, (error) => {
      if (error) this.#failure = { error }
      this.#isFinished = true
      this.#wake?.()
    })
    stream.on('drain', this.#drained)
  }

  readonly #drained = (): void => this.#wake?.()

  async write(piece: Buffer): Promise<void> {
    this.#check()
    if (this.#stream.write(piece)) return
    await this.#woken()
    this.#check()
  }

  async end(): Promise<void> {
    if (this.#isStandard) return this.#leave()
    this.#stream.end()
    while (!this.#isFinished) await this.#woken()
    this.#leave()
    if (this.#failure !== undefined) throw this.#failure.error
  }

  abort(error: unknown): void {
    this.#leave()
    const stream = this.#stream as NodeJS.WritableStream & { destroy?: (error?: Error) => void }
    if (this.#isStandard || this.#isFinished) return
    // Whoever listens to it learns why; where nobody does, the COPY's own rejection says it.
    stream.on('error', () => {})
    quietly(() => {
      stream.destroy?.(error instanceof Error ? error : failed(error))
    })
  }

  get #isStandard(): boolean {
    return this.#stream === process.stdout || this.#stream === process.stderr
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#isFinished) throw endedEarly()
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.#isFinished) resolve()
    })
  }

  #leave(): void {
    this.#stopListening()
    this.#stream.removeListener('drain', this.#drained)
  }
}
