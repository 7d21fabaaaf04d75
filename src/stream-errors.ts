import { quietly } from './iterable-source.ts'

/** What can be listened to as a stream of Node can. */
interface Emitter {
  on(event: 'error', listener: () => void): unknown
  removeListener(event: 'error', listener: () => void): unknown
  destroy?(error?: Error): unknown
}

/** A web stream, as far as it is ended. */
interface WebStream {
  readonly locked: boolean
  abort?(reason: unknown): Promise<void>
  cancel?(reason: unknown): Promise<void>
}

/**
 * Makes a call that is given something to read or to write, and listens to its errors meanwhile. A stream of Node may fail
 * before the call's turn has come, and an error that nobody listens to ends the process. The call meets the failure when
 * it turns to the stream.
 *
 * A call that fails ends the stream, also one that it has never turned to: nobody else would, and it may hold a file.
 */
export function withStream<T>(stream: unknown, direction: 'in' | 'out', call: () => Promise<T>): Promise<T> {
  if (isEmitter(stream)) return listening(stream, direction, call)
  return isWebStream(stream) ? ending(stream, call) : call()
}

async function listening<T>(stream: Emitter, direction: 'in' | 'out', call: () => Promise<T>): Promise<T> {
  stream.on('error', ignore)
  let hasFailed = true
  try {
    const result = await call()
    hasFailed = false
    return result
  } catch (error) {
    endEmitter(stream, direction === 'out' ? error : undefined)
    throw error
  } finally {
    // After a call that failed, the stream is of use to nobody, and may still have to say so.
    if (!hasFailed || isStandard(stream)) stream.removeListener('error', ignore)
  }
}

async function ending<T>(stream: WebStream, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    endWebStream(stream, error)
    throw error
  }
}

/** Does nothing to one that has ended. What is read is not told why: it has not failed. */
function endEmitter(stream: Emitter, error: unknown): void {
  if (isStandard(stream)) return
  quietly(() => {
    stream.destroy?.(error === undefined || error instanceof Error ? error : failed(error))
  })
}

/** What an output is told of an error that is none of JavaScript's. */
export function failed(error: unknown): Error {
  return new Error('the COPY failed', { cause: error })
}

/** One that is locked is the call's own, which has ended it, or somebody else's. */
function endWebStream(stream: WebStream, error: unknown): void {
  if (!stream.locked) quietly(() => (stream.abort ?? stream.cancel)?.call(stream, error))
}

function ignore(): void {}

function isEmitter(value: unknown): value is Emitter {
  if (typeof value !== 'object' || value === null) return false
  const { on, removeListener } = value as Partial<Emitter>
  return typeof on === 'function' && typeof removeListener === 'function'
}

function isWebStream(value: unknown): value is WebStream {
  return typeof value === 'object' && value !== null && ('getReader' in value || 'getWriter' in value)
}

/** A stream that outlives every call: standard input, output or error. */
function isStandard(stream: object): boolean {
  // Looking at the streams of the process themselves would open them.
  const { fd } = stream as { fd?: unknown }
  return fd === 0 || fd === 1 || fd === 2
}
