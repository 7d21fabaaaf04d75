/** A value of type bit or varbit. */
export class BitString {
  /** The digits, the first one first. */
  readonly bits: string

  /**
   * @param bits the digits 0 and 1; blanks between them are left out.
   * @throws TypeError for any other character.
   *
   * ```ts
   * new BitString('0101 1').toString() // => '01011'
   * ```
   */
  constructor(bits: string) {
    if (typeof bits !== 'string') throw new TypeError(`BitString takes a string, got ${typeof bits}`)
    const digits = bits.replaceAll(' ', '')
    const wrong = /[^01]/.exec(digits)
    if (wrong !== null) {
      throw new TypeError(`BitString takes the digits 0 and 1, got ${JSON.stringify(wrong[0])}`)
    }
    this.bits = digits
  }

  /** How many bits there are. */
  get length(): number {
    return this.bits.length
  }

  /** The bits as 0 and 1, the first one first. */
  toString(): string {
    return this.bits
  }
}
