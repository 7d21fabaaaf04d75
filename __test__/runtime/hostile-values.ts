// Values that no program should pass and that some will: each made anew, since some change when they are used.

/** What hostile code throws; distinct from everything of the driver's. */
export class Thrown extends Error {}

function thrower(): never {
  throw new Thrown('thrown by the value')
}

const throwing = new Proxy(
  {},
  {
    get: thrower,
    has: thrower,
    ownKeys: thrower,
    getPrototypeOf: thrower,
    getOwnPropertyDescriptor: thrower,
  },
)

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(16)
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}

function cyclic(): object {
  const object: { self?: unknown } = {}
  object.self = object
  return object
}

function cyclicArray(): unknown[] {
  const array: unknown[] = []
  array.push(array)
  return array
}

/** Nested far deeper than a stack of one frame a level would bear. */
function deep(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

/** An array that grows, or shrinks, whenever one of its elements is read. */
function changing(by: 1 | -1): unknown[] {
  const array: unknown[] = [1, 2, 3]
  for (const index of [0, 1, 2]) {
    Object.defineProperty(array, index, {
      configurable: true,
      get() {
        if (by > 0) array.push({ more: array.length })
        else array.length = 1
        return index
      },
    })
  }
  return array
}

class LyingJson extends Array {}

const lengthOf = (length: unknown): unknown[] =>
  new Proxy([1, 2], { get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)) })

export const hostile: { readonly [name: string]: () => unknown } = {
  undefined: () => undefined,
  symbol: () => Symbol('hostile'),
  function: () => () => 1,
  class: () => LyingJson,
  'lone surrogate': () => 'a\ud800b',
  NUL: () => 'a\0b',
  'bigint beyond int8': () => 2n ** 4_000n,
  NaN: () => Number.NaN,
  '-0': () => -0,
  'throwing proxy': () => throwing,
  'revoked proxy': () => revoked({}),
  'revoked array': () => revoked([]),
  'proxy of an array that throws': () => new Proxy([1], { get: thrower }),
  'array of length -1': () => lengthOf(-1),
  'array of length NaN': () => lengthOf(Number.NaN),
  'array of length Infinity': () => lengthOf(Number.POSITIVE_INFINITY),
  'array of length "3"': () => lengthOf('3'),
  'array with a symbol for length': () => lengthOf(Symbol('length')),
  'array of 2^32 - 1 holes': () => new Array(2 ** 32 - 1),
  'proxy of a Date': () => new Proxy(new Date(), {}),
  'invalid Date': () => new Date(Number.NaN),
  'no Date': () => Object.create(Date.prototype),
  'Date that gives a bigint': () => Object.assign(new Date(), { getTime: () => 1n }),
  'throwing toJSON': () => ({ toJSON: thrower }),
  'toJSON that gives undefined': () => ({ toJSON: () => undefined }),
  'throwing getter': () => Object.defineProperty({}, 'a', { enumerable: true, get: thrower }),
  'bigint in JSON': () => ({ a: 1n }),
  'cyclic object': cyclic,
  'cyclic array': cyclicArray,
  'deep array': () => deep(100_000),
  'deep object': () => {
    let value: object = {}
    for (let i = 0; i < 100_000; i++) value = { value }
    return value
  },
  'array that grows while it is written': () => changing(1),
  'array that shrinks while it is written': () => changing(-1),
  'detached ArrayBuffer': detached,
  'view of a detached ArrayBuffer': () => {
    const view = new Uint8Array(16)
    structuredClone(view.buffer, { transfer: [view.buffer] })
    return view
  },
  'DataView of a detached ArrayBuffer': () => {
    const view = new DataView(new ArrayBuffer(16))
    structuredClone(view.buffer, { transfer: [view.buffer] })
    return view
  },
  SharedArrayBuffer: () => new SharedArrayBuffer(8),
  'view of a SharedArrayBuffer': () => new Uint8Array(new SharedArrayBuffer(8)),
  Float64Array: () => new Float64Array([1, Number.NaN]),
  BigInt64Array: () => new BigInt64Array([1n]),
  Map: () => new Map([[1, 2]]),
  WeakRef: () => new WeakRef({}),
  'no prototype': () => Object.create(null),
  'thrown without prototype': () => ({
    toJSON() {
      throw Object.create(null)
    },
  }),
  'thrown error with a throwing message': () => ({
    toJSON() {
      throw Object.defineProperty(new Error(), 'message', { get: thrower })
    },
  }),
  'boxed number': () => Object(1),
  'boxed symbol': () => Object(Symbol('x')),
  promise: () => Promise.resolve(1),
  'module namespace': () => globalThis,
  huge: () => 'x'.repeat(5_000_000),
}
