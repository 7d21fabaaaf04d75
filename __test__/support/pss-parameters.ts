// The parameters of RSASSA-PSS as OpenSSL writes them, with NULL behind each hash. RFC 4055 (2.1) has readers take
// both forms; the library for certificates leaves NULL out, which no authority in use does.

import * as x509 from '@peculiar/x509'

const HASHES: Record<string, readonly [lastByteOfOid: number, length: number]> = {
  'SHA-256': [1, 32],
  'SHA-384': [2, 48],
  'SHA-512': [3, 64],
}

const NIST_HASH = '06096086480165030402'
const MGF1 = '06092a864886f70d010108'

const library = x509.RsaAlgorithm.prototype.toAsnAlgorithm

x509.RsaAlgorithm.prototype.toAsnAlgorithm = function (algorithm) {
  const made = library.call(this, algorithm)
  const { name, hash } = algorithm as { name: string; hash?: string | { name: string } }
  const known = HASHES[typeof hash === 'object' ? hash.name : (hash ?? '')]
  if (made === null || known === undefined || name.toUpperCase() !== 'RSA-PSS') return made
  const [last, length] = known.map((byte) => byte.toString(16).padStart(2, '0'))
  const digest = `300d${NIST_HASH}${last}0500`
  const parameters = Buffer.from(`3034a00f${digest}a11c301a${MGF1}${digest}a2030201${length}`, 'hex')
  made.parameters = new Uint8Array(parameters).buffer
  return made
}
