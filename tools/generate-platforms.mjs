#!/usr/bin/env node
// Writes docs/guide/platforms.md from the targets of package.json.
//
//   node tools/generate-platforms.mjs            write it
//   node tools/generate-platforms.mjs --check    compare with the committed one, write nothing
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { platformsOf } from './platforms.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const TARGET = join(ROOT, 'docs/guide/platforms.md')

const SYSTEMS = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }
const NEEDS = {
  gnu: 'glibc 2.17 or newer',
  musl: 'musl, as Alpine has it',
  darwin: 'macOS 11 or newer',
  msvc: '',
}

// What has been done with the binary of a platform; for the others it is said that nothing has.
const TRIED = {
  'linux-x64-gnu':
    'all tests run here on Node.js 20, those of TypeScript on 26; installed, it is used on 22 and 24 too',
  'linux-arm64-gnu': 'built, and tried with Node.js 24 under emulation',
  'linux-x64-musl': 'built, and tried on musl 1.2.5 with Node.js 24',
  'linux-arm64-musl': 'built, and tried on musl 1.2.5 with Node.js 24 under emulation',
}

function text() {
  const { name, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const rows = platformsOf(ROOT).map(({ name: platform, system, processor, abi }) => {
    const cells = [
      `${SYSTEMS[system]}, ${processor}`,
      `\`${name}-${platform}\``,
      NEEDS[abi ?? system],
      TRIED[platform] ?? 'not yet: its build is written and has not run',
    ]
    return `| ${cells.join(' | ')} |`
  })
  return `<!-- Written by tools/generate-platforms.mjs from package.json: change the tool or that, not this file. -->

# Platforms

cornac runs on Node.js ${engines.node.replace('^', '').replace(' || >=', ' and later of that line, and on ')} and newer.
The package manager takes the package of the platform that it runs on, as an optional dependency. Nothing is compiled.

| platform | package | needs | what was done |
|---|---|---|---|
${rows.join('\n')}

Electron takes the binary of its platform: Node-API is the same there. That is untried.

## When there is no binary

The first \`connect()\` or \`createPool()\` says which package is missing, or which file did not load and why. Importing the
package succeeds all the same.

- **Another platform.** Build the driver from its sources, with Node.js and Rust 1.88 or newer: \`npm run build\`. Name the file
  that this lays into \`src/boundary\` by the environment variable \`CORNAC_NATIVE\`.
- **\`node_modules\` or a lock file from another platform.** Remove both and install again.
- **A program that is one file.** Lay the binary beside it, under its own name, or name it by \`CORNAC_NATIVE\`.
`
}

function main(args) {
  const wanted = text()
  if (!args.includes('--check')) {
    writeFileSync(TARGET, wanted)
    console.log('docs/guide/platforms.md: written')
  } else if (!existsSync(TARGET) || readFileSync(TARGET, 'utf8') !== wanted) {
    throw new Error(
      'docs/guide/platforms.md is not what the targets give: run node tools/generate-platforms.mjs and commit the result',
    )
  } else {
    console.log('docs/guide/platforms.md is up to date')
  }
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
