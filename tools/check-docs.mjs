#!/usr/bin/env node
// Every path of this repository that a document names in backticks exists, and every relative link leads
// somewhere. A path is what has a slash and begins with a folder of ours, or is a file name with an ending
// that our sources have; `*` stands for anything in a name.
//
//   node tools/check-docs.mjs [DOCUMENT…]     default: every *.md of the repository
import { spawnSync } from 'node:child_process'
import { dirname, join, posix } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { anchors, filesBelow, prose, readText } from './documents/markdown.mjs'

const ROOT = process.env.CORNAC_DOCS_ROOT ?? join(dirname(fileURLToPath(import.meta.url)), '..')
const FOLDERS = new Set(['.ci', '__test__', 'benchmark', 'crates', 'docs', 'npm', 'src', 'tools'])
const SOURCE = /\.(?:md|mjs|rs|toml|ts)$/
const PATH = /^[\w.*@-]+(?:\/[\w.*@-]+)*\/?(?::\d+)?$/

const files = filesBelow(ROOT)
const folders = new Set(files.flatMap((file) => parents(file)))
const names = new Set(files.map((file) => posix.basename(file)))

function parents(file) {
  const found = []
  for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder)) found.push(folder)
  return found
}

/** What a build makes is not committed, and may still be spoken of. */
function isIgnored(path) {
  return spawnSync('git', ['check-ignore', '-q', '--no-index', path], { cwd: ROOT }).status === 0
}

function exists(path) {
  if (path.includes('*')) {
    const parts = path.split('*').map((part) => part.replace(/[.+^$()|[\]\\]/g, '\\$&'))
    const pattern = new RegExp(`^${parts.join('[^/]*')}$`)
    return files.some((file) => pattern.test(file)) || [...folders].some((folder) => pattern.test(folder))
  }
  return folders.has(path) || files.includes(path)
}

function isMissing(code, document) {
  if (!PATH.test(code)) return false
  const path = code.replace(/:\d+$/, '').replace(/\/$/, '')
  if (!path.includes('/'))
    return SOURCE.test(path) && !path.includes('*') && !names.has(path) && !/^\./.test(path)
  if (!FOLDERS.has(path.split('/')[0])) return false
  const near = posix.normalize(posix.join(posix.dirname(document), path))
  return !exists(path) && !exists(near) && !isIgnored(path)
}

function brokenLink(target, document) {
  if (/^(?:[a-z]+:|#|<)/i.test(target)) return target.startsWith('#') && !has(document, target.slice(1))
  const [path, anchor] = target.split('#')
  const file = posix.normalize(posix.join(posix.dirname(document), decodeURI(path))).replace(/\/$/, '')
  if (!exists(file) && file !== '.') return true
  return anchor !== undefined && file.endsWith('.md') && !has(file, anchor)
}

const has = (document, anchor) => anchors(readText(ROOT, document)).has(anchor)

function problems(document) {
  const found = []
  for (const [index, line] of prose(readText(ROOT, document)).entries()) {
    const at = `${document}:${index + 1}`
    for (const [, , code] of line.matchAll(/(`+)(.+?)\1/g)) {
      if (isMissing(code.trim(), document)) found.push(`${at}: there is no \`${code.trim()}\``)
    }
    for (const [, target] of line.replace(/(`+).+?\1/g, '').matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)) {
      if (brokenLink(target, document)) found.push(`${at}: the link to ${target} leads nowhere`)
    }
  }
  return found
}

const given = process.argv.slice(2)
const documents = given.length > 0 ? given : files.filter((file) => file.endsWith('.md'))
const all = documents.flatMap((document) => problems(document))
for (const problem of all) console.error(problem)
if (all.length > 0) process.exitCode = 1
else console.log(`${documents.length} documents: every path and link is good`)
