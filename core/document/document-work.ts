import { CommandError, P2pError } from "../base/errors.js"
import type { KnownParts, LifeEffect, LifeEvent } from "../life/life.js"
import type { DocumentStore } from "../store/document-store.js"
import type { ClientResources } from "./client-resources.js"
import type { DescribedDocument } from "./described-document.js"
import { DocumentFile } from "./document-file.js"
import { beginsToCheck, type CheckingPhase, type RunningPhase } from "./document-phase.js"
import { leaveSwarm } from "./leave-swarm.js"
import { rememberPeers, runDocument } from "./run-document.js"
import type { WantedFiles } from "./wanted-files.js"

/** Files that have their place, of those that get one. */
export interface MovedFiles {
  readonly doneFiles: number
  readonly totalFiles: number
}

/** The effects that take time, or touch the disk or the swarm. */
type Work = Exclude<
  LifeEffect,
  { readonly type: "wakeAfter" | "sleepOn" | "remember" | "tell" | "endDownload" | "settle" }
>

/** Carries out the effects of a document's life and reports the results. It makes no decisions. */
export class DocumentWork {
  readonly #document: DescribedDocument
  readonly #resources: ClientResources
  readonly #report: (event: LifeEvent) => void
  readonly #file: DocumentFile
  #checking: CheckingPhase
  #moving: MovedFiles | undefined
  #opening = new AbortController()
  #store: DocumentStore | undefined
  /** What the store was opened with, or changed to; of finished files, what they have all of. */
  #selected: WantedFiles | undefined
  #running: RunningPhase | undefined
  #isSafe = false
  #doubtfulChecked: Promise<void> = Promise.resolve()
  /** Payload moved in this run by swarms that are over: a pause or a recheck begins another. */
  #movedBefore = { downBytes: 0, upBytes: 0 }

  constructor(document: DescribedDocument, resources: ClientResources, report: (event: LifeEvent) => void) {
    this.#document = document
    this.#resources = resources
    this.#report = report
    this.#file = new DocumentFile(document, resources)
    this.#selected = document.wanted
    this.#checking = beginsToCheck(resources.clock.now())
  }

  get selected(): WantedFiles | undefined {
    return this.#selected
  }

  /** Files that became wanted and get their place now. */
  get moving(): MovedFiles | undefined {
    return this.#moving
  }

  /** How far the opening is that is under way. */
  get checking(): CheckingPhase {
    return this.#checking
  }

  get running(): RunningPhase | undefined {
    return this.#running
  }

  get reusedCount(): number {
    return this.#file.reusedCount
  }

  /** Parts that the store had when it was opened last. */
  get openedCount(): number {
    return this.#store?.have.count ?? 0
  }

  get doubtfulChecked(): Promise<void> {
    return this.#doubtfulChecked
  }

  /** Payload bytes of this run. */
  get moved(): { readonly downBytes: number; readonly upBytes: number } {
    const { downBytes, upBytes } = this.#movedBefore
    const state = this.#running?.runner.state
    return { downBytes: downBytes + (state?.down.totalBytes ?? 0), upBytes: upBytes + (state?.up.totalBytes ?? 0) }
  }

  /** Whether there is room for what finished files lack. Rejects as `DocumentFile.requireRoom`. */
  requireRoom(wanted: WantedFiles | undefined): Promise<void> {
    return this.#file.requireRoom(wanted)
  }

  /** Finished files have all that is wanted now. */
  keep(wanted: WantedFiles | undefined): void {
    this.#selected = wanted
    this.#resources.changed()
  }

  begin(work: Work, mode: "download" | "seed"): void {
    switch (work.type) {
      case "open":
        return this.#reportLater(this.#open(work.check, mode))
      case "giveUpOpening":
        return this.#opening.abort()
      case "mend":
        return this.#reportLater(
          this.#file.makeUnfinished().then(
            () => ({ type: "mended" }),
            (error: unknown) => ({ type: "mendFailed", error: expected(error) }),
          ),
        )
      case "join":
        return this.#join(mode === "seed")
      case "name":
        return this.#reportLater(this.#name())
      case "leave":
        return this.#reportLater(this.#leave(work.discard))
      case "discard":
        return this.#reportLater(
          this.#file.discardUnopened().then(
            (any) => ({ type: "discarded", any }),
            (error: unknown) => ({ type: "discardFailed", error: expected(error) }),
          ),
        )
      case "select":
        return this.#select()
      case "look":
        return this.#reportLater(this.#file.isBack().then((isBack) => ({ type: "looked", isBack })))
      case "rememberFetched": {
        const { library } = this.#resources
        const identity = this.#store?.identity
        this.#isSafe = true
        this.#running?.announcer.completed()
        this.#document.event("info", "download_synced", `${this.#document.filePath} is synced to disk`)
        const known = library.get(this.#document.id)
        // A file that was the user's stays the user's: its next damage may be meant.
        const fetched = known?.repair?.old === undefined || known.fetched === true
        return library.update(this.#document.id, { download: false, fetched, identity, repair: undefined })
      }
    }
  }

  /** The file has its own name: from now on it is seeded. */
  named(): void {
    if (this.#running === undefined) return
    rememberPeers(this.#document, this.#running.runner, this.#resources)
  }

  /** A rejection is a bug, which ends the program loudly: what disks may do is an event. */
  #reportLater(outcome: Promise<LifeEvent>): void {
    void outcome.then(this.#report)
  }

  async #open(check: boolean, mode: "download" | "seed"): Promise<LifeEvent> {
    this.#opening = new AbortController()
    const { signal } = this.#opening
    const onChecking = (phase: CheckingPhase) => {
      this.#checking = phase
      this.#resources.changed()
    }
    this.#selected = this.#document.wanted
    try {
      this.#store = await this.#file.open({ mode, check, signal, onChecking, onMoved: this.#onMoved })
      // A folder of which files differ is served as far as it is good.
      return { type: "opened", isFull: this.#store.isComplete || !this.#store.isGrowing }
    } catch (error) {
      const parts = { count: this.#checking.goodCount, bits: undefined, counted: false }
      if (signal.aborted) return { type: "openGivenUp", parts }
      const isMendable = mode === "seed" && this.#file.isMendable(error)
      const failed = { ...parts, count: this.#goodCount(mode) }
      return {
        ...{ type: "openFailed", error: expected(error), parts: failed },
        ...{ isMendable, isKnown: this.#file.isKnown },
      }
    } finally {
      this.#moving = undefined
    }
  }

  readonly #onMoved = (doneFiles: number, totalFiles: number): void => {
    this.#moving = doneFiles < totalFiles ? { doneFiles, totalFiles } : undefined
    this.#resources.changed()
  }

  /** What an opening that failed has found; before it has hashed anything, what an unfinished download had when it was left. */
  #goodCount(mode: "download" | "seed"): number {
    if (this.#checking.checkedCount > 0) return this.#checking.goodCount
    const known = mode === "download" ? this.#resources.library.get(this.#document.id)?.haveCount : undefined
    return Math.min(known ?? 0, this.#document.lengths.partCount)
  }

  /** A swarm that is left meanwhile takes no news: the next opening has the selection. */
  #select(): void {
    const [store, running] = [this.#store, this.#running]
    if (store === undefined || running === undefined)
      throw new Error("a document that is not running can't change its selection")
    const { wanted } = this.#document
    const { isGrowing } = store
    const selecting = isGrowing ? store.select(wanted?.files, this.#onMoved) : this.#file.requireRoom(wanted)
    const outcome = selecting.then(
      (): LifeEvent => ({ type: "selected" }),
      (error: unknown): LifeEvent => ({
        type: error instanceof CommandError ? "selectRefused" : "storeFailed",
        error: expected(error),
      }),
    )
    void outcome.then((event) => {
      this.#moving = undefined
      if (this.#running !== running) return
      if (event.type === "selected" && isGrowing) this.#selected = wanted
      if (event.type === "selectRefused") this.#document.unselect(wanted, this.#selected)
      this.#report(event)
      // After a refusal too: parts that completed the download meanwhile are told again.
      if (event.type !== "storeFailed" && isGrowing) running.runner.handle({ type: "selected", parts: store.wanted })
    })
  }

  #join(isSafe: boolean): void {
    if (this.#store === undefined) throw new Error("a document that is not open can't join its swarm")
    this.#isSafe = isSafe
    this.#running = runDocument(this.#document, this.#resources, {
      store: this.#store,
      isSafe: () => this.#isSafe,
      onCompleted: () => this.#report({ type: "full" }),
      onStoreFailed: (error) => this.#report({ type: "storeFailed", error }),
    })
    const { lockLost } = this.#store
    lockLost?.addEventListener("abort", () => this.#report({ type: "storeFailed", error: expected(lockLost.reason) }))
    this.#doubtfulChecked = this.#running.runner.checkDoubtful()
  }

  /** Where a file can't bear two names, it has its own only when that is durable. */
  async #name(): Promise<LifeEvent> {
    let isNamed = false
    const named = () => {
      if (!isNamed) this.#report({ type: "named" })
      isNamed = true
    }
    try {
      if (this.#store?.isGrowing) await this.#store.complete(named)
    } catch (error) {
      return { type: "nameFailed", error: expected(error) }
    }
    named()
    return { type: "durable" }
  }

  async #leave(discard: boolean): Promise<LifeEvent> {
    const { parts, failure } = await this.#leaveSwarmOrStore(discard)
    // Last, because transfers still running count too.
    this.#movedBefore = this.moved
    this.#running = undefined
    this.#store = undefined
    return { type: "left", parts, failure }
  }

  async #leaveSwarmOrStore(
    discard: boolean,
  ): Promise<{ readonly parts: KnownParts; readonly failure: P2pError | undefined }> {
    const store = this.#store
    if (store === undefined) throw new Error("a document that is not open can't leave its swarm")
    const failure =
      this.#running === undefined
        ? await this.#file.close(store, discard)
        : await leaveSwarm(this.#document, this.#running, this.#resources, discard)
    return { parts: { count: store.have.count, bits: store.have, counted: true }, failure }
  }
}

/** Errors that a disk, a file or another program may cause. Any other error is a bug and is thrown on. */
function expected(error: unknown): P2pError {
  if (error instanceof P2pError) return error
  throw error
}
