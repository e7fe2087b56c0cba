import type { DownloadResult } from "../api/client-api.js"

/** The callers that wait for the end of a download, in its two steps. */
export class CompletionWaiters {
  readonly #named = new Waiting()
  readonly #durable = new Waiting()

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
}

/** All callers that wait for one result. */
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
    // The caller may no longer listen; an event reports the failure too.
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
