// Projects whose tests use the driver, by the test runners that are about, in each way that these load modules.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { sharedServer } from '../support/server.ts'
import { newProject, tools } from './support/project.ts'
import { type Registry, startRegistry } from './support/registry.ts'

const tests = readFileSync(new URL('./programs/unit-tests.mjs', import.meta.url), 'utf8')
const jestTimers = { fake: 'jest.useFakeTimers()', real: 'jest.useRealTimers()' }

/** The tests as an ES module that switches timers so. */
function asModule({ fake, real }: { fake: string; real: string }, imports = ''): object {
  return {
    'unit.test.mjs': tests,
    'timers.mjs': `${imports}\nexport const fake = () => ${fake}\nexport const real = () => ${real}\n`,
  }
}

/** The same as a CommonJS module, with timers that its runner has as globals. */
function asCommonJs({ fake, real }: { fake: string; real: string }): object {
  const required = tests.replace(/^import (\{.*\}) from '(.*)'$/gm, "const $1 = require('$2')")
  return {
    'unit.test.js': required.replace('./timers.mjs', './timers.js'),
    'timers.js': `exports.fake = () => ${fake}\nexports.real = () => ${real}\n`,
  }
}

interface Runner {
  readonly files: { readonly [path: string]: unknown }
  /** The program in the tools of users, and its arguments. */
  readonly command: readonly [program: string, ...args: readonly string[]]
  readonly env?: { readonly [name: string]: string }
}

const jest = (config: object): object => ({
  'jest.config.json': {
    testEnvironment: 'node',
    testMatch: ['**/unit.test.*'],
    testTimeout: 120_000,
    transform: {},
    ...config,
  },
})
const runJest = ['jest/bin/jest.js', '--config', 'jest.config.json', '--ci'] as const
const jestGlobals = "import { expect, jest, test } from '@jest/globals'\n"

const runners: { readonly [name: string]: Runner } = {
  'Jest, CommonJS': {
    files: { ...asCommonJs(jestTimers), ...jest({}) },
    command: runJest,
  },
  'Jest, CommonJS, with fake timers before anything is loaded': {
    files: { ...asCommonJs(jestTimers), ...jest({ fakeTimers: { enableGlobally: true } }) },
    command: runJest,
  },
  'Jest, ES modules': {
    files: { ...asModule(jestTimers, jestGlobals), ...jest({ moduleFileExtensions: ['js', 'mjs', 'cjs'] }) },
    command: runJest,
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
  },
  'ts-jest': {
    files: {
      'unit.test.ts': jestGlobals + tests.replace('./timers.mjs', './timers'),
      'timers.ts': `${jestGlobals}export const fake = () => ${jestTimers.fake}\nexport const real = () => ${jestTimers.real}\n`,
      ...jest({ transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.json' }] } }),
      'tsconfig.json': {
        compilerOptions: {
          target: 'es2022',
          module: 'commonjs',
          moduleResolution: 'node10',
          strict: true,
          types: ['node'],
          esModuleInterop: true,
        },
      },
    },
    command: runJest,
  },
  Vitest: {
    files: asModule(
      { fake: 'vi.useFakeTimers()', real: 'vi.useRealTimers()' },
      "import { vi } from 'vitest'",
    ) as Runner['files'],
    command: ['vitest/vitest.mjs', 'run', '--globals', '--testTimeout=120000'],
  },
  'Vitest, which fakes every timer there is': {
    files: asModule(
      {
        fake: "vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'queueMicrotask', 'Date', 'performance', 'nextTick', 'hrtime'] })",
        real: 'vi.useRealTimers()',
      },
      "import { vi } from 'vitest'",
    ) as Runner['files'],
    command: ['vitest/vitest.mjs', 'run', '--globals', '--testTimeout=120000', '--pool=threads'],
  },
}

let registry: Registry
test.before(async () => {
  registry = await startRegistry()
})

for (const [name, { files, command, env }] of Object.entries(runners)) {
  test(`a project whose tests run by ${name}`, async (t) => {
    t.timeout(600_000)
    const server = await sharedServer()
    const project = await newProject({ withTools: true }).write(files).install(registry)
    const [program, ...args] = command
    const { stdout, stderr } = await project.run(process.execPath, [join(tools, program), ...args], {
      ...env,
      TEST_DSN: server.dsn(),
    })
    t.regex(stdout + stderr, /Tests:? .*2 passed/)
  })
}
