// Builds the binding with cargo and lays it beside its loader. `--dist` builds what is shipped and measured;
// `--panic-hooks` builds what tests of panics load, into the target folder.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const hooks = process.argv.includes('--panic-hooks')
const profile = process.argv.includes('--dist') ? 'dist' : 'release'
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target')

const { platform, arch, report } = process
// The report's network part looks up the names of peers, which can take long.
report.excludeNetwork = true
const glibc = platform === 'linux' && report.getReport().header.glibcVersionRuntime !== undefined
const suffix = { win32: '-msvc', linux: glibc ? '-gnu' : '-musl' }[platform] ?? ''
const library = { win32: 'cornac_node.dll', darwin: 'libcornac_node.dylib' }[platform] ?? 'libcornac_node.so'

const directory = join(root, 'src', 'boundary')
mkdirSync(directory, { recursive: true })
try {
  execFileSync(
    'cargo',
    [
      'build',
      '--profile',
      profile,
      '--package',
      'cornac-node',
      '--locked',
      ...(hooks ? ['--features', 'panic-hooks'] : []),
    ],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
} catch (error) {
  if (error.code === 'ENOENT') {
    console.error(
      'cornac needs a Rust toolchain (1.88 or newer) to be built: install one from https://rustup.rs',
    )
  }
  process.exit(1)
}
// Renamed into place: a process that has the old one loaded keeps it.
const built = hooks
  ? join(target, 'panic-hooks.node')
  : join(directory, `cornac.${platform}-${arch}${suffix}.node`)
copyFileSync(join(target, profile, library), `${built}.new`)
renameSync(`${built}.new`, built)
