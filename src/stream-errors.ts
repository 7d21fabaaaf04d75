/** What can be listened to as a stream of Node can. */
interface Emitter {
  on(event: 'error', listener: () => void): unknown
  removeListener(event: 'error', listener: () => void): unknown
}

/**
 * Makes a call that is given something to read or to write, and listens to its errors meanwhile. A stream of Node may fail
 * before the call's turn has come, and an error that nobody listens to ends the process. The call meets the failure when
 * it turns to the stream.
 */
export function withStream<T>(stream: unknown, call: () => Promise<T>): Promise<T> {
  return isEmitter(stream) ? listening(stream, call) : call()
}

async function listening<T>(stream: Emitter, call: () => Promise<T>): Promise<T> {
  stream.on('error', ignore)
  let hasFailed = true
  try {
    const result = await call()
    hasFailed = false
    return result
  } finally {
    // After a call that failed, the stream is of use to nobody, and may still have to say so.
    if (!hasFailed || isStandard(stream)) stream.removeListener('error', ignore)
  }
}

function ignore(): void {}

function isEmitter(value: unknown): value is Emitter {
  if (typeof value !== 'object' || value === null) return false
  const { on, removeListener } = value as Partial<Emitter>
  return typeof on === 'function' && typeof removeListener === 'function'
}

/** A stream that outlives every call: standard input, output or error. */
function isStandard(stream: object): boolean {
  // Looking at the streams of the process themselves would open them.
  const { fd } = stream as { fd?: unknown }
  return fd === 0 || fd === 1 || fd === 2
}
