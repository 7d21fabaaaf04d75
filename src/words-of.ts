/** What was thrown, in words. It may be anything, and its own code may throw when it is asked. */
export function wordsOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.message}` : String(thrown)
  } catch {
    return `a value of type ${typeof thrown}`
  }
}
