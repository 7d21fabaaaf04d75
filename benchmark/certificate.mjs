import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

// A self-signed certificate for `localhost`, as DER written by hand (RFC 5280 section 4.1): Node can sign but
// not build one, and the benchmark's server needs nothing that a tool would have to be installed for.

const der = (tag, ...parts) => {
  const body = Buffer.concat(parts)
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...parts) => der(0x30, ...parts)
const hex = (text) => Buffer.from(text, 'hex')

const ECDSA_WITH_SHA256 = sequence(der(0x06, hex('2a8648ce3d040302')))
const COMMON_NAME = der(0x06, hex('550403'))
const VALID_DAYS = 30

/** @returns {{ cert: string, key: string }} PEM texts, P-256, valid for 30 days */
export function selfSigned() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('localhost')))))
  const validity = sequence(utcTime(Date.now() - 86_400_000), utcTime(Date.now() + VALID_DAYS * 86_400_000))
  // The first byte keeps the serial number positive and of fixed length.
  const serial = der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)]))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    serial,
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    key,
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const certificate = sequence(body, ECDSA_WITH_SHA256, signature)
  return { cert: toPem(certificate), key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) }
}

function utcTime(milliseconds) {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${text}Z`))
}

function toPem(bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
