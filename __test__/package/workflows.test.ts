// The hosted workflows, which nothing here can run: what they name exists, and a release leaves no platform out.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.github', 'workflows')
const workflows = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
const { scripts, engines, napi } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The text of a workflow's job. */
function job(file: string, name: string): string {
  const text = workflows.get(file) ?? ''
  return new RegExp(`^  ${name}:\\n(?:(?: {3}.*)?\\n)*`, 'm').exec(text)?.[0] ?? ''
}

/** The values that a key has in the rows of a job's matrix. */
function row(text: string, key: string): string[] {
  return [...text.matchAll(new RegExp(`[{,] ${key}: "?([^",} ]+)`, 'g'))].map(([, value]) => value ?? '')
}

for (const [name, text] of workflows) {
  test(`what ${name} runs is there`, (t) => {
    const named = [...text.matchAll(/npm (?:run )?(test|run [\w:-]+)/g)].map(([, script = '']) =>
      script.replace('run ', ''),
    )
    const paths = [...text.matchAll(/(?:__test__|tools|\.ci|docs)\/[\w./-]+/g)].map(([path]) => path)
    t.true(named.length > 0 && paths.length > 0)
    for (const script of named) t.true(script in scripts, script)
    for (const path of paths) t.true(existsSync(join(root, path)), path)
  })

  test(`${name} may write nothing of the repository and keeps no credentials in its checkouts`, (t) => {
    t.regex(text, /^permissions:\n {2}contents: read\n/m)
    t.notRegex(text, /: write-all|contents: write|secrets\./)
    const checkouts = text.match(/uses: actions\/checkout@.*\n/g)?.length
    t.is(text.match(/persist-credentials: false/g)?.length, checkouts)
  })
}

test('a release builds every target, and tries each before it publishes', (t) => {
  const targets: string[] = napi.targets
  t.deepEqual(row(job('release.yml', 'build'), 'target').sort(), [...targets].sort())
  const tried = [
    ...row(job('release.yml', 'try'), 'target'),
    ...row(job('release.yml', 'try-musl'), 'target'),
  ]
  t.deepEqual(tried.sort(), [...targets].sort())
  t.regex(job('release.yml', 'publish'), /needs: \[build, try, try-musl\]/)
})

test('only the job that publishes has an identity to sign with', (t) => {
  t.is([...workflows.values()].join('').match(/id-token: write/g)?.length, 1)
  t.regex(job('release.yml', 'publish'), /id-token: write/)
})

test('the matrix has the oldest Node.js that package.json allows and every PostgreSQL of the tests', (t) => {
  const text = job('ci.yml', 'matrix')
  const oldest = /\^(\S+)/.exec(engines.node)?.[1] as string
  t.true(row(text, 'node').includes(oldest))
  t.deepEqual([...new Set(row(text, 'postgresql'))].sort(), ['15', '16', '17', '18'])
})
