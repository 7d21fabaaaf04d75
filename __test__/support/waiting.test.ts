// A wait whose outcome nobody looks at proves nothing: the test goes on, and passes, when what it waits for never comes.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A statement of its own; as an argument it has a bracket in front. */
const DISCARDED = /[^(\s,]\n\s*await eventually\(/

test('no test discards what eventually() has seen', (t) => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  t.true(files.length > 100)
  for (const name of files) {
    const text = readFileSync(join(root, name), 'utf8')
    t.notRegex(text, DISCARDED, name)
  }
  t.regex(`  work()\n  await eventually${'('}() => false)\n`, DISCARDED)
})
