// What a machine may or may not have installed.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface Requirement {
  /** As it is called in a sentence: "PgBouncer". */
  name: string
  /** How one gets it: "apt-get install pgbouncer". */
  remedy: string
  available: boolean
}

/** The path of a program in PATH or where daemons lie, undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
