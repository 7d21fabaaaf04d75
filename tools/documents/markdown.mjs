// What the checks of documents need to know of Markdown: fences, inline code, links, headings.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const SKIPPED = new Set(['.git', 'dist', 'fixtures', 'node_modules', 'target'])

/** Every file below the folder, as paths relative to it with forward slashes, in order. */
export function filesBelow(root, folder = root) {
  const found = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...filesBelow(root, path))
    else found.push(relative(root, path).replaceAll('\\', '/'))
  }
  return found.sort()
}

/** Fenced blocks as `{ info, code, line }`, where `line` is that of the fence itself, from 1. */
export function fences(text) {
  const found = []
  let open
  for (const [index, line] of text.split('\n').entries()) {
    const mark = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line)
    if (open === undefined) {
      if (mark)
        open = { info: mark[3].trim(), mark: mark[2], indent: mark[1].length, line: index + 1, code: [] }
    } else if (mark?.[2].startsWith(open.mark) && mark[3] === '') {
      found.push({ info: open.info, line: open.line, code: open.code.join('\n') })
      open = undefined
    } else {
      open.code.push(line.slice(0, open.indent).trim() === '' ? line.slice(open.indent) : line)
    }
  }
  return found
}

/** The lines outside of fences, the others empty, so that numbers stay. */
export function prose(text) {
  let mark
  return text.split('\n').map((line) => {
    const fence = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark === undefined && fence === undefined) return line
    if (mark === undefined) mark = fence
    else if (fence?.startsWith(mark)) mark = undefined
    return ''
  })
}

/** The anchors of a document's headings, by GitHub's rule. */
export function anchors(text) {
  const found = new Set()
  for (const line of prose(text)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    let unique = slug
    for (let n = 1; found.has(unique); n += 1) unique = `${slug}-${n}`
    found.add(unique)
  }
  return found
}

export const readText = (root, path) => readFileSync(join(root, path), 'utf8')
