import type { Awaitable } from './types/awaitable.ts'

/** What is read piece by piece. */
export interface Source<T> {
  next(): Awaitable<IteratorResult<T>>
  /** No more is wanted. Never fails, and waits for nothing. */
  stop(error?: unknown): void
}

/** A web stream, as far as it is read. */
interface Readable {
  getReader(): {
    read(): Promise<{ done: boolean; value?: unknown }>
    cancel(reason?: unknown): Promise<void>
  }
}

/** The pieces of an iterable, whatever they are. Throws what its own code does, and a TypeError for what is none. */
export function iterableSource<T>(source: Iterable<T> | AsyncIterable<T>): Source<T> {
  if ('getReader' in source && typeof source.getReader === 'function') {
    return readerSource<T>(source as unknown as Readable)
  }
  const iterator = iteratorOf(source)
  return {
    next: () => iterator.next(),
    stop: () =>
      quietly(() => {
        // A stream whose next piece is waited for is not ended by its iterator.
        if ('destroy' in source && typeof source.destroy === 'function') source.destroy()
        else return iterator.return?.()
      }),
  }
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}

/** The pieces of a web stream. Its iterator would cancel it behind a piece that is waited for, and so perhaps never. */
export function readerSource<T>(stream: Readable): Source<T> {
  const reader = stream.getReader()
  return {
    next: () => reader.read() as Promise<IteratorResult<T>>,
    stop: (error) => quietly(() => reader.cancel(error)),
  }
}

/** Has something done whose failure tells nobody anything: whoever does it has an error, or a result, of its own. */
export function quietly(call: () => unknown): void {
  try {
    Promise.resolve(call()).catch(() => {})
  } catch {
    // As it should be: it has ended.
  }
}

/** Whether it is waited for. What a program's own code gives may be anything. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function'
}
