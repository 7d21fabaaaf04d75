import { hide, type RecordClass, type RecordKind, recordKind } from '../types/record.ts'

type Make = new () => object

/** Classes of records' kinds: of one kind all records have one prototype, whichever query gave them. */
const made = new WeakMap<RecordKind, Make>()

/** How generated code makes records of some columns. */
export interface RecordSource {
  /** What the code is given under these names. */
  readonly known: { readonly K: Make; readonly hide: typeof hide }
  /** The statements that make a record and give it the values of these expressions, in `o`. */
  of(values: readonly string[]): string
}

/** Throws an EvalError where code must not be generated. */
export function recordSource(recordClass: RecordClass, names: readonly string[]): RecordSource {
  const kind = recordKind(recordClass, names)
  const isHidden = new Set(kind.hidden)
  return {
    known: { K: makeOf(kind), hide },
    of(values) {
      const fills = names.map((name, i) =>
        isHidden.has(i) ? '' : `o[${JSON.stringify(name)}] = ${values[i]}`,
      )
      const hidden = kind.hidden.map((index) => values[index])
      const hiding = hidden.length === 0 ? '' : `hide(o, [${hidden.join(', ')}])`
      return ['const o = new K()', ...fills, hiding].join('\n')
    },
  }
}

/**
 * A class whose instances get the properties of a kind at once. Fields are defined, not assigned, so that a name which
 * the prototype has an accessor for (`length`, `0`, `__proto__`) becomes an own property as any other. Names are string
 * literals in computed keys, where each is allowed.
 */
function makeOf(kind: RecordKind): Make {
  let make = made.get(kind)
  if (make === undefined) {
    const fields = kind.properties.map((name) => `[${JSON.stringify(name)}] = null`)
    make = new Function(`return class { ${fields.join('; ')} }`)() as Make
    Reflect.deleteProperty(make.prototype, 'constructor')
    Object.setPrototypeOf(make.prototype, kind.prototype)
    made.set(kind, make)
  }
  return make
}

/** Makes a record of its values, where code must not be generated. */
export function recordOf(
  recordClass: RecordClass,
  names: readonly string[],
): (values: readonly unknown[]) => object {
  const { prototype, hidden, properties } = recordKind(recordClass, names)
  const places = properties.map((name) => names.lastIndexOf(name))
  return (values) => {
    const record = Object.create(prototype)
    for (const [i, name] of properties.entries()) {
      const value = values[places[i] as number]
      Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true })
    }
    if (hidden.length > 0) {
      hide(
        record,
        hidden.map((index) => values[index]),
      )
    }
    return record
  }
}
