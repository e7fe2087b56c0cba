import { P2pError } from "../errors.js"
import type { DocumentStore } from "../store/document-store.js"
import type { DownloadResult } from "./client-api.js"

/** Who hears how a download ends. */
export interface DownloadEndHooks {
  /** The file bears its own name and can be used. */
  onNamed(): void
  /** A power cut can't take it any more. */
  onDurable(): void
  /** The disk, or a file that came to bear the name meanwhile; nothing is lost. May come after `onNamed`: then it has lost the name again. */
  onFailed(error: P2pError): void
}

/** The end of a download, in its two steps, and everybody who waits for them. */
export class DownloadEnd {
  readonly #named = new Waiting()
  readonly #durable = new Waiting()
  #completing: Promise<void> | undefined

  /** Every part is in the store: gives its file the own name, then makes it durable. */
  complete(store: DocumentStore, hooks: DownloadEndHooks): void {
    this.#completing = this.#complete(store, hooks).finally(() => {
      this.#completing = undefined
    })
  }

  get isCompleting(): boolean {
    return this.#completing !== undefined
  }

  /** Settles when no file is being completed any more. */
  async settled(): Promise<void> {
    await this.#completing
  }

  /** `failure`: it has failed already. */
  whenNamed(failure: Error | undefined): Promise<DownloadResult> {
    return this.#named.wait(failure)
  }

  whenDurable(failure: Error | undefined): Promise<DownloadResult> {
    return this.#durable.wait(failure)
  }

  named(result: DownloadResult): void {
    this.#named.done(result)
  }

  durable(result: DownloadResult): void {
    this.#named.done(result)
    this.#durable.done(result)
  }

  failed(error: Error): void {
    this.#named.failed(error)
    this.#durable.failed(error)
  }

  async #complete(store: DocumentStore, { onNamed, onDurable, onFailed }: DownloadEndHooks): Promise<void> {
    let isNamed = false
    const named = () => {
      if (!isNamed) onNamed()
      isNamed = true
    }
    try {
      if (store.isGrowing) await store.complete(named)
    } catch (error) {
      if (!(error instanceof P2pError)) throw error
      return onFailed(error)
    }
    // Where a file can't bear two names, it has its own only now.
    named()
    onDurable()
  }
}

/** Everybody who waits for one thing. */
class Waiting {
  readonly #waiting: {
    readonly resolve: (result: DownloadResult) => void
    readonly reject: (error: Error) => void
  }[] = []

  /** Settles with the next `done` or `failed`; rejects at once where it has failed already. */
  wait(failure: Error | undefined): Promise<DownloadResult> {
    const end = new Promise<DownloadResult>((resolve, reject) =>
      failure === undefined ? this.#waiting.push({ resolve, reject }) : reject(failure),
    )
    // Whoever asked may have gone; the failure is told by an event as well.
    end.catch(() => undefined)
    return end
  }

  done(result: DownloadResult): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(result)
  }

  failed(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
