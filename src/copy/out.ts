import { isPromise } from '../iterable-source.ts'
import { type CopyOut, ENDED } from '../session.ts'
import type { SessionUse } from '../session-use.ts'
import type { CopyLimits } from './limits.ts'
import type { CopyFromOptions } from './options.ts'
import { Progress } from './progress.ts'
import { openSink, type Sink } from './sink.ts'

/** Runs a COPY out of the server into its output, and gives the command tag. */
export async function copyOut(
  on: SessionUse,
  limits: CopyLimits,
  sql: string,
  { output, onProgress, format, header }: CopyFromOptions,
): Promise<string> {
  const sink = await limits.waitUnsent(openSink(output), (late) => late.abort(undefined))
  let copy: CopyOut | undefined
  try {
    copy = on.last(({ session, holder }) => session.copyOut(sql, limits.remaining, holder, limits.timed))
    const progress = new Progress(onProgress, limits)
    // A header is a message of its own; so is what ends the binary format.
    const extra = format === 'binary' || header ? 1 : 0
    const bytes = await drain(copy, sink, limits, (bytes, messages) =>
      progress.report(bytes, Math.max(0, messages - extra)),
    )
    const tag = await copy.promise
    await limits.wait(Promise.resolve(sink.end()))
    await progress.end(bytes, tag)
    return tag
  } catch (error) {
    copy?.giveUp(error)
    sink.abort(error)
    throw error
  }
}

/** Hands every piece to the sink, one after the other. Gives how many bytes they were. */
async function drain(
  copy: CopyOut,
  sink: Sink,
  limits: CopyLimits,
  report: (bytes: number, messages: number) => void,
): Promise<number> {
  let bytes = 0
  for (;;) {
    const piece = await copy.next()
    if (piece === undefined) return bytes
    const written = sink.write(piece)
    if (isPromise(written) && (await copy.orEnd(written)) === ENDED) {
      // The server has sent everything, or it has failed.
      written.then(undefined, () => {})
      await copy.promise
      await limits.wait(written)
    }
    bytes += piece.length
    copy.used(piece.length)
    report(bytes, copy.messages)
  }
}
