import type { Core } from './binding.cjs'

export type { BuiltinType, Core, DatabaseType, Traffic } from './binding.cjs'

/**
 * Loads the binary of this platform, the first time. It must be of the version of who loads it.
 *
 * @throws Error when there is none or it does not load: which, where it was looked for, and what to do.
 */
export declare function loadBinding(version: string): { Core: typeof Core }
