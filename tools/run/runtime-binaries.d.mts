/** The lines of Node.js that the driver supports and that tools/runtimes holds, as `node22`. */
export const NODES: readonly string[]

/** Installs the packages of tools/runtimes unless they are there. */
export function installRuntimes(): Promise<void>

/** The program of a runtime: one of {@link NODES}, `bun` or `deno`. Throws where there is none for this platform. */
export function runtimeBinary(name: string): string
