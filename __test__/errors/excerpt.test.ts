import test from 'ava'
import { PostgresError } from '../../src/errors/index.ts'

/** The excerpt of an error whose place is that of `‸` in the text. */
function excerpt(marked: string): string | null {
  const characters = [...marked]
  const position = characters.indexOf('‸') + 1
  return new PostgresError('x', { query: characters.filter((c) => c !== '‸').join(''), position }).excerpt()
}

/** Lines without the margin that they have here. */
const lines = (...text: string[]): string => text.join('\n')

test('the line of the error and a caret below its place', (t) => {
  t.is(excerpt('select ‸nothing'), lines('LINE 1: select nothing', '               ^'))
  t.is(excerpt('‸selec'), lines('LINE 1: selec', '        ^'))
  t.is(excerpt('select (‸'), lines('LINE 1: select (', '                ^'))
  t.is(excerpt('select 1,\n  ‸nothing,\n  2'), lines('LINE 2:   nothing,', '          ^'))
})

test('lines end with LF, CR or both together', (t) => {
  t.is(excerpt('a\r\nb\n\r‸c\rd'), lines('LINE 4: c', '        ^'))
  t.is(excerpt('a‸\nb'), lines('LINE 1: a', '         ^'))
})

test('a tab is a blank, and the caret stands below wide characters', (t) => {
  t.is(excerpt("\tselect '漢字', ‸x"), lines("LINE 1:  select '漢字', x", `${' '.repeat(24)}^`))
  t.is(excerpt("select '😀⌚é', ‸x"), lines("LINE 1: select '😀⌚é', x", `${' '.repeat(24)}^`))
})

test('positions count characters, not the units of JavaScript', (t) => {
  t.is(excerpt("select '𝒳𝒳𝒳', ‸x"), lines("LINE 1: select '𝒳𝒳𝒳', x", '                      ^'))
})

test('a long line is cut on the right, or around the place', (t) => {
  const long = 'x'.repeat(100)
  t.is(excerpt(`select ‸${long}`), lines(`LINE 1: select ${'x'.repeat(53)}...`, '               ^'))
  t.is(
    excerpt(`select '${long}', ‸y, '${long}'`),
    lines(`LINE 1: ...${'x'.repeat(47)}', y, '${'x'.repeat(6)}...`, `${' '.repeat(61)}^`),
  )
  t.is(excerpt(`select '${long}', ‸y`), lines(`LINE 1: ...${'x'.repeat(56)}', y`, `${' '.repeat(70)}^`))
})

test('the statement of the server’s own, where the place is in that', (t) => {
  const error = new PostgresError('x', {
    query: 'select f()',
    internalQuery: 'select\n nowhere',
    internalPosition: 9,
  })
  t.is(error.excerpt(), lines('LINE 2:  nowhere', '         ^'))
})

test('no excerpt without a place, or of a text that has no such place', (t) => {
  t.is(new PostgresError('x').excerpt(), null)
  t.is(new PostgresError('x', { query: 'select 1' }).excerpt(), null)
  t.is(new PostgresError('x', { position: 1 }).excerpt(), null)
  t.is(new PostgresError('x', { query: 'a', position: 3 }).excerpt(), null)
  t.is(new PostgresError('x', { query: 'a', position: -1 }).excerpt(), null)
  t.is(new PostgresError('x', { query: '', position: 1 }).excerpt(), lines('LINE 1: ', '        ^'))
  t.is(new PostgresError('x', { internalPosition: 1 }).excerpt(), null)
})

test('a text of a million lines takes no time worth speaking of', (t) => {
  const text = `${'select 1;\n'.repeat(1_000_000)}nothing`
  const error = new PostgresError('x', { query: text, position: text.length - 6 })
  t.is(error.excerpt(), lines('LINE 1000001: nothing', '              ^'))
})
