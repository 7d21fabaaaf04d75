// A registry of npm packages that has the driver's, as if they were published, and sends whoever asks for anything else
// to the registry that this machine uses.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Package, packages } from './packages.ts'

export interface Registry {
  readonly url: string
}

export async function startRegistry(): Promise<Registry> {
  const known = new Map((await packages()).map((each) => [each.manifest.name, each]))
  const elsewhere = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://registry').pathname.slice(1))
    const [name = '', file] = path.split('/-/')
    const found = known.get(name)
    if (found === undefined) {
      response.writeHead(307, { location: new URL(url.slice(1), elsewhere).href }).end()
    } else if (file === undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(document(found, urlOf(server)))
    } else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(found.tarball)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return { url: urlOf(server) }
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** What a registry tells of a package. */
function document({ manifest, tarball }: Package, url: string): string {
  const { name, version } = manifest
  const hash = (algorithm: string, encoding: 'hex' | 'base64'): string =>
    createHash(algorithm).update(tarball).digest(encoding)
  const dist = {
    tarball: `${url}${name}/-/${name}-${version}.tgz`,
    shasum: hash('sha1', 'hex'),
    integrity: `sha512-${hash('sha512', 'base64')}`,
  }
  // A release of long ago: package managers may hold back what is only days old.
  const time = {
    created: '2020-01-01T00:00:00.000Z',
    modified: '2020-01-01T00:00:00.000Z',
    [version]: '2020-01-01T00:00:00.000Z',
  }
  return JSON.stringify({
    name,
    time,
    modified: time.modified,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  })
}
