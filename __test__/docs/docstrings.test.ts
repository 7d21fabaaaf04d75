import { readFile } from 'node:fs/promises'
import test from 'ava'

/** What a value from elsewhere is known by. Nobody reads these members in an editor. */
const SHAPES = /^(?:NodeWritable|WebWritable|NodeReadable|WebReadable|SignalShape|StreamLimits|Signal|Bytes)$/

/** Said by the declaration around it: what stands in braces within a type, and how an error is made. */
const WITHIN = /^(?:ConnectionClass|CopyOutput|CopySource|RecordClass|connect|errors)$/
const UNSAID =
  /^ {2}(?:(?:protected )?constructor\(|static readonly sqlstate:|readonly \[|\[column: string\])/

const DECLARATION = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const) (\w+)/
const MEMBER = /^ {2}(?:(?:readonly|static|get|protected|abstract) )*(?:[\w$]+|\[[\w.]+\]|'[\w.]+')\??[(:<]/

/** Each declaration and member that an editor would show without a text. */
function withoutText(lines: readonly string[]): string[] {
  let owner = ''
  return lines.filter((line, index) => {
    const declared = DECLARATION.exec(line)?.[1]
    owner = declared ?? owner
    if (SHAPES.test(owner) || lines[index - 1]?.trimEnd().endsWith('*/')) return false
    if (declared !== undefined) return line.startsWith('export')
    return MEMBER.test(line) && !UNSAID.test(line) && !WITHIN.test(owner)
  })
}

test('an editor has a text for every declaration, overload and member', async (t) => {
  const lines = (await readFile('index.d.ts', 'utf8')).split('\n')
  t.true(lines.filter((line) => MEMBER.test(line)).length > 300)
  t.deepEqual(withoutText(lines), [])
})

test('a declaration, an overload and a member without a text are found', (t) => {
  const lines = [
    '/** A. */',
    'export interface A {',
    '  /** B. */',
    '  b: string;',
    '  c?: number;',
    '}',
    'export declare function d(): void;',
  ]
  t.deepEqual(withoutText(lines), ['  c?: number;', 'export declare function d(): void;'])
})
