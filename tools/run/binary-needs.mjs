// What a binary for Linux needs of the system that loads it, as its ELF file tells: libraries, and versions of glibc.

import { readFileSync } from 'node:fs'

const [LOAD, DYNAMIC] = [1, 2]
const [NEEDED, STRING_TABLE, VERSIONS, VERSION_COUNT] = [1, 5, 0x6ffffffe, 0x6fffffff]

/** The oldest glibc that is supported. */
export const GLIBC = '2.17'

/** What every system with that C library and Node.js has. */
const PRESENT = {
  gnu: /^(?:lib(?:c|m|dl|rt|pthread)\.so\.\d|libgcc_s\.so\.1|ld-linux-[\w-]+\.so\.\d)$/,
  musl: /^libc\.(?:so|musl-\w+\.so\.1)$/,
}

/**
 * @param {string} file little-endian, of 64 bits, as all of our platforms are
 * @returns {{ libraries: string[], glibc: string | undefined }} names of libraries, and the highest version of glibc
 */
export function needsOf(file) {
  const bytes = readFileSync(file)
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF') throw new Error(`"${file}" is no ELF file`)
  const number = (at) => Number(bytes.readBigUInt64LE(at))
  const [start, size, count] = [number(32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  const programs = Array.from({ length: count }, (_, index) => {
    const at = start + index * size
    return {
      type: bytes.readUInt32LE(at),
      offset: number(at + 8),
      address: number(at + 16),
      length: number(at + 32),
    }
  })
  const place = (address) => {
    const part = programs.find(
      ({ type, address: first, length }) => type === LOAD && address >= first && address < first + length,
    )
    if (part === undefined) throw new Error(`"${file}" has nothing at address ${address}`)
    return address - part.address + part.offset
  }
  const dynamic = programs.find(({ type }) => type === DYNAMIC)
  if (dynamic === undefined) throw new Error(`"${file}" is no shared library`)
  const entries = Array.from({ length: dynamic.length / 16 }, (_, index) => {
    const at = dynamic.offset + index * 16
    return { tag: number(at), value: number(at + 8) }
  })
  const value = (wanted) => entries.find(({ tag }) => tag === wanted)?.value
  const strings = place(value(STRING_TABLE))
  const text = (at) => bytes.toString('latin1', strings + at, bytes.indexOf(0, strings + at))
  const libraries = entries.filter(({ tag }) => tag === NEEDED).map(({ value }) => text(value))
  const versions = []
  let at = value(VERSIONS) === undefined ? 0 : place(value(VERSIONS))
  for (let left = value(VERSION_COUNT) ?? 0; left > 0; left--) {
    let inner = at + bytes.readUInt32LE(at + 8)
    for (let more = bytes.readUInt16LE(at + 2); more > 0; more--) {
      versions.push(text(bytes.readUInt32LE(inner + 8)))
      inner += bytes.readUInt32LE(inner + 12)
    }
    at += bytes.readUInt32LE(at + 12)
  }
  const glibc = versions.flatMap((name) => /^GLIBC_(\d+(?:\.\d+)*)$/.exec(name)?.[1] ?? [])
  return { libraries, glibc: glibc.sort(byVersion).at(-1) }
}

/**
 * Why a binary does not run on every system that it is for; empty when it does.
 *
 * @param {{ abi?: string }} platform one of Linux
 * @param {{ libraries: readonly string[], glibc: string | undefined }} needs
 * @returns {string[]}
 */
export function surplus({ abi }, { libraries, glibc }) {
  const unknown = libraries.filter((name) => !PRESENT[abi].test(name))
  const newer = glibc !== undefined && (abi === 'musl' || byVersion(glibc, GLIBC) > 0)
  return [
    ...unknown.map((name) => `it needs "${name}", which not every system has`),
    ...(newer
      ? [`it needs glibc ${glibc}, and ${abi === 'musl' ? 'is for musl' : `${GLIBC} is the limit`}`]
      : []),
  ]
}

function byVersion(a, b) {
  return a.localeCompare(b, 'en', { numeric: true })
}
