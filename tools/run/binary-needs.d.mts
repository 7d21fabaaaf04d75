interface Platform {
  abi?: string
}

/** The oldest glibc that is supported. */
export const GLIBC: string

/** What a binary needs of the system that loads it: names of libraries, and the highest version of glibc. */
export interface Needs {
  libraries: readonly string[]
  glibc: string | undefined
}

/** Reads a little-endian ELF file of 64 bits. */
export function needsOf(file: string): Needs

/** Why a binary does not run on every system that it is for; empty when it does. */
export function surplus(platform: Platform, needs: Needs): string[]
