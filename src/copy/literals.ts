import { InterfaceError } from '../errors/index.ts'

/** What stands for nothing in a query's text: literals, quoted names, comments and dollar quotes, as the server reads it. */
const TOKEN =
  /--[^\n\r]*|\/\*|(?<marked>[eE])?'|(?<unicode>[uU]&)?"(?:[^"]|"")*"?|\$(?<tag>(?:[a-zA-Z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$|\$(?<number>\d+)|[a-zA-Z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+/gu

/**
 * A query's text with its parameters replaced by literals, `literals[0]` for `$1`. What stands within literals, quoted
 * names, comments and dollar quotes is left as it is.
 *
 * @param hasEscapes whether a backslash escapes in every literal (`standard_conforming_strings` is off).
 */
export function withLiterals(sql: string, literals: readonly string[], hasEscapes: boolean): string {
  let text = ''
  let copied = 0
  TOKEN.lastIndex = 0
  for (let token = TOKEN.exec(sql); token !== null; token = TOKEN.exec(sql)) {
    const { marked, tag, number } = token.groups as { marked?: string; tag?: string; number?: string }
    const [found] = token
    if (found === '/*') TOKEN.lastIndex = endOfComment(sql, TOKEN.lastIndex)
    else if (found === "'" || marked !== undefined) {
      TOKEN.lastIndex = endOfLiteral(sql, TOKEN.lastIndex, hasEscapes || marked !== undefined)
    } else if (tag !== undefined) TOKEN.lastIndex = endOfDollarQuote(sql, TOKEN.lastIndex, found)
    else if (number !== undefined) {
      const literal = literals[Number(number) - 1]
      if (literal === undefined) throw new InterfaceError(`the query has no argument for $${number}`)
      text += `${sql.slice(copied, token.index)} ${literal} `
      copied = TOKEN.lastIndex
    }
  }
  return text + sql.slice(copied)
}

/** Comments are nested. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(sql)
    if (found === null) return sql.length
    depth += found[0] === '/*' ? 1 : -1
  }
  return mark.lastIndex
}

/** A doubled quote is a part of the literal. */
function endOfLiteral(sql: string, start: number, hasEscapes: boolean): number {
  for (let at = start; at < sql.length; at++) {
    if (hasEscapes && sql[at] === '\\') at++
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1
      at++
    }
  }
  return sql.length
}

function endOfDollarQuote(sql: string, start: number, quote: string): number {
  const end = sql.indexOf(quote, start)
  return end < 0 ? sql.length : end + quote.length
}
