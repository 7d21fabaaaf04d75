// npm run test:runtimes: the TypeScript tests on every other Node.js that the driver supports. Arguments name the lines
// of Node.js and the parts of the tests: `npm run test:runtimes -- node24 query`.

import { announcement, selectParts } from './parts.mjs'
import { installRuntimes, NODES, runtimeBinary } from './runtime-binaries.mjs'
import { Failed } from './steps.mjs'
import { prepareSuite, typescript } from './suite.mjs'

/** @param {string[]} args */
export async function run(args) {
  const nodes = args.filter((arg) => NODES.includes(arg))
  const selection = selectParts(args.filter((arg) => !NODES.includes(arg)))
  const { paths, options } = selection
  if (!selection.all && selection.crates.length > 0)
    throw new Failed('the tests of a crate run on no Node.js: npm test runs them')
  const chosen = nodes.length === 0 ? NODES : nodes
  console.log(`on each of ${chosen.join(', ')}: ${announcement({ ...selection, crates: [] })}`)
  await installRuntimes()
  await prepareSuite(paths)
  const results = []
  for (const name of chosen) {
    console.log(`\n${name}`)
    results.push({ name, ...(await typescript([...paths, ...options], runtimeBinary(name))) })
  }
  for (const { name, passed, failed } of results) console.log(`${name}: ${passed} passed, ${failed} failed`)
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  return sum('failed') === 0 ? 0 : 1
}
