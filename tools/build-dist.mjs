#!/usr/bin/env node
// Writes dist/, the JavaScript and the declarations that are published: for each entry one CommonJS file with its source
// map, an ES module that hands its names on, and declarations for both, so that there is one set of classes. A second
// file of the driver's own is loaded at the first connect.
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { deferral, ENTRY, joined } from './bundle/deferred.mjs'
import { telemetryDeclarations } from './declarations/emit.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const boundary = join(root, 'src', 'boundary')

/** Left to be required: the platforms' packages, each of which is there on its own platform only, and what is optional. */
const EXTERNAL = [/^cornac-/, '@opentelemetry/api']

/**
 * V8 reads a file of ASCII faster and keeps it in half the memory. What is beyond stands in strings and templates only,
 * where an escape means the same. The source map fits still: it tells places by line, and columns before such a text.
 */
function write(name, code, map) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  const text = code.replaceAll('\0', '').replace(/[\u0080-\uffff]/g, escaped)
  writeFileSync(join(dist, `${name}.cjs`), `${text.trimEnd()}\n\n//# sourceMappingURL=${name}.cjs.map\n`)
  writeFileSync(join(dist, `${name}.cjs.map`), JSON.stringify({ ...map, file: `${name}.cjs` }))
}

const OUTPUT = {
  dir: dist,
  format: 'cjs',
  // A default import gives the module itself, in each bundler too.
  esModule: false,
  sourcemap: 'hidden',
  comments: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
}

async function chunksOf(input, output, plugins = []) {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: EXTERNAL,
    transform: { target: 'es2023' },
    preserveEntrySignatures: 'strict',
    plugins,
  })
  const { output: files } = await build.generate({ ...OUTPUT, ...output })
  await build.close()
  return Object.fromEntries(files.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.name, chunk]))
}

/** The driver: what is read at import, and what waits for the first connect. */
async function driver() {
  const { plugin, isEarly } = deferral(root, 'index.ts')
  const groups = [{ name: 'early', test: isEarly }]
  const output = { minifyInternalExports: false, codeSplitting: { groups } }
  const chunks = await chunksOf({ index: 'index.ts', [ENTRY]: ENTRY }, output, [plugin])
  const { early, index: facade, [ENTRY]: late, ...others } = chunks
  const [other] = Object.keys(others)
  if (other !== undefined) throw new Error(`a third file would be loaded: "${other}.cjs"`)
  const files = joined({ early: early.code, late: late.code, facade: facade.code })
  write('index', files.index, early.map)
  write(ENTRY, files.session, late.map)
  return files.names
}

async function telemetry() {
  const { opentelemetry } = await chunksOf({ opentelemetry: 'src/opentelemetry.ts' })
  write('opentelemetry', opentelemetry.code, opentelemetry.map)
  return opentelemetry.exports.filter((exported) => exported !== 'default').sort()
}

/**
 * Node reads a CommonJS file that a module imports for the names that it exports, which takes longer than running ours.
 * It finds none in `shared.cjs`, which is small, and the names are told here.
 */
function esModule(names) {
  writeFileSync(
    join(dist, 'shared.cjs'),
    "'use strict'\nconst shared = require('./index.cjs')\nmodule.exports = shared\n",
  )
  writeFileSync(
    join(dist, 'index.js'),
    `import shared from './shared.cjs'\n\nexport const {\n${names.map((name) => `  ${name},\n`).join('')}} = shared\n`,
  )
}

function declarations() {
  // The ES module's types are the CommonJS file's, as its classes are.
  writeFileSync(join(dist, 'index.d.cts'), readFileSync(join(root, 'index.d.ts')))
  writeFileSync(join(dist, 'index.d.ts'), "export * from './index.cjs'\n")
  writeFileSync(join(dist, 'opentelemetry.d.cts'), telemetryDeclarations('./index.cjs'))
  writeFileSync(join(dist, 'opentelemetry.d.ts'), "export * from './opentelemetry.cjs'\n")
}

/** In a checkout the binary lies beside the loader of the sources; a package of its own has it when installed. */
function linkBinaries() {
  const binaries = readdirSync(boundary).filter((name) => name.endsWith('.node'))
  for (const name of binaries) {
    rmSync(join(dist, name), { force: true })
    try {
      symlinkSync(join('..', 'src', 'boundary', name), join(dist, name))
    } catch (error) {
      // Windows lets few make links.
      if (error.code !== 'EPERM') throw error
      copyFileSync(join(boundary, name), join(dist, name))
    }
  }
  return binaries
}

/** What an earlier build left; programs that run from dist meanwhile keep what they need. */
function removeAllBut(files) {
  for (const name of readdirSync(dist)) {
    if (!files.includes(name)) rmSync(join(dist, name), { recursive: true })
  }
}

mkdirSync(dist, { recursive: true })
esModule(await driver())
writeFileSync(
  join(dist, 'opentelemetry.js'),
  `export { ${(await telemetry()).join(', ')} } from './opentelemetry.cjs'\n`,
)
const binaries = linkBinaries()
declarations()
const entries = ['index', 'opentelemetry']
const written = entries.flatMap((name) =>
  ['.cjs', '.cjs.map', '.js', '.d.cts', '.d.ts'].map((ending) => `${name}${ending}`),
)
removeAllBut([...written, `${ENTRY}.cjs`, `${ENTRY}.cjs.map`, 'shared.cjs', ...binaries])
