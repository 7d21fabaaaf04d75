// Reads captured traffic: where its messages lie, and as text.

export interface TracedMessage {
  /** One letter; empty for the untyped packets that start a connection. */
  type: string
  /** The offset of its first byte in the capture. */
  at: number
  /** The whole length, type byte and length word included. */
  length: number
  body: Buffer
}

/**
 * The messages of one direction of a connection in the clear. An incomplete last one is left out.
 * @param untyped how many packets without a type come first: what a client sends (SSLRequest, StartupMessage) has
 *   at least one, what a server sends none; a server's one-byte answers to SSLRequest are to be cut off before
 */
export function readTrace(capture: Uint8Array | readonly Uint8Array[], untyped = 0): TracedMessage[] {
  const bytes = capture instanceof Uint8Array ? Buffer.from(capture) : Buffer.concat([...capture])
  const messages: TracedMessage[] = []
  let at = 0
  while (true) {
    const head = messages.length < untyped ? 0 : 1
    if (at + head + 4 > bytes.length) return messages
    const length = head + bytes.readInt32BE(at + head)
    if (length < head + 4 || at + length > bytes.length) return messages
    const body = bytes.subarray(at + head + 4, at + length)
    messages.push({ type: bytes.toString('latin1', at, at + head), at, length, body })
    at += length
  }
}

/** The letters in order, for assertions: `RSSSKZ`. */
export function messageTypes(messages: readonly TracedMessage[]): string {
  return messages.map(({ type }) => type).join('')
}
