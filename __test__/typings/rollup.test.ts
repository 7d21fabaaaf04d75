import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'

// Named by a variable: the tool is plain JavaScript, without declarations.
const tool: string = '../../tools/declarations/rollup.mjs'
const { rollup } = (await import(tool)) as { rollup(entryFile: string, firstLine: string): string }

const run = promisify(execFile)
const node = (...args: string[]): Promise<{ stdout: string }> => run(process.execPath, args)

async function roll(files: { [name: string]: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cornac-rollup-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return rollup(join(folder, 'index.d.ts'), '// first line')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('what the entry exports stands in one file with its comments and what it refers to', async (t) => {
  const text = await roll({
    'index.d.ts': "export { open, type Options } from './open.ts';\nexport * from './kinds.js';\n",
    'open.d.ts': `import type { Readable } from 'node:stream';
import type { Kind } from './kinds.ts';
import * as inner from './inner.ts';
/** How to open. */
export interface Options {
    /** Which one; see \`Kind\`. */
    kind?: Kind;
    nested?: {
        from: Readable;
    };
}
/** Opens it. */
export declare function open(options?: Options): Promise<inner.Door>;
export declare function open(kind: Kind): Promise<inner.Door>;
declare const unused: number;
`,
    'kinds.d.ts': "export type Kind = 'one' | 'two';\n",
    'inner.d.ts': `export declare class Door extends Base {
    #private;
    /** Shuts it. */
    shut(): void;
}
declare class Base {
    at: import("./kinds.ts").Kind;
}
export {};
`,
  })
  t.is(
    text,
    `// first line

import type { Readable } from 'node:stream'

/** Opens it. */
export declare function open(options?: Options): Promise<Door>;

export declare function open(kind: Kind): Promise<Door>;

/** How to open. */
export interface Options {
  /** Which one; see \`Kind\`. */
  kind?: Kind;
  nested?: {
    from: Readable;
  };
}

export type Kind = 'one' | 'two';

declare class Door extends Base {
  /** Shuts it. */
  shut(): void;
}

declare class Base {
  at: Kind;
}

export {}
`,
  )
})

test('internals of the same name are told apart and an alias is exported as what it is called', async (t) => {
  const text = await roll({
    'index.d.ts': "export { A } from './a.ts';\nexport { B, B as Again } from './b.ts';\n",
    'a.d.ts': 'interface State {\n    a: 1;\n}\nexport interface A {\n    state: State;\n}\nexport {};\n',
    'b.d.ts': 'interface State {\n    b: 2;\n}\nexport interface B {\n    state: State;\n}\nexport {};\n',
  })
  t.regex(text, /export interface A \{\n {2}state: State;/)
  t.regex(text, /export interface B \{\n {2}state: State_1;/)
  t.regex(text, /\ninterface State_1 \{\n {2}b: 2;/)
  t.regex(text, /export \{ B as Again \}/)
})

test('an export that is declared nowhere is an error that names it', async (t) => {
  await t.throwsAsync(roll({ 'index.d.ts': "export { gone } from './a.ts';\n", 'a.d.ts': 'export {};\n' }), {
    message: /"\.\/a\.ts" exports no gone/,
  })
})

test('the committed index.d.ts is what index.ts gives', async (t) => {
  await t.notThrowsAsync(node('tools/generate-index-dts.mjs', '--check'))
})

test('index.d.ts fits the agreed surface', async (t) => {
  const { stdout } = await node('tools/check-typings.mjs', '--check')
  t.regex(stdout, /index\.d\.ts fits/)
})
