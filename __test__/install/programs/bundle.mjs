// Bundles a program by one of several bundlers, in one of the ways that the guide tells.
//
// usage: bundle.mjs <way>, which writes bundled/app.cjs or bundled/app.mjs

import { resolve } from 'node:path'

const input = 'bundled.mjs'
const inFile = { cjs: 'bundled/app.cjs', esm: 'bundled/app.mjs' }

async function esbuild(options) {
  const { build } = await import('esbuild')
  await build({ entryPoints: { app: input }, bundle: true, platform: 'node', outdir: 'bundled', ...options })
}

async function rollup(options, output) {
  const { rollup } = await import('rollup')
  const { default: commonjs } = await import('@rollup/plugin-commonjs')
  const { nodeResolve } = await import('@rollup/plugin-node-resolve')
  const bundle = await rollup({ input, plugins: [nodeResolve(), commonjs()], ...options })
  await bundle.write(output)
}

async function rolldown(options, output) {
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({ input, platform: 'node', ...options })
  await bundle.write(output)
}

async function webpack(options) {
  const { default: webpack } = await import('webpack')
  const output = { path: resolve('bundled'), filename: 'app.cjs' }
  const stats = await new Promise((resolve, reject) => {
    webpack(
      { mode: 'production', target: 'node20', entry: `./${input}`, output, ...options },
      (error, stats) => (error ? reject(error) : resolve(stats)),
    )
  })
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString())
}

// The lines of the guide are those after each bundler's name.
const ways = {
  'esbuild beside': () => esbuild({ format: 'esm', external: ['cornac'], outExtension: { '.js': '.mjs' } }),
  'esbuild within': () =>
    esbuild({ format: 'cjs', loader: { '.node': 'copy' }, outExtension: { '.js': '.cjs' } }),
  'esbuild within, ES module': () =>
    esbuild({
      format: 'esm',
      external: ['cornac-*'],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url), __dirname = import.meta.dirname",
      },
      outExtension: { '.js': '.mjs' },
    }),
  'rollup beside': () => rollup({ external: ['cornac'] }, { file: inFile.esm, format: 'es' }),
  'rollup within': () => rollup({ external: [/^cornac-/] }, { file: inFile.cjs, format: 'cjs' }),
  'rolldown beside': () => rolldown({ external: ['cornac'] }, { file: inFile.esm, format: 'es' }),
  'rolldown within': () => rolldown({ external: [/^cornac-/] }, { file: inFile.cjs, format: 'cjs' }),
  'rolldown within, ES module': () =>
    rolldown({ external: [/^cornac-/] }, { file: inFile.esm, format: 'es' }),
  'webpack beside': () => webpack({ externals: { cornac: 'commonjs cornac' } }),
  'webpack within': () => webpack({ externals: [/^cornac-/], externalsType: 'commonjs' }),
}

await ways[process.argv[2]]()
