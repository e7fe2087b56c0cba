import type { DownloadResult } from "./client-api.js"

/** Everybody who waits for one download to end. */
export class WaitingForDownload {
  readonly #waiting: {
    readonly resolve: (result: DownloadResult) => void
    readonly reject: (error: Error) => void
  }[] = []

  /** Settles with the next `done` or `failed`. */
  wait(): Promise<DownloadResult> {
    const end = new Promise<DownloadResult>((resolve, reject) => this.#waiting.push({ resolve, reject }))
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
