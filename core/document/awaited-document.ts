import type { MeetingFacts } from "../api/why.js"
import { displayText } from "../base/display.js"
import { CommandError, P2pError } from "../base/errors.js"
import type { TypedTarget } from "../library/user-path.js"
import {
  type AwaitedEffect,
  type AwaitedEvent,
  type AwaitedLife,
  type AwaitedPlace,
  advanceAwaited,
  beginAwaited,
  isStill,
} from "../life/awaited-life.js"
import { handshakeHashOf, idOf } from "../torrent/describe.js"
import type { Link } from "../torrent/link.js"
import { type MemberKeys, memberKeysOf } from "../torrent/pre-shared-key.js"
import type { DescriptionRunner } from "../transfer/description-runner.js"
import { AwaitedSearch } from "./awaited-search.js"
import type { ClientResources } from "./client-resources.js"
import type { Document } from "./document.js"
import { eventsOf, type ReportEvent } from "./document-events.js"
import { interruption } from "./interruption.js"

const MAX_NAME_LENGTH = 200

export interface AwaitedOptions {
  readonly link: Link
  /** The link as text, in the form that is remembered. */
  readonly linkText: string
  /** Where the user wants it; undefined: its name in the service folder. */
  readonly target: TypedTarget | undefined
  /** Patterns of the files that are wanted of a folder; undefined: all. */
  readonly only: readonly string[] | undefined
  /** What stands at the target is repaired. */
  readonly repair: boolean | undefined
  readonly isPaused: boolean
  /** Writes the torrent file and begins the document. `peers`: to begin with. */
  begin(info: Uint8Array, peers: readonly string[]): Promise<Document>
}

/** A document that is known by its link only, until its description has come from peers: `advanceAwaited` decides, this carries out. */
export class AwaitedDocument {
  readonly id: string
  readonly link: Link
  readonly linkText: string
  readonly target: TypedTarget | undefined
  readonly only: readonly string[] | undefined
  /** Fit to show; nothing of it is verified. */
  readonly name: string
  /** What peers call it in their handshake. */
  readonly infoHash: Uint8Array
  readonly preSharedKey: MemberKeys | undefined
  /** Its parts are not known yet. */
  readonly lengths = { partCount: undefined }
  /** Reports an event of this document. */
  readonly event: ReportEvent
  readonly #options: AwaitedOptions
  readonly #resources: ClientResources
  readonly #search: AwaitedSearch
  #life: AwaitedLife
  #repair: boolean
  #info: Uint8Array | undefined
  #peers: readonly string[] = []
  #stopWaking: () => void = () => undefined
  readonly #stillWaiters: (() => void)[] = []
  readonly #ends: { readonly resolve: (document: Document) => void; readonly reject: (error: Error) => void }[] = []

  constructor(options: AwaitedOptions, resources: ClientResources) {
    const { link, linkText, target, only, repair = false } = options
    this.#options = options
    this.#resources = resources
    this.id = idOf(link)
    this.link = link
    this.linkText = linkText
    this.target = target
    this.only = only
    this.#repair = repair
    this.name = displayText(link.name ?? this.id, MAX_NAME_LENGTH)
    this.infoHash = handshakeHashOf(link)
    this.preSharedKey = link.kind === "private" ? memberKeysOf({ ...link, uuid: link.id }) : undefined
    this.event = eventsOf(this, resources.onEvent)
    this.#life = beginAwaited(options.isPaused)
    this.#search = new AwaitedSearch(this, resources, {
      onFound: (info, peers) => {
        this.#info = info
        this.#peers = peers
        this.#happened({ type: "found" })
      },
      onNote: ({ level, name, message, ...more }) => this.event(level, name, message, more),
    })
  }

  get place(): AwaitedPlace {
    return this.#life.place
  }

  get tracker() {
    return this.#search.tracker
  }

  /** Where its peers may come from; undefined when it has a tracker. */
  get meetingFacts(): MeetingFacts | undefined {
    if (!this.tracker.isNone) return undefined
    const { listedHosts, isOnLan: lan } = this.#resources
    // A link of this program names its client at least.
    return { listedHosts, lan, dhtOnly: this.link.kind === "open" && this.link.peers.length === 0 }
  }

  /** While its description is looked for. */
  get runner(): DescriptionRunner | undefined {
    return this.#search.runner
  }

  /** Its description is held: its torrent file is being written, or is there. */
  get isFound(): boolean {
    return this.#life.isFound
  }

  /** What stands at the target is repaired. */
  get repair(): boolean {
    return this.#repair
  }

  get isActive(): boolean {
    return this.runner?.isActive === true
  }

  /** The user agrees: what stands at the target is repaired. Remembered with the next command. */
  agreeToRepair(): void {
    this.#repair = true
  }

  /** Begins, or continues. */
  run(): void {
    this.#happened({ type: "run" })
  }

  async resume(): Promise<void> {
    this.run()
  }

  /** There is nothing on disk yet. */
  async recheck(): Promise<void> {
    throw this.undescribed()
  }

  /** Settles when nothing is under way. */
  async pause(): Promise<void> {
    this.#happened({ type: "pause" })
    await this.#untilStill()
  }

  async close(): Promise<void> {
    this.#happened({ type: "close" })
    await this.#untilStill()
  }

  /** The answer to commands that need more than the link. */
  undescribed(): CommandError {
    return new CommandError("no_description", `${this.name}: its description has not come from peers yet`)
  }

  /** The document that it has become. Rejects with a failure that stays until a command. */
  document(): Promise<Document> {
    const { place } = this.#life
    const end = new Promise<Document>((resolve, reject) => {
      if (place.at === "failed" && !place.goesOn) reject(place.error)
      else this.#ends.push({ resolve, reject })
    })
    // The caller may no longer listen; an event reports the failure too.
    end.catch(() => undefined)
    return end
  }

  tick(): void {
    this.#search.tick()
  }

  announceAgain(): void {
    this.#search.announceAgain()
  }

  #untilStill(): Promise<void> {
    if (isStill(this.#life)) return Promise.resolve()
    return new Promise((resolve) => this.#stillWaiters.push(resolve))
  }

  #happened(event: AwaitedEvent): void {
    const { life, effects } = advanceAwaited(this.#life, event)
    this.#life = life
    for (const effect of effects) this.#carryOut(effect)
    if (life.place.at === "closed") this.#endAll(interruption(this.name, "close"))
    if (isStill(this.#life)) for (const resolve of this.#stillWaiters.splice(0)) resolve()
    this.#resources.changed()
  }

  #carryOut(effect: AwaitedEffect): void {
    switch (effect.type) {
      case "ask":
        return this.#search.start()
      case "leave":
        return void this.#search.leave().then(() => this.#happened({ type: "left" }))
      case "describe":
        return void this.#describe()
      case "remember":
        return this.#remember(effect.paused)
      case "wakeAfter":
        this.#stopWaking = this.#resources.clock.after(effect.waitMs, () => this.#happened({ type: "woke" }))
        return
      case "sleepOn":
        return this.#stopWaking()
      case "tell":
        return this.#tell(effect)
    }
  }

  #remember(paused: boolean): void {
    const { id, linkText: link, target, only, repair } = this
    const place = target && { filePath: target.path, ...(target.endsAsFolder && { intoFolder: true }) }
    const wanted = { ...place, ...(only && { only: [...only] }) }
    this.#resources.library.putAwaited({ id, link, ...wanted, ...(repair && { repair }), paused })
  }

  #tell(effect: Extract<AwaitedEffect, { readonly type: "tell" }>): void {
    if (effect.what === "paused") return this.event("info", "document_paused", "paused")
    // The end of the client has ended the document that was being begun.
    const isEnd = effect.error.code === "interrupted" || effect.error.code === "closed"
    if (this.#life.wish === "gone" && isEnd) return
    this.event("error", effect.error.code, effect.error.message)
    if (this.#life.place.at === "failed" && !this.#life.place.goesOn) this.#endAll(effect.error)
  }

  async #describe(): Promise<void> {
    this.#search.stop()
    if (this.#info === undefined) throw new Error("a document without a description can't begin")
    try {
      const document = await this.#options.begin(this.#info, this.#peers)
      this.#info = undefined
      // What the user has decided meanwhile holds for the document. `close` removes it.
      if (this.#life.wish === "pause") await document.pause()
      for (const { resolve } of this.#ends.splice(0)) resolve(document)
      this.#happened({ type: "described" })
    } catch (error) {
      if (!(error instanceof P2pError)) throw error
      this.#happened({ type: "describeFailed", error })
    }
  }

  #endAll(error: Error): void {
    for (const { reject } of this.#ends.splice(0)) reject(error)
  }
}
