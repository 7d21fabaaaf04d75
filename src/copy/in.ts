import { isUint8Array } from 'node:util/types'
import { shown } from '../call-options.ts'
import { InterfaceError } from '../errors/index.ts'
import { isPromise, iterableSource, type Source } from '../iterable-source.ts'
import { type CopyIn, CopyLayout, ENDED, RecordWriter } from '../session.ts'
import type { SessionUse } from '../session-use.ts'
import { nextTick } from '../timers.ts'
import type { Awaitable } from '../types/awaitable.ts'
import type { CopyLimits } from './limits.ts'
import type { CopyRecordsOptions, CopyToOptions } from './options.ts'
import { Progress } from './progress.ts'
import { openSource } from './source.ts'
import { columnsOf, recordsFromStdin } from './statement.ts'

/** Runs a COPY of bytes into the server, and gives the command tag. */
export async function copyIn(
  on: SessionUse,
  limits: CopyLimits,
  sql: string,
  { source, onProgress }: CopyToOptions,
): Promise<string> {
  const pieces = await limits.waitUnsent(openSource(source), (late) => late.stop())
  const progress = new Progress(onProgress, limits)
  const begin = (): CopyIn =>
    on.last(({ session, holder }) => session.copyIn(sql, undefined, limits.remaining, holder, limits.timed))
  return run(begin, pieces, progress, async (copy) => {
    for (;;) {
      const piece = await nextOf(copy, pieces)
      if (piece === ENDED) return false
      if (piece.done) return true
      const data = checkPiece(piece.value)
      for (let at = copy.write(data); at < data.length; at += copy.write(data.subarray(at))) {
        if (!(await copy.room())) return false
      }
      progress.report(copy.bytes, undefined)
      if (!copy.hasRoom && !(await copy.room())) return false
    }
  })
}

/** Runs a COPY of records into a table, and gives the command tag. */
export async function copyRecords(
  on: SessionUse,
  limits: CopyLimits,
  table: string,
  options: CopyRecordsOptions,
): Promise<string> {
  const described = columnsOf(table, options)
  // A text that cannot be made is refused before anything is sent.
  recordsFromStdin(table, options, 'text')
  const { records: source, onProgress } = options
  if (typeof source !== 'object' || !(Symbol.asyncIterator in source || Symbol.iterator in source)) {
    throw new InterfaceError(`invalid records: expected an iterable of arrays, got ${shown(source)}`)
  }
  const { columns, argumentTypes } = await on.make(async ({ session, holder }) => {
    const prepared = await session.prepare(described, undefined, limits.remaining, holder)
    session.letGo(prepared.query)
    return { columns: prepared.columns, argumentTypes: session.typing.argumentTypes }
  })
  const records = iterableSource(source)
  const writer = new RecordWriter(columns, argumentTypes)
  const progress = new Progress(onProgress, limits)
  let isWhole: boolean
  try {
    isWhole = await first(records, writer, limits)
  } catch (error) {
    records.stop(error)
    throw error
  }
  const sql = recordsFromStdin(table, options, writer.layout === CopyLayout.Binary ? 'binary' : 'text')
  limits.texts.push(sql)
  const begin = (): CopyIn =>
    on.last(({ session, holder }) => session.copyIn(sql, writer, limits.remaining, holder, limits.timed))
  return run(begin, records, progress, async (copy) => {
    let isScheduled = false
    const flush = (): void => {
      isScheduled = false
      try {
        copy.flush()
      } catch (error) {
        // There is no memory for them.
        copy.fail(error)
      }
    }
    copy.flush()
    while (!isWhole) {
      if (!copy.hasRoom && !(await copy.room())) return false
      const next = nextOf(copy, records)
      const record = isPromise(next) ? await next : next
      if (record === ENDED) return false
      if (record.done) break
      writer.add(record.value)
      progress.report(copy.bytes, writer.first + writer.count)
      if (writer.isFull) copy.flush()
      else if (!isScheduled) {
        isScheduled = true
        nextTick(flush)
      }
    }
    copy.flush()
    return true
  })
}

/** Writes the records that are at hand, and one at least. Whether that were all. */
async function first(records: Source<unknown>, writer: RecordWriter, limits: CopyLimits): Promise<boolean> {
  for (;;) {
    const next = records.next()
    const isLate = isPromise(next)
    const record = isLate ? await limits.waitUnsent(next) : next
    if (record.done) return true
    writer.add(record.value)
    if (isLate || writer.isFull) return false
  }
}

/** A COPY from its beginning to its end, with `feed` handing its data down; `feed` says whether that was all of it. */
async function run(
  begin: () => CopyIn,
  source: Source<unknown>,
  progress: Progress,
  feed: (copy: CopyIn) => Promise<boolean>,
): Promise<string> {
  let isRead = false
  try {
    const copy = begin()
    try {
      if (await copy.room()) {
        isRead = await feed(copy)
        if (isRead) copy.end()
      }
    } catch (error) {
      copy.fail(error)
    }
    const tag = await copy.promise
    await progress.end(copy.bytes, tag)
    return tag
  } catch (error) {
    if (!isRead) source.stop(error)
    throw error
  }
}

/** The source's next piece, or that the COPY has ended. No promise is made for what is there. */
function nextOf<T>(copy: CopyIn, source: Source<T>): Awaitable<IteratorResult<T> | typeof ENDED> {
  const next = source.next()
  return isPromise(next) ? copy.orEnd(next) : next
}

function checkPiece(piece: unknown): Uint8Array {
  if (isUint8Array(piece)) return piece
  throw new InterfaceError(`invalid source: it gave ${shown(piece)}, expected bytes`, {
    hint: 'give Uint8Arrays; Buffer.from(text) makes one of a text',
  })
}
