// The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), every message of which a test may falsify.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { authSaslContinue, authSaslFinal } from './protocol-messages.ts'
import type { ClientMessage } from './scripted-server.ts'

export interface ScramOptions {
  password: string
  /** Default 4096, PostgreSQL's own. */
  iterations?: number
  salt?: Uint8Array
}

export class ScramServer {
  /** What the client chose: `SCRAM-SHA-256` or `SCRAM-SHA-256-PLUS`. */
  mechanism = ''
  /** The client's GS2 header: `n,,` `y,,` `p=tls-server-end-point,,`. */
  gs2Header = ''
  clientNonce = ''
  /** The channel binding data that the client sent behind the GS2 header. */
  channelBinding: Buffer = Buffer.alloc(0)
  readonly #salt: Buffer
  readonly #iterations: number
  readonly #salted: Buffer
  #clientFirstBare = ''
  #serverFirst = ''
  #serverSignature = ''

  constructor({ password, iterations = 4096, salt = randomBytes(16) }: ScramOptions) {
    this.#salt = Buffer.from(salt)
    this.#iterations = iterations
    this.#salted = pbkdf2Sync(password.normalize('NFKC'), this.#salt, iterations, 32, 'sha256')
  }

  /** Takes SASLInitialResponse, gives server-first-message. `falsify` changes it before it is counted as sent. */
  first({ body }: ClientMessage, falsify: (text: string) => string = (text) => text): Buffer {
    const end = body.indexOf(0)
    this.mechanism = body.toString('utf8', 0, end)
    const text = body.toString('utf8', end + 5)
    this.gs2Header = /^[^,]*,[^,]*,/.exec(text)?.[0] ?? ''
    this.#clientFirstBare = text.slice(this.gs2Header.length)
    this.clientNonce = /(?:^|,)r=([^,]*)/.exec(this.#clientFirstBare)?.[1] ?? ''
    const nonce = this.clientNonce + randomBytes(18).toString('base64')
    this.#serverFirst = falsify(`r=${nonce},s=${this.#salt.toString('base64')},i=${this.#iterations}`)
    return authSaslContinue(this.#serverFirst)
  }

  /** Takes SASLResponse, checks the proof, gives server-final-message. */
  final({ body }: ClientMessage, falsify: (text: string) => string = (text) => text): Buffer {
    const text = body.toString()
    const at = text.lastIndexOf(',p=')
    const withoutProof = text.slice(0, at)
    const proof = Buffer.from(text.slice(at + 3), 'base64')
    const binding = Buffer.from(/^c=([^,]*)/.exec(text)?.[1] ?? '', 'base64')
    this.channelBinding = binding.subarray(Buffer.byteLength(this.gs2Header))
    const auth = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`
    const clientKey = hmac(this.#salted, 'Client Key')
    const signature = hmac(createHash('sha256').update(clientKey).digest(), auth)
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
    if (proof.length !== 32 || !timingSafeEqual(proof, expected))
      throw new Error('the client sent a wrong proof')
    this.#serverSignature = hmac(hmac(this.#salted, 'Server Key'), auth).toString('base64')
    return authSaslFinal(falsify(`v=${this.#serverSignature}`))
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
