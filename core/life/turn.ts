import type { P2pError } from "../base/errors.js"
import type { FailedPlace, KnownParts, Life, LifeEffect, Outcome, Place, Waiter } from "./life.js"
import { mayComeBack, passesByItself } from "./passing-errors.js"

/** Delay of a retry after a temporary failure, and of the first look for a file that went away, ms. Our choice. */
export const RETRY_MS = 5_000

interface FailedOpening {
  readonly error: P2pError
  readonly parts: KnownParts
  readonly isKnown: boolean
}

/** One step of a life while it is taken: the life so far, the effects so far, and the moves between places. */
export class Turn {
  life: Life
  readonly effects: LifeEffect[] = []

  constructor(life: Life) {
    this.life = life
  }

  open({ check, isMending = false }: { readonly check: boolean; readonly isMending?: boolean }): void {
    const before = this.life.place.at === "failed" ? this.life.place : undefined
    if (before !== undefined) this.do({ type: "sleepOn" })
    this.enter({ at: "opening", check, isGivenUp: false, isMending, before }, { type: "open", check })
  }

  join(isFull: boolean): void {
    const isDownload = this.life.mode === "download"
    this.enter({ at: "running", ending: "none", failure: undefined }, { type: "join" })
    if (!isFull) return
    if (isDownload) this.enter({ at: "running", ending: "naming", failure: undefined }, { type: "name" })
    else this.do({ type: "endDownload", as: "durable" })
  }

  leave(failure: P2pError | undefined): void {
    const { wish, discard, mode, isSelecting, reselect } = this.life
    const isDiscarding = wish === "gone" && discard && mode === "download"
    // The next opening has the new selection, of finished files as a download.
    this.set({ isSelecting: false, reselect: reselect || (isSelecting && mode === "seed") })
    this.enter({ at: "leaving", isDiscarding, failure }, { type: "leave", discard: isDiscarding })
  }

  rest(parts: KnownParts): void {
    this.enter({ at: "rest", parts })
    if (this.life.wish === "pause" && this.life.waiters.some(({ until }) => until === "paused"))
      this.do({ type: "tell", what: "paused" })
  }

  checked(): void {
    this.set({ recheck: false })
    this.do({ type: "remember", recheck: false })
  }

  failToOpen({ error, parts, isKnown }: FailedOpening, before?: FailedPlace): void {
    if (this.life.recheck) this.checked()
    this.fail(error, parts, before, isKnown)
  }

  /** `before`: the failure reported last; an unchanged one is not reported again. `isKnown`: a look can detect that the file is back. */
  fail(error: P2pError, parts: KnownParts, before: FailedPlace | undefined, isKnown: boolean): void {
    const isNews = before?.error.code !== error.code
    const isHopeful = passesByItself(error) || (this.life.mode === "seed" && isKnown && mayComeBack(error))
    const waitMs = isHopeful && this.life.wish === "run" ? RETRY_MS : undefined
    const known = isNews ? { error, parts } : { error: before.error, parts: before.parts }
    this.enter({ at: "failed", ...known, waitMs, isLooking: false })
    if (isNews) this.do({ type: "tell", what: "failed", error })
    if (!passesByItself(error)) this.do({ type: "endDownload", as: error })
    if (waitMs !== undefined) this.do({ type: "wakeAfter", waitMs })
    this.reject(["running", "checked", "selected"], { type: "failed", error })
  }

  end(): void {
    const { place, discard, mode } = this.life
    if (place.at === "failed") this.do({ type: "sleepOn" })
    if (discard && mode === "download") return this.enter({ at: "discarding" }, { type: "discard" })
    this.enter({ at: "closed" }, { type: "endDownload", as: "interrupted" })
  }

  wait(id: number, until: Waiter["until"]): void {
    this.set({ waiters: [...this.life.waiters, { id, until }] })
  }

  reject(untils: readonly Waiter["until"][], outcome: Outcome): void {
    const { waiters } = this.life
    this.set({ waiters: waiters.filter(({ until }) => !untils.includes(until)) })
    for (const { id, until } of waiters) if (untils.includes(until)) this.do(settled(id, outcome))
  }

  enter(place: Place, ...effects: readonly LifeEffect[]): void {
    this.set({ place })
    this.do(...effects)
  }

  set(change: Partial<Life>): void {
    this.life = { ...this.life, ...change }
  }

  do(...effects: readonly LifeEffect[]): void {
    this.effects.push(...effects)
  }
}

/** The end of one command. */
export function settled(waiter: number, outcome: Outcome): LifeEffect {
  return { type: "settle", waiter, outcome }
}
