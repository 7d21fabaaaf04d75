// Private keys of every kind that PostgreSQL takes, and the forms in which they lie on disks.

import { generateKeyPair, type KeyObject, type webcrypto } from 'node:crypto'
import { promisify } from 'node:util'
import './webcrypto-names.ts'

/** `rsa-pss-2048` is an ordinary RSA key that signs by RSASSA-PSS. */
export type KeyKind =
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'rsa-pss-2048'
  | 'p-256'
  | 'p-384'
  | 'p-521'
  | 'ed25519'

export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

export interface Key {
  kind: KeyKind
  private: KeyObject
  public: KeyObject
}

export async function generateKey(kind: KeyKind): Promise<Key> {
  const pair = await generate(kind)
  return { kind, private: pair.privateKey, public: pair.publicKey }
}

function generate(kind: KeyKind): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  const make = promisify(generateKeyPair)
  if (kind === 'ed25519') return make('ed25519')
  if (kind.startsWith('p-')) return make('ec', { namedCurve: kind.toUpperCase() })
  return make('rsa', { modulusLength: Number(kind.split('-').at(-1)) })
}

const DIGEST_BYTES: Record<Hash, number> = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 }

/** How a key of that kind signs, in Web Cryptography's words. */
export function signatureAlgorithm(
  kind: KeyKind,
  hash: Hash,
): webcrypto.Algorithm & { hash?: Hash; saltLength?: number } {
  if (kind === 'ed25519') return { name: 'Ed25519' }
  if (kind.startsWith('p-')) return { name: 'ECDSA', hash }
  if (kind.startsWith('rsa-pss')) return { name: 'RSA-PSS', hash, saltLength: DIGEST_BYTES[hash] }
  return { name: 'RSASSA-PKCS1-v1_5', hash }
}

function importAlgorithm(
  kind: KeyKind,
  hash: Hash,
): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm {
  const algorithm = signatureAlgorithm(kind, hash)
  return kind.startsWith('p-') ? { ...algorithm, namedCurve: kind.toUpperCase() } : algorithm
}

export function importForSigning(key: Key, hash: Hash): Promise<webcrypto.CryptoKey> {
  const der = key.private.export({ type: 'pkcs8', format: 'der' })
  return crypto.subtle.importKey('pkcs8', der, importAlgorithm(key.kind, hash), true, ['sign'])
}

export function importForVerifying(key: Key, hash: Hash): Promise<webcrypto.CryptoKey> {
  const der = key.public.export({ type: 'spki', format: 'der' })
  return crypto.subtle.importKey('spki', der, importAlgorithm(key.kind, hash), true, ['verify'])
}

/** PKCS#8, in the clear. */
export function keyPem(key: Key): string {
  return key.private.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The forms older than PKCS#8: PKCS#1 for RSA, SEC 1 for elliptic curves. */
export function traditionalKeyPem(key: Key): string {
  return key.private.export({ type: traditionalType(key), format: 'pem' }).toString()
}

/** PKCS#8 encrypted by PBES2: `BEGIN ENCRYPTED PRIVATE KEY`. */
export function encryptedKeyPem(key: Key, passphrase: string, cipher = 'aes-256-cbc'): string {
  return key.private.export({ type: 'pkcs8', format: 'pem', cipher, passphrase }).toString()
}

/** OpenSSL's own encryption inside a PEM text: `Proc-Type: 4,ENCRYPTED` (RFC 1421 headers). */
export function legacyEncryptedKeyPem(key: Key, passphrase: string, cipher = 'aes-256-cbc'): string {
  return key.private.export({ type: traditionalType(key), format: 'pem', cipher, passphrase }).toString()
}

function traditionalType(key: Key): 'pkcs1' | 'sec1' {
  if (key.kind === 'ed25519') throw new Error('an Ed25519 key has no form besides PKCS#8')
  return key.kind.startsWith('p-') ? 'sec1' : 'pkcs1'
}
