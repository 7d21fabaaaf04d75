import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'

function check(root?: string): Promise<{ failed: boolean; output: string }> {
  const env = { ...process.env, ...(root === undefined ? {} : { CORNAC_NAMES_ROOT: root }) }
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/check-names.mjs'], { env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr })
    })
  })
}

async function repository(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cornac-names-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const all = {
    'index.d.ts': 'export function fetchAll(sizeLimit?: number): void // goneNow()',
    '__test__/typings/surface.d.ts': 'export function comesLater(): void',
    'tools/names/announced.txt': '',
    'tools/names/foreign.txt': '',
    'README.md': '',
    'CHANGELOG.md': '',
    'src/a.ts': '',
    'crates/b/src/lib.rs': '',
    'docs/guide/c.md': '',
    ...files,
  }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

test('messages and documents name what is there', async (t) => {
  const { failed, output } = await check()
  t.false(failed, output)
})

for (const [title, path, text, name] of [
  ['a hint', 'src/a.ts', "const hint = 'use fetchNone() instead'", 'fetchNone'],
  [
    'a message with a value in it',
    'src/a.ts',
    `const m = \`the option \${n} needs maxLimit too\``,
    'maxLimit',
  ],
  ['a text of Rust', 'crates/b/src/lib.rs', 'const HINT: &str = "use goneNow() for \\\n  that";', 'goneNow'],
  ['a guide', 'docs/guide/c.md', 'Call `connection.gone(1)`.', 'gone'],
  ['an option in a guide', 'docs/guide/c.md', 'The option `sizeLimits` says so.', 'sizeLimits'],
  ['an internal document', 'docs/internals/d.md', 'It calls `nowhere()`.', 'nowhere'],
] as const) {
  test(`${title} that names what is not there is found`, async (t) => {
    const { failed, output } = await check(await repository(t, { [path]: text }))
    t.true(failed, output)
    t.true(output.startsWith(`${path}: "${name}" is not declared in index.d.ts\n`), output)
  })
}

test('what is declared, announced or of others passes, and so do code, comments and tests', async (t) => {
  const root = await repository(t, {
    'src/a.ts':
      "const hint = 'use fetchAll() with sizeLimit, later comesLater(), or unnest()' // and nothingAtAll()",
    'src/b.ts': "const sql = 'fetchNone()'",
    'crates/b/src/lib.rs':
      'const A: &str = "use fetchAll()"; // "or nothing()"\n#[cfg(test)]\nmod tests {\n const B: &str = "or none()";\n}',
    'docs/guide/c.md': 'Use `fetchAll()`.\n\n```ts\nfetchNone()\n```\n',
    'docs/internals/d.md': 'It calls `inner()`.',
    'src/c.ts': 'function inner() {}',
    'tools/names/announced.txt': '# soon\ncomesLater\n',
    'tools/names/foreign.txt': 'unnest # of SQL\n',
  })
  const { failed, output } = await check(root)
  t.false(failed, output)
})

test('lists have nothing that they need not have', async (t) => {
  const root = await repository(t, {
    'tools/names/announced.txt': 'fetchAll\nneverSaid\n',
    'tools/names/foreign.txt': 'unnest\n',
  })
  const { failed, output } = await check(root)
  t.true(failed)
  t.deepEqual(output.split('\n').slice(0, 3), [
    'tools/names/announced.txt: "fetchAll" is there now, take it out',
    'tools/names/announced.txt: "neverSaid" is not announced by __test__/typings/surface.d.ts',
    'tools/names/foreign.txt: "unnest" is spoken of nowhere, take it out',
  ])
})
