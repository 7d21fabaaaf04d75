// What compiles and links for another platform of Linux on this one.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fromPypi, made, output } from './cache.mjs'
import { unpack } from './debian.mjs'

/** zig compiles the C of aws-lc and links; 0.17.1 ends at aws-lc with an error and no message. */
const ZIG = '0.15.2'
const ZIGBUILD = '0.24.1'

/**
 * The environment of a build.
 *
 * @param {import('../platforms.mjs').Platform} platform
 * @returns {Promise<Record<string, string>>}
 */
export async function buildEnvironment({ target }) {
  const zig = await made(`zig-${ZIG}`, (folder) =>
    fromPypi(folder, [`ziglang==${ZIG}`, `cargo-zigbuild==${ZIGBUILD}`]),
  )
  return {
    PATH: [join(zig, 'bin'), process.env.PATH].join(delimiter),
    CARGO_ZIGBUILD_ZIG_PATH: join(zig, 'ziglang', 'zig'),
    CARGO_TERM_COLOR: 'never',
    ...(await compiler(target)),
  }
}

/**
 * The compiler of this machine where it has the target's standard library: rustup adds it by `rustup target add`.
 * Else Debian's, with the sources of its standard library, which is compiled as well.
 */
async function compiler(target) {
  const libraries = await output('rustc', ['--print', 'target-libdir', '--target', target])
  if (existsSync(libraries.trim())) return {}
  const folder = await made('rust', (folder) =>
    unpack(folder, ['rustc-web', 'rust-web-src'], { needed: true }),
  )
  return {
    RUSTC: join(folder, 'usr', 'bin', 'rustc'),
    LD_LIBRARY_PATH: join(folder, 'usr', 'lib', 'x86_64-linux-gnu'),
    // `-Zbuild-std` of a compiler that is no nightly one.
    RUSTC_BOOTSTRAP: '1',
    CARGO_UNSTABLE_BUILD_STD: 'std,panic_unwind',
  }
}
