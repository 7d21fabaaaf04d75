import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'

// The runner itself: no server is needed for what these examples do.
function runner(args: string[]): Promise<{ failed: boolean; output: string }> {
  const env = { ...process.env, DATABASE_URL: 'postgres://nobody@localhost:1/none' }
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/run-examples.mjs', ...args], { env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr })
    })
  })
}

async function run(markdown: string, ...args: string[]): Promise<{ failed: boolean; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'cornac-runner-'))
  try {
    const file = join(folder, 'page.md')
    await writeFile(file, markdown)
    return await runner([...args, file])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const fence = (code: string, info = 'ts'): string => `# page\n\n\`\`\`${info}\n${code}\n\`\`\`\n`

test('every form of an expected value is compared', async (t) => {
  const { failed, output } = await run(
    fence(`const rows = [{ n: 1, s: 'x' }]
// => [ { n: 1, s: 'x' } ]
const long = rows.map((row) => ({
  ...row,
  extra: row.n,
})) // => [ { n: 1, s: 'x', extra: 1 } ]
console.log(\`hello \${rows.length}\`) // => hello 1
1 + 1 // => 2
await Promise.resolve(rows[0]?.s)
// => 'x'
long.map((row) => {
  return row.n
}) // => [ 1 ]
console.log({
  a: 1,
  b: [2, 3],
})
// => { a: 1,
//      b: … }
const error = new UniqueViolationError('duplicate key')
error instanceof PostgresError // => true`),
  )
  t.false(failed, output)
  t.regex(output, /1 examples are well-typed, 1 ran/)
})

test('a wrong value names its line and both values', async (t) => {
  const { failed, output } = await run(fence('const a = 4\n\na + 1 // => 6'))
  t.true(failed)
  t.regex(output, /page\.md:6: the example failed\n {2}expected 6\n {2}got {6}5/)
})

test('an example that throws names its line', async (t) => {
  const { failed, output } = await run(fence("const a = 4\nif (a > 3) throw new Error('boom')"))
  t.true(failed)
  t.regex(output, /boom/)
  t.regex(output, /page\.md:5/)
})

test('a type error is found before anything runs, also where nothing is to run', async (t) => {
  for (const info of ['ts', 'ts no-run']) {
    const { failed, output } = await run(fence("const a: number = 'four'\nconsole.log(a)", info))
    t.true(failed)
    t.regex(output, /page\.md:4: error TS2322/)
  }
})

test('no-run and other languages are not run, and a misspelt word is refused', async (t) => {
  const quiet = fence("throw new Error('boom')", 'ts no-run') + fence('not code at all', 'sh')
  t.false((await run(quiet)).failed)
  const { failed, output } = await run(fence('1', 'ts norun'))
  t.true(failed)
  t.regex(output, /page\.md:3: "norun" after ts is not known/)
})

test('without a server only --types works, and says so', async (t) => {
  t.false((await run(fence('throw new Error()'), '--types')).failed)
})
