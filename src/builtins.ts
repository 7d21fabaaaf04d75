// Modules of Node that take milliseconds to load, and that a program needs when it connects or later, or never.

/** What `import` would give, loaded at the first call. */
export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto')
export const dns = (): typeof import('node:dns/promises') => process.getBuiltinModule('node:dns/promises')
export const files = (): typeof import('node:fs/promises') => process.getBuiltinModule('node:fs/promises')
export const net = (): typeof import('node:net') => process.getBuiltinModule('node:net')
export const os = (): typeof import('node:os') => process.getBuiltinModule('node:os')
export const stream = (): typeof import('node:stream') => process.getBuiltinModule('node:stream')
