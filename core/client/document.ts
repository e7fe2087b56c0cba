import { CommandError, P2pError } from "../errors.js"
import type { DocumentStore } from "../store/document-store.js"
import type { DownloadResult } from "./client-api.js"
import { DescribedDocument, type DocumentOptions } from "./described-document.js"
import { DocumentFile } from "./document-file.js"
import {
  beginsToCheck,
  type FailedPhase,
  haveCountOf,
  type Phase,
  passesByItself,
  pausedAfter,
  pausedWith,
} from "./document-phase.js"
import { DownloadEnd } from "./download-end.js"
import { leaveSwarm, tellClosing } from "./leave-swarm.js"
import { Retry } from "./retry.js"
import { rememberPeers, runDocument } from "./run-document.js"
import type { SwarmRunner } from "./swarm-runner.js"
import { Turns } from "./turns.js"
import type { Workshop } from "./workshop.js"

/** One document of this client: opens its store, runs its swarm, and knows how to pause, resume, check and leave. */
export class Document extends DescribedDocument {
  /** Payload moved in this run by swarms that are over: a pause or a recheck begins another. */
  #movedBefore = { downBytes: 0, upBytes: 0 }
  #phase: Phase
  readonly #file: DocumentFile
  readonly #retry = new Retry()
  #lookingThrough: Promise<void> = Promise.resolve()
  #closed: Promise<boolean> | undefined
  readonly #turns = new Turns()
  readonly #end = new DownloadEnd()

  constructor(options: DocumentOptions, workshop: Workshop) {
    super(options, workshop)
    this.#file = new DocumentFile(this, workshop, options.download)
    this.#phase = options.phase ?? beginsToCheck(workshop.clock.now())
  }

  get phase(): Phase {
    return this.#phase
  }

  get runner(): SwarmRunner | undefined {
    return this.#phase.type === "running" ? this.#phase.runner : undefined
  }

  get downloadedBytes(): number {
    return this.#movedBefore.downBytes + (this.runner?.state.down.totalBytes ?? 0)
  }

  get uploadedBytes(): number {
    return this.#movedBefore.upBytes + (this.runner?.state.up.totalBytes ?? 0)
  }

  /** Parts found good on disk when it was opened last; more may come until `lookedThrough`. */
  get reusedCount(): number {
    return this.#file.reusedCount
  }

  get isDownload(): boolean {
    return this.#file.isDownload
  }

  /** True from `close` on: nothing starts it again. */
  get isClosed(): boolean {
    return this.#turns.isClosed
  }

  settled(): Promise<void> {
    return this.#turns.settled()
  }

  /** Opens what is on disk and joins the swarm. Rejects when the disk or the target is not fit for it. */
  start(): Promise<void> {
    return this.#turns.take(async (signal) => this.#run(await this.#open("trust", signal)))
  }

  /** Settles when all that may be on disk was hashed, or this document has stopped. The missing parts are fetched meanwhile. */
  lookedThrough(): Promise<void> {
    return this.#lookingThrough
  }

  /** Settles when every part is there and the file has its own name. */
  whenDone(): Promise<DownloadResult> {
    return this.#isSeeding ? Promise.resolve(this.#result()) : this.#end.whenNamed(this.#failure)
  }

  /** Settles when, beyond that, a power cut can't take it any more. */
  whenDurable(): Promise<DownloadResult> {
    if (this.#isSeeding && !this.#end.isCompleting) return Promise.resolve(this.#result())
    return this.#end.whenDurable(this.#failure)
  }

  /** An opening that is under way, or waits, is given up. */
  pause(): Promise<void> {
    const { library } = this.workshop
    return this.#turns.override(this.#interruption(`${this.name} was paused`), async () => {
      if (this.#phase.type === "paused" && this.#isPausedByUser) return
      tellClosing(this, await this.#leave())
      this.#enter(pausedAfter(this.#phase))
      library.update(this.id, { paused: true })
      this.event("info", "document_paused", "paused")
    })
  }

  resume(): Promise<void> {
    return this.#turns.take(async (signal) => {
      if (this.#phase.type === "running") return
      this.workshop.library.update(this.id, { paused: false })
      this.#run(await this.#open("trust", signal))
    })
  }

  /** Hashes all that is on disk, at the next start if this client leaves before the end. A paused document stays paused. */
  recheck(): Promise<void> {
    return this.#turns.take(async (signal) => {
      this.workshop.library.update(this.id, { recheck: true })
      tellClosing(this, await this.#leave())
      try {
        const store = await this.#open("check", signal).catch((error: unknown) => this.#mend(error, signal))
        if (!this.#isPausedByUser) return this.#run(store)
        this.#enter(pausedWith(store.have))
        await this.#file.close(store)
      } finally {
        if (!this.isClosed) this.workshop.library.update(this.id, { recheck: false })
      }
    })
  }

  /**
   * Leaves the swarm for good: whatever is asked of it afterwards rejects. `discard` deletes the bytes of an unfinished download. Everything
   * is closed in the end, also when this rejects because those bytes can't be deleted. Resolves to whether there were such bytes.
   */
  close({ discard = false }: { readonly discard?: boolean } = {}): Promise<boolean> {
    if (this.#closed !== undefined) return this.#closed
    const interruption = this.#interruption(`the download of ${this.name} was interrupted`)
    this.#closed = this.#turns.close(interruption, async () => {
      const wasRunning = this.#phase.type === "running"
      const failure = await this.#leave(discard)
      this.#enter({ type: "closed" })
      this.#end.failed(interruption)
      if (!discard || !this.#file.isDownload) {
        tellClosing(this, failure)
        return false
      }
      if (failure !== undefined) throw failure
      return wasRunning || (await this.#file.discardUnopened())
    })
    return this.#closed
  }

  get haveCount(): number {
    return haveCountOf(this.#phase)
  }

  get #isSeeding(): boolean {
    return !this.#file.isDownload && this.runner?.state.have.isFull === true
  }

  get #isPausedByUser(): boolean {
    return this.workshop.library.get(this.id)?.paused === true
  }

  /** Why a download will not come to its end unless the user does something. */
  get #failure(): P2pError | undefined {
    if (this.#phase.type === "closed") return this.#interruption(`the download of ${this.name} was interrupted`)
    return this.#phase.type === "failed" && !passesByItself(this.#phase.error) ? this.#phase.error : undefined
  }

  get isActive(): boolean {
    return this.runner?.isActive === true
  }

  /** Ticks the swarm, and lets the announcer see whether it has become starved. */
  tick(): void {
    if (this.#phase.type !== "running" || !this.isActive) return
    this.#phase.runner.tick()
    this.#phase.announcer.reconsider()
  }

  async #open(mode: "trust" | "check", signal: AbortSignal): Promise<DocumentStore> {
    this.#retry.stop()
    const before = this.#phase
    try {
      return await this.#file.open(mode, signal, (phase) => this.#enter(phase))
    } catch (error) {
      // Given up: what came after it says where the document stands.
      if (signal.aborted || !(error instanceof P2pError)) throw error
      // Tried again by itself, and nothing has changed: that was told already.
      if (before.type === "failed" && before.error.code === error.code) this.#failAgain(before)
      else this.#fail(error, 0)
      throw error
    }
  }

  /** A finished file that we fetched and that was damaged since becomes a download again: its good parts are kept. */
  async #mend(error: unknown, signal: AbortSignal): Promise<DocumentStore> {
    await this.#file.makeUnfinished(error)
    const store = await this.#open("check", signal)
    const missing = this.lengths.partCount - store.have.count
    this.event("info", "mending", `${missing} of ${this.lengths.partCount} parts are fetched again`)
    return store
  }

  #run(store: DocumentStore): void {
    const running = runDocument(this, this.workshop, {
      store,
      onCompleted: () => this.#complete(store),
      onStoreFailed: (error) => this.#onStoreFailed(error),
    })
    this.#enter(running)
    this.#lookingThrough = running.runner.lookThrough()
    if (this.#file.isDownload && store.have.isFull) this.#complete(store)
    else if (!this.#file.isDownload && store.have.isFull) this.#end.durable(this.#result())
  }

  /** Every part is checked: the file gets its own name, and from now on it is a file we seed. */
  #complete(store: DocumentStore): void {
    if (!this.#file.isDownload) return
    this.#end.complete(store, {
      onNamed: () => this.#onNamed(),
      onDurable: () => {
        this.workshop.library.update(this.id, { download: false, fetched: true, identity: store.identity })
        this.#end.durable(this.#result())
      },
      onFailed: (error) => {
        this.#file.isDownload = true
        this.#onStoreFailed(error)
      },
    })
  }

  #onNamed(): void {
    this.#file.isDownload = false
    if (this.#phase.type === "running") {
      rememberPeers(this, this.#phase.runner, this.workshop)
      this.#phase.announcer.completed()
    }
    this.event("info", "download_completed", `every part of ${this.name} is checked; it is at ${this.filePath}`)
    this.#end.named(this.#result())
    this.workshop.changed()
  }

  #onStoreFailed(error: P2pError): void {
    this.#turns.takeAside(async () => {
      if (this.#phase.type !== "running") return
      // Should the last checkpoint fail as well, what counts is the first error.
      await this.#leave()
      this.#fail(error, this.haveCount)
    })
  }

  /** What may pass by itself, or come back, is tried again; everything else waits for the user. */
  #fail(error: P2pError, haveCount: number): void {
    this.event("error", error.code, error.message)
    this.#failAgain({ type: "failed", error, haveCount })
  }

  #failAgain(phase: FailedPhase): void {
    this.#enter(phase)
    if (!passesByItself(phase.error)) this.#end.failed(phase.error)
    if (!this.#isPausedByUser) this.#retry.after(phase.error, this.#file, () => this.#tryAgain())
  }

  #tryAgain(): void {
    this.#turns.takeAside(async (signal) => {
      if (this.#phase.type === "failed") this.#run(await this.#open("trust", signal))
    })
  }

  /** Ends the swarm, if one runs: paused afterwards, until the caller says otherwise. Resolves to what failed as the store was closed. */
  async #leave(discard = false): Promise<P2pError | undefined> {
    this.#retry.stop()
    const phase = this.#phase
    if (phase.type !== "running") return undefined
    await this.#end.settled()
    const failure = await leaveSwarm(this, phase, this.workshop, discard)
    // Last, for what is on its way counts too.
    this.#movedBefore = { downBytes: this.downloadedBytes, upBytes: this.uploadedBytes }
    this.#enter(pausedAfter(phase))
    return failure
  }

  #result(): DownloadResult {
    const { id, filePath, lengths, downloadedBytes: fetchedBytes } = this
    return { id, filePath, sizeBytes: lengths.sizeBytes, fetchedBytes }
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.workshop.changed()
  }

  #interruption(what: string): CommandError {
    return new CommandError("interrupted", `${what}; it can be resumed`)
  }
}
