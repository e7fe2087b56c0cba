import { CommandError, P2pError, StoreError } from "../errors.js"
import type { DocumentStore } from "../store/document-store.js"
import { makeUnfinished } from "../store/open-download.js"
import type { SwarmEffect } from "../swarm/index.js"
import { infoHash } from "../torrent/info-hash.js"
import { createLengths, type Lengths } from "../torrent/lengths.js"
import { type PreSharedKey, preSharedKeyOf } from "../torrent/pre-shared-key.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { DownloadResult } from "./client-api.js"
import { shownName } from "./document-name.js"
import { beginsToCheck, type Phase, passesByItself } from "./document-phase.js"
import { DownloadEnd } from "./download-end.js"
import { joinSwarm } from "./join-swarm.js"
import { openStore } from "./open-store.js"
import type { SwarmRunner } from "./swarm-runner.js"
import { trackerFor } from "./tracker-for.js"
import type { TrackerLine } from "./tracker-line.js"
import type { Workshop } from "./workshop.js"

type SwarmNote = Extract<SwarmEffect, { readonly type: "note" }>

export interface DocumentOptions {
  readonly torrent: Torrent
  readonly torrentPath: string
  readonly filePath: string
  /** A download into `filePath`; else a file that is there. */
  readonly download: boolean
}

/** What passes by itself is tried again so often. */
const DISK_RETRY_MS = 5_000

/** One document of this client: opens its store, runs its swarm, and knows how to pause, resume, check and leave. */
export class Document {
  readonly torrent: Torrent
  readonly id: string
  readonly lengths: Lengths
  readonly infoHash: Uint8Array
  /** Private documents only. */
  readonly preSharedKey: PreSharedKey | undefined
  /** Who knows its peers. */
  readonly tracker: TrackerLine
  readonly torrentPath: string
  readonly filePath: string
  /** Fit to show. */
  readonly name: string
  /** Payload moved in this run by swarms that are over: a pause or a recheck begins another. */
  #movedBefore = { downBytes: 0, upBytes: 0 }
  readonly #workshop: Workshop
  readonly #closing = new AbortController()
  #phase: Phase
  #isDownload: boolean
  #serial: Promise<void> = Promise.resolve()
  #retryTimer: NodeJS.Timeout | undefined
  #opened: DocumentStore | undefined
  #lookingThrough: Promise<void> = Promise.resolve()
  readonly #end = new DownloadEnd()

  constructor(options: DocumentOptions, workshop: Workshop) {
    this.torrent = options.torrent
    this.id = options.torrent.hash
    this.lengths = createLengths(options.torrent.sizeBytes, options.torrent.partSizeBytes)
    this.infoHash = infoHash(options.torrent)
    this.preSharedKey = preSharedKeyOf(options.torrent)
    this.tracker = trackerFor(options.torrent, workshop)
    this.torrentPath = options.torrentPath
    this.filePath = options.filePath
    this.name = shownName(options.torrent, options.filePath)
    this.#isDownload = options.download
    this.#workshop = workshop
    this.#phase = beginsToCheck(workshop.clock.now())
  }

  get phase(): Phase {
    return this.#phase
  }

  /** The running swarm, if it runs. */
  get runner(): SwarmRunner | undefined {
    return this.#phase.type === "running" ? this.#phase.runner : undefined
  }

  /** Payload of this run. */
  get downloadedBytes(): number {
    return this.#movedBefore.downBytes + (this.runner?.state.down.totalBytes ?? 0)
  }

  get uploadedBytes(): number {
    return this.#movedBefore.upBytes + (this.runner?.state.up.totalBytes ?? 0)
  }

  /** Parts found good on disk when it was opened last; more may come until `lookedThrough`. */
  get reusedCount(): number {
    return this.#opened?.reusedCount ?? 0
  }

  /** True until the file has its own name. */
  get isDownload(): boolean {
    return this.#isDownload
  }

  /** Settles when nothing is being opened, paused or closed any more. */
  settled(): Promise<void> {
    return this.#serial
  }

  /** Opens what is on disk and joins the swarm. Rejects when the disk or the target is not fit for it. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#open("trust"))
  }

  /** Settles when all that may be on disk was hashed, or this document has stopped. The missing parts are fetched meanwhile. */
  lookedThrough(): Promise<void> {
    return this.#lookingThrough
  }

  /** Settles when every part is there and the file has its own name. */
  whenDone(): Promise<DownloadResult> {
    return this.#isSeeding ? Promise.resolve(this.#result()) : this.#end.whenNamed()
  }

  /** Settles when, beyond that, a power cut can't take it any more. */
  whenDurable(): Promise<DownloadResult> {
    return this.#isSeeding && !this.#end.isCompleting ? Promise.resolve(this.#result()) : this.#end.whenDurable()
  }

  pause(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#phase.type === "paused") return
      // The store's own set, read afterwards: parts that were being written on the way out are in it.
      const have = this.#phase.type === "running" ? this.#phase.store.have : undefined
      await this.#leave()
      this.#enter({ type: "paused", haveCount: have?.count ?? this.haveCount, have })
      this.#workshop.library.update(this.id, { paused: true })
      this.#event("info", "document_paused", "paused")
    })
  }

  resume(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#phase.type === "running") return
      this.#workshop.library.update(this.id, { paused: false })
      await this.#open("trust")
    })
  }

  recheck(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#leave()
      await this.#open("check").catch((error: unknown) => this.#mend(error))
    })
  }

  /** Leaves the swarm for good. `discard` deletes the bytes of an unfinished download. */
  async close(options: { readonly discard?: boolean } = {}): Promise<void> {
    this.#closing.abort(new CommandError("closed", "this client is leaving"))
    return this.#inTurn(async () => {
      if (this.#phase.type === "closed") return
      await this.#leave(options.discard === true)
      this.#enter({ type: "closed" })
      this.#end.failed(
        new CommandError("interrupted", `the download of ${this.name} was interrupted; it can be resumed`),
      )
    })
  }

  get haveCount(): number {
    const phase = this.#phase
    if (phase.type === "running") return phase.runner.state.have.count
    if (phase.type === "checking") return phase.goodCount
    return phase.type === "closed" ? 0 : phase.haveCount
  }

  get #isSeeding(): boolean {
    return !this.#isDownload && this.runner?.state.have.isFull === true
  }

  /** True while its swarm needs ticks. */
  get isActive(): boolean {
    return this.runner?.isActive === true
  }

  /** Ticks the swarm, and lets the announcer see whether it has become starved. */
  tick(): void {
    if (this.#phase.type !== "running" || !this.isActive) return
    this.#phase.runner.tick()
    this.#phase.announcer.reconsider()
  }

  async #open(mode: "trust" | "check"): Promise<void> {
    clearTimeout(this.#retryTimer)
    const before = this.#phase
    try {
      const store = await openStore({
        workshop: this.#workshop,
        torrent: this.torrent,
        filePath: this.filePath,
        download: this.#isDownload,
        recheck: mode === "check",
        signal: this.#closing.signal,
        onChecking: (phase) => this.#enter(phase),
      })
      this.#opened = store
      if (store.recordProblem !== undefined)
        this.#event("warn", "record_ignored", `${store.recordProblem}: all that is on disk was checked`)
      this.#run(store)
    } catch (error) {
      if (!(error instanceof P2pError)) throw error
      // Tried again by itself, and nothing has changed: that was told already.
      if (before.type === "failed" && before.error.code === error.code) this.#failAgain(before)
      else this.#fail(error, 0)
      throw error
    }
  }

  /** A finished file that we fetched and that was damaged since becomes a download again: its good parts are kept. */
  async #mend(error: unknown): Promise<void> {
    const isDamaged = error instanceof StoreError && error.code === "file_changed"
    if (!isDamaged || this.#isDownload || this.#workshop.library.get(this.id)?.fetched !== true) throw error
    await makeUnfinished(this.filePath)
    this.#isDownload = true
    this.#workshop.library.update(this.id, { download: true, fetched: false, identity: undefined })
    await this.#open("check")
    const missing = this.lengths.partCount - this.haveCount
    this.#event("info", "mending", `${missing} of ${this.lengths.partCount} parts are fetched again`)
  }

  #run(store: DocumentStore): void {
    const { torrent, lengths, infoHash, preSharedKey, tracker } = this
    const member = {
      ...{ torrent, lengths, infoHash, preSharedKey, tracker, store },
      onCompleted: () => this.#complete(store),
      onStoreFailed: (error: StoreError) => void this.#onStoreFailed(error),
      onNote: (note: SwarmNote) => this.#event(note.level, note.name, note.message, note.address),
      onRegisteredAgain: () => this.#event("info", "registered_again", "the tracker was told of this document again"),
    }
    const { runner, announcer } = joinSwarm(member, this.#workshop)
    this.#enter({ type: "running", store, runner, announcer })
    announcer.start()
    this.#lookingThrough = runner.lookThrough()
    const remembered = this.#workshop.library.get(this.id)?.peers ?? []
    runner.handle({ type: "peersFound", addresses: remembered, source: "remembered" })
    if (this.#isDownload && store.have.isFull) this.#complete(store)
    else if (!this.#isDownload && store.have.isFull) this.#end.durable(this.#result())
  }

  /** Every part is checked: the file gets its own name, and from now on it is a file we seed. */
  #complete(store: DocumentStore): void {
    if (!this.#isDownload) return
    this.#end.complete(store, {
      onNamed: () => this.#onNamed(),
      onDurable: () => {
        this.#workshop.library.update(this.id, { download: false, fetched: true, identity: store.identity })
        this.#end.durable(this.#result())
      },
      onFailed: (error) => {
        this.#isDownload = true
        void this.#onStoreFailed(error)
      },
    })
  }

  #onNamed(): void {
    this.#isDownload = false
    if (this.runner !== undefined) this.#rememberPeers(this.runner)
    if (this.#phase.type === "running") this.#phase.announcer.completed()
    this.#event("info", "download_completed", `every part of ${this.name} is checked; it is at ${this.filePath}`)
    this.#end.named(this.#result())
    this.#workshop.changed()
  }

  async #onStoreFailed(error: P2pError): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#phase.type !== "running") return
      const { have } = this.#phase.store
      await this.#leave().catch((closing: unknown) => {
        // The last checkpoint failed as well: what counts is the first error, and what is marked is hashed at the next start.
        if (!(closing instanceof P2pError)) throw closing
      })
      this.#fail(error, have.count)
    })
  }

  /** A full disk may get room again, and the like: the download goes on by itself. Everything else waits for the user. */
  #fail(error: P2pError, haveCount: number): void {
    this.#event("error", error.code, error.message)
    this.#failAgain({ type: "failed", error, haveCount })
  }

  #failAgain(phase: Phase & { readonly type: "failed" }): void {
    this.#enter(phase)
    if (!passesByItself(phase.error)) return this.#end.failed(phase.error)
    this.#retryTimer = setTimeout(() => {
      // How it ends is seen in the phase.
      this.resume().catch(() => undefined)
    }, DISK_RETRY_MS)
  }

  async #leave(discard = false): Promise<void> {
    clearTimeout(this.#retryTimer)
    const phase = this.#phase
    if (phase.type !== "running") return
    const goodbye = phase.announcer.stop()
    await this.#end.settled()
    this.#rememberPeers(phase.runner)
    await phase.runner.close()
    try {
      if (discard && this.#isDownload) await phase.store.discard()
      await phase.store.close()
    } finally {
      await goodbye
      // Last, for what is on its way counts too; the caller enters another phase at once, also when the store failed.
      this.#movedBefore = { downBytes: this.downloadedBytes, upBytes: this.uploadedBytes }
    }
  }

  /** Whoever met nobody this time keeps those of the time before. */
  #rememberPeers(runner: SwarmRunner): void {
    const peers = runner.state.book.worthRemembering()
    if (peers.length > 0) this.#workshop.library.update(this.id, { peers })
  }

  #result(): DownloadResult {
    const { id, filePath, lengths, downloadedBytes: fetchedBytes } = this
    return { id, filePath, sizeBytes: lengths.sizeBytes, fetchedBytes }
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#workshop.changed()
  }

  /** One change at a time, in order of asking. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#serial.then(change)
    this.#serial = turn.catch(() => undefined)
    return turn
  }

  #event(level: "debug" | "info" | "warn" | "error", name: string, message: string, peer?: string): void {
    const document = { id: this.id, name: this.name }
    this.#workshop.onEvent({ level, name, message, document, ...(peer !== undefined && { peer }) })
  }
}
