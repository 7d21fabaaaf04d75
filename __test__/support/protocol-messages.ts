// Messages as a server sends them, for scripted servers.
// PostgreSQL manual, "Frontend/Backend Protocol", Message Formats.

export const SSL_REQUEST = 80_877_103
export const GSSENC_REQUEST = 80_877_104
export const CANCEL_REQUEST = 80_877_102

/** One message. `length` lies about its size; by default it is the true one (which counts itself). */
export function message(
  type: string,
  body: Uint8Array = Buffer.alloc(0),
  length: number = body.length + 4,
): Buffer {
  return Buffer.concat([Buffer.from(type, 'latin1'), uint32(length), body])
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value & 0xffff)
  return bytes
}

/** Also for negative numbers. */
export function int32(value: number): Buffer {
  return uint32(value >>> 0)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function cstring(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}

export function authentication(kind: number, rest: Uint8Array = Buffer.alloc(0)): Buffer {
  return message('R', Buffer.concat([int32(kind), rest]))
}

export const authOk = (): Buffer => authentication(0)
export const authKerberosV5 = (): Buffer => authentication(2)
export const authCleartext = (): Buffer => authentication(3)
export const authMd5 = (salt: Uint8Array = Buffer.from('salt')): Buffer => authentication(5, salt)
export const authScmCredential = (): Buffer => authentication(6)
export const authGss = (): Buffer => authentication(7)
export const authGssContinue = (token: Uint8Array): Buffer => authentication(8, token)
export const authSspi = (): Buffer => authentication(9)
export const authSaslContinue = (data: string | Uint8Array): Buffer => authentication(11, Buffer.from(data))
export const authSaslFinal = (data: string | Uint8Array): Buffer => authentication(12, Buffer.from(data))

export function authSasl(...mechanisms: readonly string[]): Buffer {
  return authentication(10, Buffer.concat([...mechanisms.map(cstring), Buffer.from([0])]))
}

export function parameterStatus(name: string, value: string): Buffer {
  return message('S', Buffer.concat([cstring(name), cstring(value)]))
}

export function backendKeyData(pid = 4242, secret: number | Uint8Array = 1_234_567): Buffer {
  return message('K', Buffer.concat([int32(pid), typeof secret === 'number' ? int32(secret) : secret]))
}

export function readyForQuery(status: 'I' | 'T' | 'E' | (string & {}) = 'I'): Buffer {
  return message('Z', Buffer.from(status, 'latin1'))
}

export function negotiateProtocolVersion(newestMinor: number, ...unknownOptions: readonly string[]): Buffer {
  return message(
    'v',
    Buffer.concat([int32(newestMinor), int32(unknownOptions.length), ...unknownOptions.map(cstring)]),
  )
}

export interface Column {
  name: string
  /** Default 25, text. */
  type?: number
  tableOid?: number
  tableColumn?: number
  /** Default -1, variable. */
  size?: number
  modifier?: number
  /** 0 text (default), 1 binary. */
  format?: number
}

export function rowDescription(...columns: readonly (string | Column)[]): Buffer {
  const fields = columns.map((column) => {
    const all = typeof column === 'string' ? { name: column } : column
    const { name, type = 25, tableOid = 0, tableColumn = 0, size = -1, modifier = -1, format = 0 } = all
    const numbers = [
      int32(tableOid),
      int16(tableColumn),
      int32(type),
      int16(size),
      int32(modifier),
      int16(format),
    ]
    return Buffer.concat([cstring(name), ...numbers])
  })
  return message('T', Buffer.concat([int16(columns.length), ...fields]))
}

export function dataRow(...values: readonly (string | Uint8Array | null)[]): Buffer {
  const cells = values.map((value) => {
    if (value === null) return int32(-1)
    const bytes = Buffer.from(value)
    return Buffer.concat([int32(bytes.length), bytes])
  })
  return message('D', Buffer.concat([int16(values.length), ...cells]))
}

export const commandComplete = (tag: string): Buffer => message('C', cstring(tag))
export const emptyQueryResponse = (): Buffer => message('I')
export const parseComplete = (): Buffer => message('1')
export const bindComplete = (): Buffer => message('2')
export const noData = (): Buffer => message('n')
export const copyData = (data: string | Uint8Array): Buffer => message('d', Buffer.from(data))

export function parameterDescription(...types: readonly number[]): Buffer {
  return message('t', Buffer.concat([int16(types.length), ...types.map(int32)]))
}

export const copyInResponse = (columns = 1, format = 0): Buffer => message('G', copyFormats(columns, format))
export const copyOutResponse = (columns = 1, format = 0): Buffer => message('H', copyFormats(columns, format))
export const copyBothResponse = (columns = 0, format = 0): Buffer =>
  message('W', copyFormats(columns, format))

function copyFormats(columns: number, format: number): Buffer {
  return Buffer.concat([
    Buffer.from([format]),
    int16(columns),
    ...Array.from({ length: columns }, () => int16(format)),
  ])
}

/** Fields by their letter: S severity, V the same untranslated, C code, M message, D detail, H hint … */
export type Fields = Record<string, string>

export function errorResponse(fields: Fields = {}): Buffer {
  return message('E', fieldList({ S: 'ERROR', V: 'ERROR', C: 'XX000', M: 'scripted error', ...fields }))
}

export function noticeResponse(fields: Fields = {}): Buffer {
  return message('N', fieldList({ S: 'NOTICE', V: 'NOTICE', C: '00000', M: 'scripted notice', ...fields }))
}

function fieldList(fields: Fields): Buffer {
  return Buffer.concat([
    ...Object.entries(fields).map(([letter, text]) => cstring(letter + text)),
    Buffer.from([0]),
  ])
}

export function notificationResponse(channel: string, payload = '', pid = 4242): Buffer {
  return message('A', Buffer.concat([int32(pid), cstring(channel), cstring(payload)]))
}

/** What a server says between AuthenticationOk and the first query. */
export function greeting(parameters: Record<string, string> = {}): Buffer {
  const reported = {
    server_version: '18.4',
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
    is_superuser: 'on',
    in_hot_standby: 'off',
    default_transaction_read_only: 'off',
    ...parameters,
  }
  const statuses = Object.entries(reported).map(([name, value]) => parameterStatus(name, value))
  return Buffer.concat([...statuses, backendKeyData(), readyForQuery()])
}
