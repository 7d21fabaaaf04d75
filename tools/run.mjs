// The commands of package.json. Each does everything it needs by itself, on a fresh clone with Node.js and Rust:
// it installs the npm packages, builds what is missing or out of date, starts its own servers and stops them.
//
// usage: node tools/run.mjs demo | test | differential | soak | runtimes | bench | check | cross | pack | release [arguments]

const [command = '', ...rest] = process.argv.slice(2)
const commands = [
  'demo',
  'test',
  'differential',
  'soak',
  'runtimes',
  'bench',
  'check',
  'cross',
  'pack',
  'release',
]

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19) || (major === 22 && minor < 12) || major === 21) {
  console.error(`cornac needs Node.js 20.19, 22.12 or newer; this is ${process.versions.node}`)
  process.exit(1)
}
if (!commands.includes(command)) {
  console.error(`unknown command "${command}": there are ${commands.join(', ')}`)
  process.exit(1)
}

const { run } = await import(`./run/${command}.mjs`)
try {
  process.exitCode = await run(rest)
} catch (error) {
  // A step that failed has said why on its own output; anything else deserves its stack.
  console.error(error.expected ? error.message : error)
  process.exitCode = 1
}
