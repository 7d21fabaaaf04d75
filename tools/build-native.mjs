// Builds the binding by @napi-rs/cli and lays it beside its loader, with the declarations that it makes of the Rust code.
//
//   --dist              builds what is shipped and measured
//   --panic-hooks       builds what tests of panics load, into the target folder
//   --target TRIPLE     builds for another platform; of Linux with glibc the least version may follow: `….2.17`
//   --cross-compile     has cargo-zigbuild or cargo-xwin link, as another platform needs
//   --to FOLDER         lays the binary and its declarations there, and not beside the loader
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values } = parseArgs({
  options: {
    dist: { type: 'boolean', default: false },
    'panic-hooks': { type: 'boolean', default: false },
    target: { type: 'string' },
    'cross-compile': { type: 'boolean', default: false },
    to: { type: 'string', default: join(root, 'src', 'boundary') },
  },
})
const hooks = values['panic-hooks']
const targetFolder = process.env.CARGO_TARGET_DIR ?? join(root, 'target')
const output = hooks ? join(targetFolder, 'panic-hooks') : resolve(values.to)

if (spawnSync('cargo', ['--version']).error?.code === 'ENOENT') {
  console.error(
    'cornac needs a Rust toolchain (1.88 or newer) to be built: install one from https://rustup.rs',
  )
  process.exit(1)
}
mkdirSync(output, { recursive: true })
try {
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js'),
      ...['build', '--platform', '--profile', values.dist ? 'dist' : 'release'],
      ...['--manifest-path', 'crates/node/Cargo.toml', '--package-json-path', 'package.json'],
      ...['--output-dir', output, '--no-js', '--dts', 'binding.d.cts'],
      '--dts-header',
      '// Written by tools/build-native.mjs from crates/node: change that, not this file.\n\n',
      ...(values.target === undefined ? [] : ['--target', values.target]),
      ...(values['cross-compile'] ? ['--cross-compile'] : []),
      ...(hooks ? ['--features', 'panic-hooks'] : []),
      ...['--', '--locked'],
    ],
    { cwd: root, stdio: 'inherit' },
  )
} catch {
  // What failed has said why.
  process.exit(1)
}
if (hooks) {
  const binary = readdirSync(output).find((name) => name.endsWith('.node'))
  // Renamed into place: a process that has the old one loaded keeps it.
  renameSync(join(output, binary), join(targetFolder, 'panic-hooks.node'))
  rmSync(output, { recursive: true })
}
