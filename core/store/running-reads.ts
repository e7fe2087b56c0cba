import { StoreError } from "../base/errors.js"

/** Counts running reads, so that their source can be closed after the last one. */
export class RunningReads {
  #count = 0
  #onEnded: (() => void) | undefined

  async during<T>(read: () => Promise<T>): Promise<T> {
    this.#count++
    try {
      return await read()
    } finally {
      if (--this.#count === 0) this.#onEnded?.()
    }
  }

  /** Settles when none runs. No other may begin meanwhile. */
  async ended(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#onEnded = resolve))
  }
}

/** Can the part not be read any more? `failure`: what `error` means to the user. A lack of descriptors passes, and other refusals are the store's. */
export function isPartGone(error: unknown, failure: unknown): boolean {
  if (error instanceof StoreError) return error.code === "file_differs"
  return !(failure instanceof StoreError && failure.code === "too_many_files")
}
