import pLimit from "p-limit"
import type { DownloadResult } from "../api/client-api.js"
import { CommandError, type P2pError } from "../base/errors.js"
import { formatCount } from "../base/format-bytes.js"
import { advance } from "../life/advance.js"
import { beginLife, type Life, type LifeEffect, type LifeEvent, type Outcome, type Place } from "../life/life.js"
import { passesByItself } from "../life/passing-errors.js"
import { isComplete } from "../swarm/index.js"
import type { SwarmRunner } from "../transfer/swarm-runner.js"
import type { ClientResources } from "./client-resources.js"
import { CompletionWaiters } from "./completion-waiters.js"
import { DescribedDocument, type DocumentOptions } from "./described-document.js"
import { haveCountOf, type Phase, phaseOf } from "./document-phase.js"
import { DocumentWork, type MovedFiles } from "./document-work.js"
import { interruption } from "./interruption.js"
import { requireWidening } from "./require-widening.js"
import type { Choose } from "./wanted-files.js"

type Command =
  | { readonly type: "start" | "resume" | "pause" | "recheck" | "select" | "waitStill" }
  | { readonly type: "close"; readonly discard: boolean }

interface Caller {
  resolve(discarded: boolean): void
  reject(error: Error): void
}

/** One document of this client: `advance` decides what becomes of it, `DocumentWork` does it, and commands wait here for the outcome. */
export class Document extends DescribedDocument {
  #life: Life
  readonly #work: DocumentWork
  readonly #end = new CompletionWaiters()
  readonly #undone: LifeEffect[] = []
  #isCarryingOut = false
  readonly #callers = new Map<number, Caller>()
  readonly #choices = pLimit(1)
  #nextCaller = 1
  #stopWaking: () => void = () => undefined

  constructor(options: DocumentOptions, resources: ClientResources) {
    super(options, resources)
    this.#life = beginLife(options.download ? "download" : "seed", options.place ?? { at: "new" })
    this.#work = new DocumentWork(this, resources, (event) => this.#happened(event))
  }

  get place(): Place {
    return this.#life.place
  }

  /** As a snapshot shows it. */
  get phase(): Phase {
    return phaseOf(this.#life.place, this.#work.checking, this.#work.running)
  }

  get runner(): SwarmRunner | undefined {
    return this.#work.running?.runner
  }

  get downloadedBytes(): number {
    return this.#work.moved.downBytes
  }

  get uploadedBytes(): number {
    return this.#work.moved.upBytes
  }

  /** Parts found good on disk when it was opened last; more may come until `lookedThrough`. */
  get reusedCount(): number {
    return this.#work.reusedCount
  }

  /** Files that became wanted and get their place now. */
  get moving(): MovedFiles | undefined {
    return this.#work.moving
  }

  get haveCount(): number {
    return haveCountOf(this.phase)
  }

  get isDownload(): boolean {
    return this.#life.mode === "download"
  }

  /** True from `close` on: nothing starts it again. */
  get isClosed(): boolean {
    return this.#life.wish === "gone"
  }

  get isActive(): boolean {
    return this.runner?.isActive === true
  }

  /** Settles when it runs, rests or has failed, and nothing is under way. */
  async settled(): Promise<void> {
    await this.#ask({ type: "waitStill" })
  }

  /** Opens the data on disk and joins the swarm. Rejects when the disk or the target can't be used. */
  async start(): Promise<void> {
    await this.#ask({ type: "start" })
  }

  /** An opening that is under way is given up. */
  async pause(): Promise<void> {
    await this.#ask({ type: "pause" })
  }

  async resume(): Promise<void> {
    await this.#ask({ type: "resume" })
  }

  /** Hashes all that is on disk, at the next start if this client leaves before the end. A paused document stays paused. */
  async recheck(): Promise<void> {
    await this.#ask({ type: "recheck" })
  }

  /**
   * Leaves the swarm permanently: later commands reject. `discard` deletes the bytes of an unfinished download. Everything is closed, also
   * when this rejects because those bytes can't be deleted. Resolves to whether there were such bytes.
   */
  close({ discard = false }: { readonly discard?: boolean } = {}): Promise<boolean> {
    return this.#ask({ type: "close", discard }).finally(() => {
      this.upLimit.close()
      this.downLimit.close()
    })
  }

  /**
   * Other files are wanted, as `choose` says. Resolves when that is in force, and rejects as `start`. Finished files stay where they are.
   * @throws CommandError "not_downloaded" for a folder of the user's, "disk_full", and what `choose` does.
   */
  async select(choose: Choose): Promise<void> {
    // In turn: a choice may take seconds with 500,000 files, and the next may add to it.
    const isAsked = await this.#choices(() => this.#choose(choose))
    if (isAsked) await this.#ask({ type: "select" })
  }

  /** Resolves to whether the store has to change. What is refused is not remembered. */
  async #choose(choose: Choose): Promise<boolean> {
    const { resources, id } = this
    const wanted = await choose(this.wanted)
    const widening = { wanted, work: this.#work, known: resources.library.get(id) }
    const isThere = this.#life.mode === "seed" && (await requireWidening(this, widening))
    // Of a document that is removed nothing is remembered, and the command is refused.
    if (this.isClosed) return true
    this.wantedFiles = wanted
    resources.library.update(id, { selection: wanted?.stored })
    if (isThere) this.#work.keep(wanted)
    return !isThere
  }

  /** Settles when all that may be on disk was hashed, or this document has stopped. The missing parts are fetched meanwhile. */
  doubtfulChecked(): Promise<void> {
    return this.#work.doubtfulChecked
  }

  /** Resolves when every part is present and the file has its final name. */
  whenDone(): Promise<DownloadResult> {
    return this.#isSeeding ? Promise.resolve(this.#result()) : this.#end.whenNamed(this.#lastFailure)
  }

  /** Resolves when the download survives a power failure. */
  whenDurable(): Promise<DownloadResult> {
    const { place } = this.#life
    const isSyncing = place.at === "running" && place.ending !== "none"
    return this.#isSeeding && !isSyncing ? Promise.resolve(this.#result()) : this.#end.whenDurable(this.#lastFailure)
  }

  /** Ticks the swarm, and lets the announcer see whether it has become starved. */
  tick(): void {
    const { running } = this.#work
    if (running === undefined || !this.isActive) return
    running.runner.tick()
    running.announcer.reconsider()
  }

  /** See `Announcer.announceAgain`. */
  announceAgain(): void {
    this.#work.running?.announcer.announceAgain()
  }

  /** See `Announcer.announceNow`. Resolves to false where the document takes no part in its swarm, as a paused one. */
  async announceNow(): Promise<boolean> {
    const { running } = this.#work
    if (running === undefined) return false
    await running.announcer.announceNow()
    return true
  }

  get #isSeeding(): boolean {
    return !this.isDownload && this.runner !== undefined && isComplete(this.runner.state)
  }

  /** The failure that keeps a download from completing until the user acts. */
  get #lastFailure(): P2pError | undefined {
    const { place } = this.#life
    if (place.at === "closed") return interruption(this.name, "close")
    return place.at === "failed" && !passesByItself(place.error) ? place.error : undefined
  }

  #ask(command: Command): Promise<boolean> {
    const waiter = this.#nextCaller++
    return new Promise((resolve, reject) => {
      this.#callers.set(waiter, { resolve, reject })
      this.#happened({ ...command, waiter })
    })
  }

  /** Effects are carried out in their order, also those of events that come while one is carried out. */
  #happened(event: LifeEvent): void {
    const { life, effects } = advance(this.#life, event)
    this.#life = life
    this.#undone.push(...effects)
    if (this.#isCarryingOut) return
    this.#isCarryingOut = true
    try {
      for (let effect = this.#undone.shift(); effect !== undefined; effect = this.#undone.shift())
        this.#carryOut(effect)
    } finally {
      this.#isCarryingOut = false
    }
    this.resources.changed()
  }

  #carryOut(effect: LifeEffect): void {
    switch (effect.type) {
      case "wakeAfter":
        this.#stopWaking = this.resources.clock.after(effect.waitMs, () => this.#happened({ type: "woke" }))
        return
      case "sleepOn":
        return this.#stopWaking()
      case "remember": {
        const { type: _, ...patch } = effect
        return this.resources.library.update(this.id, patch)
      }
      case "tell":
        return this.#tell(effect)
      case "endDownload":
        return this.#endDownload(effect.as)
      case "settle":
        return this.#settle(effect.waiter, effect.outcome)
      default:
        return this.#work.begin(effect, this.#life.mode)
    }
  }

  #tell(effect: Extract<LifeEffect, { readonly type: "tell" }>): void {
    switch (effect.what) {
      case "paused":
        return this.event("info", "document_paused", "paused")
      case "mending": {
        const { partCount } = this.lengths
        const missingParts = partCount - this.#work.openedCount
        const message = `${formatCount(missingParts)} of ${formatCount(partCount)} parts are fetched again`
        return this.event("info", "mending", message, { facts: { missingParts, partCount } })
      }
      case "named":
        this.#work.named()
        return this.event(
          "info",
          "download_completed",
          `every part of ${this.name} is verified; the file is ${this.filePath}`,
        )
      case "failed":
        return this.event("error", effect.error.code, effect.error.message)
      case "closingFailed":
        return this.event("warn", effect.error.code, `while closing: ${effect.error.message}`)
    }
  }

  #endDownload(as: "named" | "durable" | "interrupted" | P2pError): void {
    if (as === "named") this.#end.named(this.#result())
    else if (as === "durable") this.#end.durable(this.#result())
    else this.#end.failed(as === "interrupted" ? interruption(this.name, "close") : as)
  }

  #settle(waiter: number, outcome: Outcome): void {
    const caller = this.#callers.get(waiter)
    this.#callers.delete(waiter)
    switch (outcome.type) {
      case "done":
        return caller?.resolve(outcome.discarded)
      case "failed":
        return caller?.reject(outcome.error)
      case "interrupted":
        return caller?.reject(interruption(this.name, outcome.by))
      case "refused":
        return caller?.reject(new CommandError("closed", "this document was removed from the list"))
    }
  }

  #result(): DownloadResult {
    const { id, filePath, lengths, wanted, downloadedBytes: fetchedBytes } = this
    return {
      ...{ id, filePath, sizeBytes: wanted?.files.sizeBytes ?? lengths.sizeBytes, fetchedBytes },
      ...(wanted && { selected: { files: wanted.files.fileCount, ofFiles: this.fileCount } }),
    }
  }
}
