// Bundles a program as the guide's table says.
//
// usage: bundle.mjs <bundler and form of the output> <options>, which writes bundled/app.cjs or bundled/app.mjs

import { resolve } from 'node:path'

const [row, text] = process.argv.slice(2)
const options = new Function(`return { ${text} }`)()
const isModule = row.endsWith('an ES module')
const input = 'bundled.mjs'
const file = isModule ? 'bundled/app.mjs' : 'bundled/app.cjs'
const format = isModule ? 'es' : 'cjs'

const bundlers = {
  async esbuild() {
    const { build } = await import('esbuild')
    const outExtension = { '.js': isModule ? '.mjs' : '.cjs' }
    const own = {
      entryPoints: { app: input },
      bundle: true,
      platform: 'node',
      outdir: 'bundled',
      outExtension,
    }
    await build({ ...own, ...options })
  },
  async Rollup() {
    const { rollup } = await import('rollup')
    const { default: commonjs } = await import('@rollup/plugin-commonjs')
    const { nodeResolve } = await import('@rollup/plugin-node-resolve')
    const bundle = await rollup({ input, plugins: [nodeResolve(), commonjs()], ...options })
    await bundle.write({ file, format })
  },
  async Rolldown() {
    const { rolldown } = await import('rolldown')
    const bundle = await rolldown({ input, platform: 'node', ...options })
    await bundle.write({ file, format, minify: true })
  },
  async webpack() {
    const { default: webpack } = await import('webpack')
    const output = { path: resolve('bundled'), filename: 'app.cjs' }
    const all = { mode: 'production', target: 'node20', entry: `./${input}`, output, ...options }
    const stats = await new Promise((resolve, reject) => {
      webpack(all, (error, stats) => (error ? reject(error) : resolve(stats)))
    })
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString())
  },
}

await bundlers[row.split(',')[0]]()
