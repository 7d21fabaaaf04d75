import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'

function check(root?: string): Promise<{ failed: boolean; output: string }> {
  const env = { ...process.env, ...(root === undefined ? {} : { CORNAC_LAYERS_ROOT: root }) }
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/check-crate-layers.mjs'], { env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr })
    })
  })
}

async function crate(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cornac-layers-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, 'crates/some/src', name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  return root
}

test('no crate has a circle of modules', async (t) => {
  const { failed, output } = await check()
  t.false(failed, output)
})

for (const [title, use] of [
  ['a name', 'use crate::low::Low;'],
  ['a list of names', 'use crate::{\n    low::{self, Low as Lower},\n};'],
  ['a name handed on by the root', 'use crate::Low;'],
  ['a path within code', 'fn make() -> crate::low::Low {}'],
  ['a name from above', 'use super::low::Low;'],
] as const) {
  test(`a circle by ${title} is found`, async (t) => {
    const root = await crate(t, {
      'lib.rs': 'mod high;\nmod low;\npub use low::Low;',
      'high.rs': `${use}\npub struct High;`,
      'low.rs': 'use crate::high::High;\npub struct Low;',
    })
    const { failed, output } = await check(root)
    t.true(failed)
    t.deepEqual(output.trim().split('\n'), [
      'some: these files use each other in a circle',
      '  high.rs uses low.rs',
      '  low.rs uses high.rs',
    ])
  })
}

test('parts of a module, names that are handed on, comments and tests make no circle', async (t) => {
  const root = await crate(t, {
    'lib.rs': 'pub mod high;\nmod low;\npub use high::High;',
    'high.rs': 'mod part;\nuse crate::low::Low;\npub use part::Part;\npub struct High(part::Part);',
    'high/part.rs': 'use super::High;\npub struct Part;',
    'low.rs': [
      '// use crate::high::High;',
      'const TEXT: &str = "use crate::high::High;";',
      'pub struct Low;',
      '#[cfg(test)]',
      'mod tests {',
      '    use crate::high::High;',
      '}',
    ].join('\n'),
  })
  const { failed, output } = await check(root)
  t.false(failed, output)
})
