// Imported by every example that is run: compares what `// => text` says with what came.
import process from 'node:process'
import { format, inspect } from 'node:util'

let printed = ''
for (const name of ['log', 'info']) {
  const original = console[name].bind(console)
  console[name] = (...args) => {
    printed = format(...args)
    original(...args)
  }
}

const flat = (text) => text.replace(/\s+/g, ' ').trim()

function compare(came, wanted, line) {
  const pattern = flat(wanted)
    .split('…')
    .map((part) => part.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&'))
    .join('[\\s\\S]*')
  if (new RegExp(`^${pattern}$`).test(flat(came))) return
  console.error(`EXAMPLE-LINE ${line}\n  expected ${flat(wanted)}\n  got      ${flat(came)}`)
  process.exit(1)
}

/** Against what the last console.log printed. */
export function __printed(wanted, line) {
  compare(printed, wanted, line)
}

/** Against a value as util.inspect shows it on one line; `…` stands for anything. */
export function __value(value, wanted, line) {
  compare(
    inspect(value, { breakLength: Infinity, compact: true, depth: 8, maxArrayLength: 200 }),
    wanted,
    line,
  )
}
