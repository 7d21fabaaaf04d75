// What publint and are-the-types-wrong say of a packed package.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { execute, root } from './steps.mjs'

/**
 * Gives 0 when both are content.
 *
 * @param {string} tarball
 */
export async function lintPackage(tarball) {
  const { messages, pkg } = await publint({ pack: { tarball: readFileSync(tarball).buffer }, strict: true })
  for (const message of messages) console.error(`publint: ${formatMessage(message, pkg)}`)
  const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js')
  // `node16`: what resolves without package.json's exports is older than every Node.js that the package runs on.
  const code = await execute(process.execPath, [
    attw,
    tarball,
    '--profile',
    'node16',
    '--format',
    'ascii',
    '--no-emoji',
  ])
  return messages.length > 0 ? 1 : code
}
