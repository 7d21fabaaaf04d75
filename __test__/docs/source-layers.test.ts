import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'

function check(root?: string): Promise<{ failed: boolean; output: string[] }> {
  const env = { ...process.env, ...(root === undefined ? {} : { CORNAC_LAYERS_ROOT: root }) }
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/check-layers.mjs'], { env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: (stdout + stderr).trim().split('\n') })
    })
  })
}

async function sources(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cornac-sources-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries({ 'index.ts': '', ...files })) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

test('the files of src use each other one way', async (t) => {
  const { failed, output } = await check()
  t.false(failed, output.join('\n'))
})

for (const [title, statement] of [
  ['a value', "import { low } from './low.ts'"],
  ['a type', "import type { Low } from './low.ts'"],
  ['a list of several lines', "import {\n  type Low,\n  low,\n} from './low.ts'"],
  ['what is handed on', "export { low } from './low.ts'"],
  ['a type in its place', "const a: import('./low.ts').Low = 1"],
] as const) {
  test(`a circle by ${title} is found`, async (t) => {
    const root = await sources(t, {
      'src/high.ts': statement,
      'src/low.ts': "import { middle } from './inner/middle.ts'",
      'src/inner/middle.ts': "import '../high.ts'",
    })
    const { failed, output } = await check(root)
    t.true(failed)
    t.deepEqual(output, ['a circle: src/high.ts → src/low.ts → src/inner/middle.ts → src/high.ts'])
  })
}

test('whoever reaches past a layer is named', async (t) => {
  const root = await sources(t, {
    'src/pool.ts': "import type { Call } from './boundary/call.ts'\n// setTimeout is taken from timers.ts",
    'src/session.ts': "import { call } from './boundary/call.ts'\nimport { Core } from '#native'",
    'src/boundary/call.ts': "import { nextTick } from '../timers.ts'\nsetTimeout(() => nextTick(run), 1)",
    'src/boundary/clock.ts':
      "import { setTimeout } from 'node:timers/promises'\nprocess.hrtime()\nnew Date()",
    'src/timers.ts': 'export const nextTick = process.nextTick',
  })
  const { failed, output } = await check(root)
  t.true(failed)
  t.deepEqual(output, [
    'src/boundary/call.ts uses setTimeout: take it from src/timers.ts',
    'src/boundary/clock.ts uses setTimeout: take it from src/timers.ts',
    'src/boundary/clock.ts uses node:timers: take it from src/timers.ts',
    'src/boundary/clock.ts uses process.hrtime: take it from src/timers.ts',
    'src/boundary/clock.ts uses new Date(): take it from src/timers.ts',
    'src/pool.ts imports src/boundary/call.ts: only src/ask.ts, src/connector.ts and src/session.ts use the boundary',
    'src/session.ts imports the binding: only src/boundary/bridge.ts does',
  ])
})
