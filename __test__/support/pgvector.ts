// A PostgreSQL that has pgvector.

import { findPgvector } from '../../tools/pgvector.mjs'
import type { Requirement } from './programs.ts'
import { type OwnServer, startServer } from './server.ts'

const programs = await findPgvector()

/** For `requiring(pgvector)`. */
export const pgvector: Requirement = {
  name: 'pgvector',
  remedy: 'node tools/pgvector.mjs',
  available: programs !== undefined,
}

export function startPgvector(): Promise<OwnServer> {
  if (programs === undefined) throw new Error(`${pgvector.name} is not installed: ${pgvector.remedy}`)
  return startServer({ installation: programs })
}
