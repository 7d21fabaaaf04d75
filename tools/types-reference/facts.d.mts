export interface Fact {
  readonly name: string
  readonly takes: readonly string[]
  readonly limits: string
}
export const KINDS: { readonly [kind: string]: string }
export const GROUPS: readonly { readonly title: string; readonly types: readonly Fact[] }[]
