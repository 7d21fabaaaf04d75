// A client of its own for what tests prepare on a server. It shares no code with the driver, so that a fault of the
// driver cannot hide behind a set-up that fails the same way.
// PostgreSQL manual, "Frontend/Backend Protocol": Message Flow and Message Formats.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** One row: values in PostgreSQL's text form. */
export type AdminRow = Record<string, string | null>

export interface AdminTarget {
  host: string
  port: number
  user: string
  password: string
  database?: string
}

export class AdminError extends Error {
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.name = 'AdminError'
    this.code = code
  }
}

/**
 * Runs one script, in the simple query protocol, on a connection of its own.
 * @returns the rows of its last statement that returned any
 */
export async function runSql(target: AdminTarget, sql: string): Promise<AdminRow[]> {
  const session = await AdminSession.open(target)
  try {
    return await session.run(sql)
  } finally {
    await session.close()
  }
}

/** A session for set-ups that need several scripts on the same backend. */
export class AdminSession {
  readonly #socket: Socket
  readonly #messages: AsyncGenerator<Message>

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#messages = readMessages(socket)
  }

  static async open({
    host,
    port,
    user,
    password,
    database = 'postgres',
  }: AdminTarget): Promise<AdminSession> {
    const socket = host.startsWith('/')
      ? connect({ path: `${host}/.s.PGSQL.${port}` })
      : connect({ host, port, noDelay: true })
    const session = new AdminSession(socket)
    const parameters = Buffer.from(`user\0${user}\0database\0${database}\0client_encoding\0UTF8\0\0`)
    socket.write(frame('', Buffer.concat([int32(0x0003_0000), parameters])))
    try {
      await session.#authenticate(user, password)
      await session.#untilReady()
    } catch (error) {
      socket.destroy()
      throw error
    }
    return session
  }

  async run(sql: string): Promise<AdminRow[]> {
    this.#socket.write(frame('Q', cstring(sql)))
    return this.#untilReady()
  }

  /** Waits until the server has closed the socket: the session's place is free then, and no view shows it any more. */
  async close(): Promise<void> {
    this.#socket.end(frame('X', Buffer.alloc(0)))
    try {
      while (!(await this.#messages.next()).done);
    } catch {
      // A socket that was reset is closed too.
    }
  }

  async #next(): Promise<Message> {
    const { value, done } = await this.#messages.next()
    if (done) throw new AdminError('the server closed the connection', '08006')
    if (value.type === 'E' && value.body.toString().includes('SFATAL\0')) throw serverError(value.body)
    return value
  }

  async #untilReady(): Promise<AdminRow[]> {
    let names: string[] = []
    let rows: AdminRow[] = []
    let failure: AdminError | undefined
    for (;;) {
      const { type, body } = await this.#next()
      if (type === 'E') failure = serverError(body)
      if (type === 'T') [names, rows] = [columnNames(body), []]
      if (type === 'D') rows.push(row(names, body))
      if (type === 'Z' && failure !== undefined) throw failure
      if (type === 'Z') return rows
    }
  }

  /** Message "Authentication": 0 Ok, 3 cleartext, 5 MD5, 10 to 12 SASL. */
  async #authenticate(user: string, password: string): Promise<void> {
    const nonce = randomBytes(18).toString('base64')
    let expected = ''
    for (;;) {
      const { type, body } = await this.#next()
      if (type === 'E') throw serverError(body)
      if (type !== 'R') continue
      const kind = body.readInt32BE(0)
      const rest = body.subarray(4)
      if (kind === 0) return
      if (kind === 3) this.#socket.write(frame('p', cstring(password)))
      else if (kind === 5) this.#socket.write(frame('p', cstring(`md5${md5(md5(password + user), rest)}`)))
      else if (kind === 10) {
        const first = Buffer.from(`n,,n=,r=${nonce}`)
        this.#socket.write(frame('p', Buffer.concat([cstring('SCRAM-SHA-256'), int32(first.length), first])))
      } else if (kind === 11) {
        const proof = scramProof(password, nonce, rest.toString())
        expected = proof.signature
        this.#socket.write(frame('p', Buffer.from(proof.message)))
      } else if (kind === 12 && rest.toString() !== `v=${expected}`) {
        throw new AdminError('the server does not know the password it checked', '28000')
      } else if (kind !== 12) throw new AdminError(`authentication ${kind} is not supported`, '28000')
    }
  }
}

/** RFC 5802, section 3, with SHA-256 and without channel binding. */
function scramProof(
  password: string,
  nonce: string,
  challenge: string,
): { message: string; signature: string } {
  const [, serverNonce = '', salt = '', rounds = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge) ?? []
  const bare = `c=biws,r=${serverNonce}`
  const auth = `n=,r=${nonce},${challenge},${bare}`
  const salted = pbkdf2Sync(
    password.normalize('NFKC'),
    Buffer.from(salt, 'base64'),
    Number(rounds),
    32,
    'sha256',
  )
  const clientKey = hmac(salted, 'Client Key')
  const signature = hmac(createHash('sha256').update(clientKey).digest(), auth)
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))
  return {
    message: `${bare},p=${Buffer.from(proof).toString('base64')}`,
    signature: hmac(hmac(salted, 'Server Key'), auth).toString('base64'),
  }
}

interface Message {
  type: string
  body: Buffer
}

async function* readMessages(socket: Socket): AsyncGenerator<Message> {
  let pending = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 5) {
      const end = pending.readInt32BE(1) + 1
      if (pending.length < end) break
      yield { type: String.fromCharCode(pending[0] ?? 0), body: pending.subarray(5, end) }
      pending = pending.subarray(end)
    }
  }
}

function serverError(body: Buffer): AdminError {
  const fields = new Map(
    body
      .toString()
      .split('\0')
      .map((field) => [field[0], field.slice(1)]),
  )
  const hint = fields.get('D') === undefined ? '' : ` (${fields.get('D')})`
  return new AdminError(`${fields.get('M')}${hint}`, fields.get('C') ?? '')
}

function columnNames(body: Buffer): string[] {
  const names: string[] = []
  let at = 2
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at)
    names.push(body.toString('utf8', at, end))
    at = end + 19
  }
  return names
}

function row(names: readonly string[], body: Buffer): AdminRow {
  let at = 2
  const entries = names.map((name): [string, string | null] => {
    const length = body.readInt32BE(at)
    at += 4
    if (length < 0) return [name, null]
    at += length
    return [name, body.toString('utf8', at - length, at)]
  })
  return Object.fromEntries(entries)
}

function frame(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function md5(text: string, salt: Buffer = Buffer.alloc(0)): string {
  return createHash('md5').update(text).update(salt).digest('hex')
}
