/** A list of numbers that grows without making garbage: timing must not feed the collector. */
export class Samples {
  #values = new Float64Array(1 << 14)
  #length = 0

  get length() {
    return this.#length
  }

  /** @param {number} value */
  push(value) {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#length++] = value
  }

  /**
   * @param {number} share between 0 and 1
   * @returns {number | null} the value below which this share of all samples lies
   */
  percentile(share) {
    if (this.#length === 0) return null
    const sorted = this.#values.slice(0, this.#length).sort()
    return sorted[Math.min(this.#length - 1, Math.floor(share * this.#length))] ?? null
  }
}
