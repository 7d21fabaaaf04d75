/** Known by its shape: one of another realm, or a polyfill's, is as good. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  if (value instanceof AbortSignal) return true
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener } = value as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}

/** What runs when a signal aborts: one listener a signal, however many calls share it. */
const callbacks = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `callback` when `signal` aborts. The function returned takes that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let registered = callbacks.get(signal)
  if (registered === undefined) {
    registered = new Set()
    callbacks.set(signal, registered)
  }
  if (registered.size === 0) signal.addEventListener('abort', run, { once: true })
  registered.add(callback)
  return () => {
    registered.delete(callback)
    if (registered.size === 0) signal.removeEventListener('abort', run)
  }
}

function run(this: AbortSignal): void {
  const registered = callbacks.get(this)
  if (registered === undefined) return
  callbacks.delete(this)
  for (const callback of registered) callback()
}
