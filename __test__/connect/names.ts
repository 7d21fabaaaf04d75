// Names of an imagined name service, for the whole process: what `node:dns` says about them.

import type { LookupAddress } from 'node:dns'
import dns from 'node:dns/promises'
import { syncBuiltinESMExports } from 'node:module'
import { isIP } from 'node:net'

/** The addresses of each name, in order; `'silence'` is a name service that never answers. */
export type Names = { readonly [host: string]: readonly string[] | 'silence' }

const names = new Map<string, readonly string[] | 'silence'>()

/**
 * Adds names that only this process knows; all others are looked up as ever. Tests of one file run in one
 * process: use a name once.
 */
export function addNames(added: Names): void {
  for (const [host, addresses] of Object.entries(added)) names.set(host, addresses)
}

const systemLookup = dns.lookup

async function lookup(host: string, options: object): Promise<LookupAddress[]> {
  const found = names.get(host)
  if (found === 'silence') return new Promise(() => {})
  if (found === undefined) return systemLookup(host, { ...options, all: true })
  return found.map((address) => ({ address, family: isIP(address) }))
}

Object.assign(dns, { lookup })
// What has been imported by name from the module sees the change, too.
syncBuiltinESMExports()
