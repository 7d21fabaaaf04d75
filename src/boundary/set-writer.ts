import { ArgumentFailure } from './argument-failure.ts'
import type { ArgumentTypes } from './argument-types.ts'
import { tryArgument, writeArgument } from './arguments.ts'
import { lengthOf } from './length.ts'
import { MOST_ARGUMENTS } from './submission.ts'
import { Writer } from './writer.ts'

/** Bytes of messages that the sets of one batch come to, about. */
const BATCH = 256 * 1024

/** Bytes of the messages for a set, beside its arguments. */
const MESSAGES = 64

/** The buffer's first size in bytes, and the size beyond which one that grew for a large set is given back. */
const SIZE = 4 * 1024
const LARGE = 2 * BATCH

/** Writes the argument sets of one call, a batch at a time. */
export class SetWriter {
  readonly #writer = new Writer(SIZE)
  /** The number of the batch's first set, from 0. */
  #first = 0
  /** Sets of the batch. */
  count = 0

  /** The number of the set that is added next. */
  get next(): number {
    return this.#first + this.count
  }

  /** The batch is to be handed down: its messages are about as much as waits for a socket. */
  get isFull(): boolean {
    return this.#writer.position + this.count * MESSAGES >= BATCH
  }

  /** The batch. */
  get bytes(): Uint8Array {
    return this.#writer.buffer.subarray(0, this.#writer.position)
  }

  /**
   * Adds a set, or nothing when it throws an {@link ArgumentFailure}. `types` are those of the parameters, where known;
   * else what cannot be written without knowing them becomes one of the failures. Gives the values, each read once: the
   * same array may be given again with others in it.
   */
  add(
    args: readonly unknown[],
    types: ArrayLike<number> | undefined,
    argumentTypes: ArgumentTypes,
    failures: ArgumentFailure[],
  ): readonly unknown[] {
    const values: unknown[] = []
    const writer = this.#writer
    const start = writer.position
    let index = 0
    let value: unknown
    try {
      const size = writer.reserve()
      const count = lengthOf(args)
      writer.uint32(count)
      // More cannot be sent: their count is enough to say so.
      const written = count > MOST_ARGUMENTS ? 0 : count
      const first = writer.position
      for (; index < written; index++) {
        value = args[index]
        values.push(value)
        const oid = types?.[index]
        if (oid !== undefined) writeArgument(writer, value, argumentTypes.of(oid))
        else {
          const failed = tryArgument(writer, value)
          if (failed !== undefined) failures.push(new ArgumentFailure(index, value, failed.error))
        }
      }
      writer.patch(size, writer.position - first)
    } catch (error) {
      writer.truncate(start)
      throw new ArgumentFailure(index, value, error)
    }
    this.count++
    return values
  }

  /** All sets from this one on are added anew. */
  restart(first: number): void {
    this.clear()
    this.#first = first
  }

  /** The batch was handed down. */
  clear(): void {
    this.#first += this.count
    this.count = 0
    this.#writer.truncate(0)
    this.#writer.shrink(BATCH, LARGE)
  }
}
