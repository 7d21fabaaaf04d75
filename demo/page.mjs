// How the demonstration's page looks, in the terminal and as a file.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const styled = process.stdout.isTTY === true && process.env.NO_COLOR === undefined

const style = (code, text) => (styled ? `\u001b[${code}m${text}\u001b[0m` : text)

export const bold = (text) => style(1, text)
export const dim = (text) => style(2, text)

/** What is shown, printed as it comes and kept for the file. */
export class Page {
  /** @type {string[]} */
  #html = []

  title(name, line) {
    console.log(`\n${bold(name)}  ${line}`)
    this.#html.push(`<h1>${escaped(name)}</h1>`, `<p>${escaped(line)}</p>`)
  }

  heading(text) {
    console.log(`\n${bold(text)}\n${dim('─'.repeat(text.length))}`)
    this.#html.push(`<h2>${escaped(text)}</h2>`)
  }

  row(name, value) {
    console.log(`${name.padEnd(28)} ${value}`)
    this.#html.push(`<p class="row"><b>${escaped(name)}</b> ${escaped(value)}</p>`)
  }

  note(text) {
    console.log(dim(text))
    this.#html.push(`<p class="note">${escaped(text)}</p>`)
  }

  code(text) {
    console.log(text)
    this.#html.push(`<pre>${escaped(text)}</pre>`)
  }

  /** @param {string[]} head @param {string[][]} rows the first column is text, the others are figures */
  table(head, rows) {
    const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at].length)))
    const line = (cells) =>
      cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[at]))).join('  ')
    console.log(dim(line(head)))
    for (const row of rows) console.log(line(row))
    const cells = (row, tag) => row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')
    const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')
    this.#html.push(`<table><tr>${cells(head, 'th')}</tr>\n${body}</table>`)
  }

  /** Writes all of it as one file without anything from elsewhere. */
  write(path) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, document(this.#html.join('\n')))
  }
}

const escaped = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

const document = (body) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>cornac</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 3rem auto; padding: 0 1rem; color: #222; background: #fff }
  h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums }
  th:first-child, td:first-child { text-align: left }
  pre { background: #f5f5f5; padding: 1rem; overflow: auto } .note { color: #666 } .row { margin: .2rem 0 } .row b { display: inline-block; min-width: 14rem; font-weight: 600 }
</style>
${body}
</html>
`
