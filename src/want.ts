/** What a call gives its caller. */
export type Want =
  /** Every row. */
  | { readonly kind: 'rows' }
  /** The first row, or null. */
  | { readonly kind: 'row' }
  /** One value of the first row, or null. */
  | { readonly kind: 'value'; readonly column: number | string }
  /** The command tag. */
  | { readonly kind: 'tag' }
