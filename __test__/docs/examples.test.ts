import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import test from 'ava'
import { sharedServer } from '../support/server.ts'

const guide = existsSync('docs/guide') ? readdirSync('docs/guide').filter((name) => name.endsWith('.md')) : []
const pages = ['README.md', ...guide.map((name) => `docs/guide/${name}`)].filter((page) => existsSync(page))

function runExamples(page: string, databaseUrl: string): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, DATABASE_URL: databaseUrl }
    execFile(process.execPath, ['tools/run-examples.mjs', page], { env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr })
    })
  })
}

test('there is a README to run', (t) => {
  t.true(pages.includes('README.md'))
})

for (const page of pages) {
  // One after the other: each example is a process, and a page may look at the whole server.
  test.serial(`the examples of ${page} say the truth`, async (t) => {
    const server = await sharedServer()
    const database = await server.createDatabase()
    try {
      const { failed, output } = await runExamples(page, database.dsn())
      t.false(failed, output)
      t.log(output.trim())
    } finally {
      await database.drop()
    }
  })
}
