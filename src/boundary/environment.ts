import { Bridge } from './bridge.ts'

let current: Bridge | undefined

/**
 * The bridge of this JavaScript environment; a worker thread has its own. One whose native core has failed is replaced:
 * its state is not to be trusted any more, so everything that is pending on it fails and every session of it ends.
 */
export function bridge(): Bridge {
  if (current === undefined || current.isBroken) current = new Bridge()
  return current
}
