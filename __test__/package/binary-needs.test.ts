import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { needsOf, surplus } from '../../tools/run/binary-needs.mjs'

const boundary = fileURLToPath(new URL('../../src/boundary/', import.meta.url))
const binary = boundary + readdirSync(boundary).find((name) => name.endsWith('.node'))

const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('what a binary needs is what readelf tells of it', (t) => {
  for (const file of [binary, process.execPath]) {
    const { libraries, glibc } = needsOf(file)
    const { stdout } = spawnSync('readelf', ['--wide', '--dynamic', '--version-info', file], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    t.deepEqual(
      libraries,
      [...stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name ?? ''),
    )
    const versions = [...stdout.matchAll(/Name: GLIBC_([\d.]+)/g)].map(([, version]) => version ?? '')
    const minor = (version: string) => Number(version.split('.')[1])
    t.is(glibc, versions.sort((a, b) => minor(a) - minor(b)).at(-1))
  }
})

const gnu = { abi: 'gnu' }
const musl = { abi: 'musl' }

test('a binary for glibc may need its oldest supported version and its own libraries', (t) => {
  const libraries = ['libc.so.6', 'libm.so.6', 'libgcc_s.so.1', 'ld-linux-x86-64.so.2']
  t.deepEqual(surplus(gnu, { libraries, glibc: '2.17' }), [])
  t.deepEqual(surplus(gnu, { libraries, glibc: '2.9' }), [])
  t.deepEqual(surplus(gnu, { libraries, glibc: '2.18' }), ['it needs glibc 2.18, and 2.17 is the limit'])
  t.deepEqual(surplus(gnu, { libraries: ['libssl.so.3'], glibc: undefined }), [
    'it needs "libssl.so.3", which not every system has',
  ])
})

test('a binary for musl may need musl and nothing else', (t) => {
  t.deepEqual(surplus(musl, { libraries: ['libc.so'], glibc: undefined }), [])
  t.deepEqual(surplus(musl, { libraries: ['libc.musl-x86_64.so.1'], glibc: undefined }), [])
  t.deepEqual(surplus(musl, { libraries: ['libgcc_s.so.1'], glibc: undefined }), [
    'it needs "libgcc_s.so.1", which not every system has',
  ])
  t.deepEqual(surplus(musl, { libraries: ['libc.so'], glibc: '2.9' }), [
    'it needs glibc 2.9, and is for musl',
  ])
})
