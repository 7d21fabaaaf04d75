// Publishing, to a registry that this test is.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'

const TOOL = new URL('../../tools/run/publish.mjs', import.meta.url).href

interface Registry {
  readonly url: string
  /** What it has: the integrity of each package's version. */
  readonly published: Map<string, string>
  /** The package that it takes no version of. */
  refused: string | undefined
}

/** A registry of npm, as far as `npm view` and `npm publish` need one. */
async function registry(t: ExecutionContext): Promise<Registry> {
  const published = new Map<string, string>()
  const made: Registry = { url: '', published, refused: undefined }
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(request.url ?? '').slice(1)
    const answer = (status: number, body: object): unknown =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const integrity = published.get(name)
    if (request.method === 'PUT') {
      const { versions } = JSON.parse(await text(request)) as {
        versions: { [version: string]: { dist: { integrity: string } } }
      }
      if (name === made.refused) return answer(500, { error: 'out of order' })
      if (integrity !== undefined) return answer(403, { error: 'it is published' })
      published.set(name, versions['1.2.3']?.dist.integrity as string)
      return answer(201, {})
    }
    if (integrity === undefined) return answer(404, { error: 'not found' })
    const version = { name, version: '1.2.3', dist: { integrity, tarball: `http://localhost/${name}.tgz` } }
    return answer(200, { name, 'dist-tags': { latest: '1.2.3' }, versions: { '1.2.3': version } })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(made, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
}

/** Packs packages of these names, and publishes them in this order. */
async function publishing(
  t: ExecutionContext,
  { url }: Registry,
  names: readonly string[],
  contents: string,
) {
  const folder = mkdtempSync(join(tmpdir(), 'cornac-publish-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const userconfig = join(folder, 'npmrc')
  writeFileSync(userconfig, `registry=${url}\n${url.replace('http:', '')}:_authToken=none\nfetch-retries=0\n`)
  const packages = names.map((name) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name, version: '1.2.3' }))
    writeFileSync(join(folder, name, 'index.js'), contents)
    return join(folder, name)
  })
  const script = `
    import { npm } from ${JSON.stringify(new URL('./steps.mjs', TOOL).href)}
    import { publish } from ${JSON.stringify(TOOL)}
    const folder = ${JSON.stringify(folder)}
    for (const name of ${JSON.stringify(packages)}) await npm(['pack', name, '--silent'], folder)
    const tarballs = ${JSON.stringify(names)}.map((name) => folder + '/' + name + '-1.2.3.tgz')
    await publish(tarballs, '1.2.3').catch((error) => {
      console.log('failed: ' + error.message)
      process.exitCode = 1
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      NPM_CONFIG_USERCONFIG: userconfig,
      NPM_CONFIG_CACHE: join(folder, 'cache'),
      NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await closed) as [number | null]
  const integrities = names.map((name) => {
    const tarball = readFileSync(join(folder, `${name}-1.2.3.tgz`))
    return `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  })
  return { code, output: output + errors, integrities }
}

test('a release that broke off is run again: what is published stays, the rest follows in order', async (t) => {
  const to = await registry(t)
  const names = ['first-of-platforms', 'second-of-platforms', 'the-package']
  to.refused = 'second-of-platforms'
  const broken = await publishing(t, to, names, '1')
  t.is(broken.code, 1, broken.output)
  t.regex(broken.output, /failed: npm publish .*second-of-platforms-1\.2\.3\.tgz .* failed with exit code/)
  t.deepEqual([...to.published.keys()], ['first-of-platforms'])
  to.refused = undefined
  const again = await publishing(t, to, names, '1')
  t.is(again.code, 0, again.output)
  t.regex(again.output, /first-of-platforms 1\.2\.3 is published already/)
  t.deepEqual(
    [...to.published],
    names.map((name, index) => [name, again.integrities[index]]) as [string, string][],
  )
})

test('a package that is published with other contents is told, and nothing behind it is published', async (t) => {
  const to = await registry(t)
  t.is((await publishing(t, to, ['a-platform'], '1')).code, 0)
  const { code, output } = await publishing(t, to, ['a-platform', 'the-package'], '2')
  t.is(code, 1, output)
  t.regex(
    output,
    /failed: a-platform 1\.2\.3 is published already, with other contents: .* or raise the version/,
  )
  t.deepEqual([...to.published.keys()], ['a-platform'])
})

test('a registry that cannot be asked is told, and nothing is published', async (t) => {
  const to = { url: 'http://127.0.0.1:1/', published: new Map<string, string>(), refused: undefined }
  const { code, output } = await publishing(t, to, ['a-platform'], '1')
  t.is(code, 1)
  t.regex(output, /failed: the registry could not be asked for a-platform@1\.2\.3: /)
})
