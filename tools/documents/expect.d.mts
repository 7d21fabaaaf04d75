export function __printed(wanted: string, line: number): void
export function __value(value: unknown, wanted: string, line: number): void
