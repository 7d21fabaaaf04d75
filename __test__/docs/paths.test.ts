import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'

function check(root?: string): Promise<{ failed: boolean; output: string }> {
  const env = { ...process.env, ...(root === undefined ? {} : { CORNAC_DOCS_ROOT: root }) }
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/check-docs.mjs'], { env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr })
    })
  })
}

test('every path and link in the documents leads somewhere', async (t) => {
  const { failed, output } = await check()
  t.false(failed, output)
})

test('paths that are gone and links to nowhere are found, and foreign ones are let be', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'cornac-docs-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  await mkdir(join(root, 'src/errors'), { recursive: true })
  await mkdir(join(root, 'docs'))
  await writeFile(join(root, 'src/errors/base.ts'), '')
  await writeFile(join(root, 'docs/other.md'), '# One heading\n')
  await writeFile(
    join(root, 'docs/page.md'),
    [
      'Good: `src/errors/base.ts`, `src/errors/`, `src/*/base.ts`, `base.ts`, `other.md`, `select 1/2`.',
      'Foreign: `@napi-rs/cli`, `node:fs/promises`, `/etc/krb5.conf`, `pg_service.conf`, `a/b`.',
      '[good](other.md#one-heading) [good](../src/errors) [good](https://example.org/x) [good](#top)',
      '## Top',
      '```ts',
      "import x from 'src/not/there.ts' // `src/not/there.ts`",
      '```',
      'Bad: `src/errors/gone.ts`, `src/*/gone.ts` and `gone.rs`.',
      '[bad](gone.md) [bad](other.md#no-such) [bad](#nor-this)',
    ].join('\n'),
  )
  const { failed, output } = await check(root)
  t.true(failed)
  t.deepEqual(output.trim().split('\n'), [
    'docs/page.md:8: there is no `src/errors/gone.ts`',
    'docs/page.md:8: there is no `src/*/gone.ts`',
    'docs/page.md:8: there is no `gone.rs`',
    'docs/page.md:9: the link to gone.md leads nowhere',
    'docs/page.md:9: the link to other.md#no-such leads nowhere',
    'docs/page.md:9: the link to #nor-this leads nowhere',
  ])
})
