// Part of the package is read at the first connect, not at import: V8 reads every character of a file before the first
// one runs, and who imports the package needs its classes alone. The sources import each other as usual. In what is
// published, functions of the modules named here load `session.cjs` when one of them is first called.
//
// That file is given what it shares with `index.cjs`. It does not require it: a test runner that forgets its modules
// between two tests would load a second set of classes for it.

import { relative, sep } from 'node:path'

/** The functions that wait, by their modules. Whatever only they need waits with them. */
const DEFERRED = {
  'src/codec-info.ts': ['codecInfo'],
  'src/connection-workings.ts': ['connectionWorkings'],
  'src/connector.ts': ['connector', 'connectorOnce'],
  'src/copy/copy.ts': ['copyFromQuery', 'copyFromTable', 'copyRecordsToTable', 'copyToTable'],
  'src/cursor.ts': ['newCursorFactory'],
  'src/pool/pool-options.ts': ['checkConnectArgs', 'checkPoolOptions'],
  'src/pool/workings.ts': ['poolWorkings'],
  'src/prepared-statement.ts': ['prepareStatement'],
  'src/session-reset.ts': ['limitedReset', 'restoreSession'],
  'src/transaction.ts': ['newTransaction', 'runBody'],
  'src/type-codecs.ts': ['aliasFor', 'builtinOid', 'placeOf', 'resolveCodecs', 'resolveType'],
}

/** The entry of what waits. */
export const ENTRY = 'session'
const FORWARD = '\0forward:'
const LOADER = '\0loader'
/** Stands for the call until it is known what is shared. */
const LOAD = 'LOAD_SESSION()'

/**
 * The plugin that puts the functions which load `session.cjs` in the place of those modules.
 *
 * @param {string} root
 * @param {string} entry the module that is imported first
 */
export function deferral(root, entry) {
  const pathOf = (id) => relative(root, id).split(sep).join('/')
  /** What is read at import: all that the entry reaches. */
  const early = new Set()
  return {
    isEarly: (id) => early.has(id),
    plugin: {
      name: 'deferred',
      async resolveId(source, importer, options) {
        if (source === ENTRY || source === LOADER) return `\0${source.replace('\0', '')}`
        if (importer === undefined || importer.startsWith('\0') || pathOf(importer) in DEFERRED) return
        const resolved = await this.resolve(source, importer, { ...options, skipSelf: true })
        if (resolved && pathOf(resolved.id) in DEFERRED) return FORWARD + pathOf(resolved.id)
        return resolved
      },
      load(id) {
        if (id === `\0${ENTRY}`)
          return Object.entries(DEFERRED)
            .map(
              ([path, names]) => `export { ${names.join(', ')} } from ${JSON.stringify(`${root}/${path}`)}`,
            )
            .join('\n')
        if (id === LOADER)
          return `let session\nexport function loaded() {\n  session ??= ${LOAD}\n  return session\n}`
        if (!id.startsWith(FORWARD)) return
        // Any other name of the module is an error of the bundler's: a class or a value cannot wait for a call.
        const forward = (name) => `export function ${name}(...args) {\n  return loaded().${name}(...args)\n}`
        const functions = DEFERRED[id.slice(FORWARD.length)].map(forward)
        return [`import { loaded } from ${JSON.stringify(LOADER)}`, ...functions].join('\n')
      },
      buildEnd() {
        const visit = (id) => {
          if (early.has(id)) return
          early.add(id)
          for (const next of this.getModuleInfo(id)?.importedIds ?? []) visit(next)
        }
        visit(`${root}/${entry}`)
      },
    },
  }
}

const GETTER =
  /^Object\.defineProperty\(exports, "(\w+)", \{\n\tenumerable: true,\n\tget: function\(\) \{\n\t\treturn ([\w$]+);\n\t\}\n\}\);\n/gm
const MARK = /^Object\.defineProperty\(exports, Symbol\.toStringTag, .*\n/

function must(condition, what) {
  if (!condition) throw new Error(`the bundler's output is not what it was: ${what}`)
}

/**
 * Makes the two files of the chunks: `early` with all that is read at import, `late` with what waits, and `facade`, which
 * hands the package's names on. No line of code moves, so that the source maps fit.
 *
 * @param {{ early: string, late: string, facade: string }} code
 * @returns {{ index: string, session: string, names: string[] }}
 */
export function joined({ early, late, facade }) {
  /** The names in `early` by those that it exports. */
  const locals = new Map()
  const body = early.replace(GETTER, (_, exported, local) => {
    locals.set(exported, local)
    return ''
  })
  must(!body.includes('Object.defineProperty(exports'), 'a getter has another form')
  const local = (name) => {
    must(locals.has(name), `"${name}" is not shared`)
    return locals.get(name)
  }
  const exported = [...facade.matchAll(/^exports\.(\w+) = require_early\.(\w+);$/gm)]
  const assignments = exported.map(([, name, from]) => `exports.${name} = ${local(from)};\n`).join('')
  const shared = [...new Set([...late.matchAll(/\brequire_early\.(\w+)/g)].map(([, name]) => name))].sort()
  const given = shared.map((name) => `${name}: ${local(name)}`).join(', ')
  must(body.includes(LOAD), 'the call of "session.cjs" is not there')
  const [comment] = body.match(/\n\/\/# sourceMappingURL=.*\s*$/) ?? ['']
  const index = `Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" }); ${body
    .slice(0, body.length - comment.length)
    .replace(LOAD, () => `require("./session.cjs")({ ${given} })`)}\n${assignments}`
  must(
    MARK.test(late) && late.includes('\nconst require_early = require("./early.cjs");\n'),
    'its first lines',
  )
  // In parentheses, so that V8 compiles the function at once and does not read it twice.
  const session = late
    .replace(MARK, 'module.exports = (function (require_early) { const exports = {};\n')
    // A constant of the file, as it was when both were one: not looked up in an object at each use.
    .replace(/\brequire_early\.(\w+)/g, 'require_early$$$1')
    .replace(
      'const require_early = require("./early.cjs");',
      () => `const ${shared.map((name) => `require_early$${name} = require_early.${name}`).join(', ')};`,
    )
    .replace(/\n\/\/# sourceMappingURL=.*\s*$/, '')
  return {
    index,
    session: `${session}\nreturn exports;\n});\n`,
    names: exported.map(([, name]) => name).sort(),
  }
}
