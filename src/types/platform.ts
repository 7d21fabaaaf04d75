// What the public declarations need of the runtime's types, said so that a project can use them without Node's types or
// the DOM's: by shape, or as the type that the project knows, if it knows one.

/** An `AbortSignal`, as the project's own types declare it. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer T } } ? T : SignalShape

/** What a signal is known by where there is no type of that name. */
export interface SignalShape {
  readonly aborted: boolean
  readonly reason: any
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A `Buffer`, where the project has Node's types, else the `Uint8Array` that a Buffer is. */
export type Bytes = typeof globalThis extends { Buffer: { alloc(size: number): infer T } } ? T : Uint8Array

/** A stream of Node's that is written to. */
export interface NodeWritable {
  write(piece: Uint8Array): boolean
  end(): unknown
  on(event: string, listener: (...args: any[]) => void): unknown
  removeListener(event: string, listener: (...args: any[]) => void): unknown
}

/** A stream of Node's that is read. */
export interface NodeReadable {
  pipe(destination: any): unknown
  on(event: string, listener: (...args: any[]) => void): unknown
  [Symbol.asyncIterator](): AsyncIterator<any>
}

/** A web stream that bytes are written to: a `WritableStream<Uint8Array>`. */
export interface WebWritable {
  getWriter(): {
    readonly closed: Promise<unknown>
    readonly ready: Promise<unknown>
    write(piece: Uint8Array): Promise<void>
    close(): Promise<void>
    abort(reason?: any): Promise<void>
  }
}

/** A web stream that gives bytes: a `ReadableStream<Uint8Array>`. */
export interface WebReadable {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
    cancel(reason?: any): Promise<void>
  }
}
