/**
 * An error like another one, for one more who is told of the same: what is said of the call of the one, its stack and its
 * text, is not said of the other's. A native error, with every member of the original but its stack.
 */
export function copyOf(error: Error): Error {
  const copy = new Error(error.message)
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error))
  const { stack: _, ...members } = Object.getOwnPropertyDescriptors(error)
  Object.defineProperties(copy, members)
  // Its first line names the class from here on.
  Error.captureStackTrace(copy, copyOf)
  return copy
}
