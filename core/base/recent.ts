/** The values that were used last, at most `size` of them. */
export class Recent<K, V> {
  readonly #size: number
  readonly #values = new Map<K, V>()
  readonly #onDropped: (value: V) => void

  constructor(size: number, onDropped: (value: V) => void = () => undefined) {
    this.#size = size
    this.#onDropped = onDropped
  }

  get(key: K): V | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) {
      this.#values.delete(key)
      this.#values.set(key, value)
    }
    return value
  }

  set(key: K, value: V): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    for (const [oldest, dropped] of this.#values) {
      if (this.#values.size <= this.#size) return
      this.#values.delete(oldest)
      this.#onDropped(dropped)
    }
  }

  values(): Iterable<V> {
    return this.#values.values()
  }
}
