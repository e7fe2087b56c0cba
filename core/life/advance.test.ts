import { describe, expect, it } from "vitest"
import { StoreError } from "../base/errors.js"
import { LIFE_TABLE } from "../testing/life-table.js"
import { advance } from "./advance.js"
import { beginLife, type FailedPlace, type Life, type LifeEvent, NO_PARTS, type Place } from "./life.js"

const full = new StoreError("disk_full", "no room")
const gone = new StoreError("no_such_file", "it is gone")
const wrong = new StoreError("target_exists", "another file")
const parts = { count: 3, bits: undefined, counted: true }

const failed = (error: StoreError, waitMs: number | undefined, isLooking = false): FailedPlace => {
  return { at: "failed", error, parts, waitMs, isLooking }
}
const opening = (change: Partial<Extract<Place, { at: "opening" }>> = {}): Place => {
  return { at: "opening", check: false, isGivenUp: false, isMending: false, before: undefined, ...change }
}
const running = (change: Partial<Extract<Place, { at: "running" }>> = {}): Place => {
  return { at: "running", ending: "none", failure: undefined, ...change }
}
const run: Life = beginLife("download", running())

/** Every place, with what the user may want in it. */
const LIVES: Readonly<Record<string, Life>> = {
  new: beginLife("download", { at: "new" }),
  rest: { ...run, wish: "pause", place: { at: "rest", parts } },
  opening: { ...run, place: opening() },
  checking: { ...run, mode: "seed", recheck: true, place: opening({ check: true }) },
  "checking a paused one": { ...run, wish: "pause", recheck: true, place: opening({ check: true }) },
  "giving up for a pause": { ...run, wish: "pause", place: opening({ isGivenUp: true }) },
  "giving up for good": { ...run, wish: "gone", discard: true, place: opening({ isGivenUp: true }) },
  mending: { ...run, mode: "seed", recheck: true, place: { at: "mending" } },
  running: run,
  seeding: { ...run, mode: "seed" },
  selecting: { ...run, isSelecting: true },
  "asking for room": { ...run, mode: "seed", isSelecting: true },
  "leaving for a selection": {
    ...run,
    ...{ mode: "seed", reselect: true, place: { at: "leaving", isDiscarding: false, failure: undefined } },
  },
  naming: { ...run, place: running({ ending: "naming" }) },
  syncing: { ...run, mode: "seed", place: running({ ending: "syncing" }) },
  "leaving for a pause": { ...run, wish: "pause", place: { at: "leaving", isDiscarding: false, failure: undefined } },
  "leaving for a check": { ...run, recheck: true, place: { at: "leaving", isDiscarding: false, failure: undefined } },
  "leaving for a failure": { ...run, place: { at: "leaving", isDiscarding: false, failure: full } },
  "leaving for good": {
    ...run,
    wish: "gone",
    discard: true,
    place: { at: "leaving", isDiscarding: true, failure: undefined },
  },
  discarding: { ...run, wish: "gone", discard: true, place: { at: "discarding" } },
  "failed, full": { ...run, place: failed(full, 5_000) },
  "failed, gone": { ...run, mode: "seed", place: failed(gone, 5_000) },
  "failed, looking": { ...run, mode: "seed", place: failed(gone, 40_000, true) },
  "failed, wrong": { ...run, place: failed(wrong, undefined) },
  closed: { ...run, wish: "gone", place: { at: "closed" } },
}

const EVENTS: Readonly<Record<string, LifeEvent>> = {
  start: { type: "start", waiter: 1 },
  resume: { type: "resume", waiter: 1 },
  pause: { type: "pause", waiter: 1 },
  recheck: { type: "recheck", waiter: 1 },
  select: { type: "select", waiter: 1 },
  close: { type: "close", waiter: 1, discard: false },
  discard: { type: "close", waiter: 1, discard: true },
  waitStill: { type: "waitStill", waiter: 1 },
  opened: { type: "opened", isFull: false },
  "opened full": { type: "opened", isFull: true },
  openFailed: { type: "openFailed", error: wrong, parts: NO_PARTS, isMendable: false, isKnown: true },
  damaged: { type: "openFailed", error: gone, parts: NO_PARTS, isMendable: true, isKnown: true },
  openGivenUp: { type: "openGivenUp", parts },
  mended: { type: "mended" },
  mendFailed: { type: "mendFailed", error: wrong },
  full: { type: "full" },
  selected: { type: "selected" },
  selectRefused: { type: "selectRefused", error: full },
  named: { type: "named" },
  durable: { type: "durable" },
  nameFailed: { type: "nameFailed", error: wrong },
  storeFailed: { type: "storeFailed", error: full },
  left: { type: "left", parts, failure: undefined },
  "left badly": { type: "left", parts, failure: full },
  discarded: { type: "discarded", any: true },
  discardFailed: { type: "discardFailed", error: full },
  woke: { type: "woke" },
  back: { type: "looked", isBack: true },
  "still away": { type: "looked", isBack: false },
}

describe("a document's life", () => {
  const pairs = Object.keys(LIVES).flatMap((place) => Object.keys(EVENTS).map((event) => [place, event] as const))

  it.each(pairs)("%s, %s", (place, event) => {
    const before = LIVES[place]
    const happened = EVENTS[event]
    if (before === undefined || happened === undefined) throw new Error("no such row")
    const { life, effects } = advance(before, happened)
    const seen = `${life.place.at}: ${effects.map(({ type }) => type).join(", ")}`
    expect(seen).toBe(LIFE_TABLE[place]?.[event] ?? `${before.place.at}: `)
    if (LIFE_TABLE[place]?.[event] === undefined) expect(life.place).toEqual(before.place)
  })

  it("rejects a refused selection and goes on, unless another one was made since: that one's answer is for both", () => {
    const running: Life = { ...run, place: { at: "running", ending: "none", failure: undefined } }
    const selecting = advance(running, { type: "select", waiter: 1 }).life
    const refused = advance(selecting, { type: "selectRefused", error: full })
    expect(refused.life).toEqual(running)
    expect(refused.effects).toEqual([{ type: "settle", waiter: 1, outcome: { type: "failed", error: full } }])

    const twice = advance(selecting, { type: "select", waiter: 2 }).life
    const next = advance(twice, { type: "selectRefused", error: full })
    expect(next.effects).toEqual([{ type: "select" }])
    const done = { type: "done", discarded: false }
    const { effects } = advance(next.life, { type: "selected" })
    expect(effects).toEqual([1, 2].map((waiter) => ({ type: "settle", waiter, outcome: done })))
  })

  it("leaves finished files for a wider selection only once there is room for the newest", () => {
    const seeding: Life = { ...run, mode: "seed" }
    const asking = advance(seeding, { type: "select", waiter: 1 }).life
    const refused = advance(asking, { type: "selectRefused", error: full })
    expect(refused.life).toEqual(seeding)
    expect(refused.effects).toEqual([{ type: "settle", waiter: 1, outcome: { type: "failed", error: full } }])

    const twice = advance(asking, { type: "select", waiter: 2 }).life
    const asked = advance(twice, { type: "selected" })
    expect(asked.effects).toEqual([{ type: "select" }])
    const { life } = advance(asked.life, { type: "selected" })
    expect(life).toMatchObject({ reselect: true, place: { at: "leaving" } })
    expect(advance(life, { type: "left", parts, failure: undefined }).life.mode).toBe("download")
    const paused = advance(asking, { type: "pause", waiter: 3 }).life
    expect(advance(paused, { type: "left", parts, failure: undefined }).life).toMatchObject({ mode: "download" })
  })

  it("interrupts what waits for the opposite of a command, and answers what comes too late", () => {
    const begun = advance(beginLife("download", { at: "new" }), { type: "start", waiter: 1 })
    const paused = advance(begun.life, { type: "pause", waiter: 2 })
    expect(paused.effects).toContainEqual({
      type: "settle",
      waiter: 1,
      outcome: { type: "interrupted", by: "pause" },
    })
    const closing = advance(paused.life, { type: "close", waiter: 3, discard: false })
    const late = advance(closing.life, { type: "resume", waiter: 4 })
    expect(late.effects).toEqual([{ type: "settle", waiter: 4, outcome: { type: "refused" } }])
    const { effects } = advance(late.life, { type: "openGivenUp", parts: NO_PARTS })
    const done = { type: "done", discarded: false }
    for (const waiter of [2, 3]) expect(effects).toContainEqual({ type: "settle", waiter, outcome: done })
  })

  it.each([
    [gone, "seed", 0],
    [gone, "download", 3],
    [new StoreError("disk_failed", "eio"), "seed", 3],
  ] as const)("has nothing left of a finished file that is gone: %s, %s [U11]", (error, mode, count) => {
    const life: Life = { ...run, mode, place: { at: "running", ending: "none", failure: undefined } }
    const { life: leaving } = advance(life, { type: "storeFailed", error })
    const parts = { count: 3, bits: undefined, counted: true }
    const { life: failed } = advance(leaving, { type: "left", parts, failure: undefined })
    expect(failed.place).toMatchObject({ at: "failed", parts: { count } })
  })

  it("is not notified twice of an unchanged failure", () => {
    const { life } = advance({ ...run, place: failed(full, 5_000) }, { type: "woke" })
    const again = advance(life, {
      type: "openFailed",
      parts: NO_PARTS,
      error: new StoreError("disk_full", "less"),
      isMendable: false,
      isKnown: true,
    })
    expect(again.effects).toEqual([{ type: "wakeAfter", waitMs: 5_000 }])
    expect(again.life.place).toMatchObject({ error: full })
  })

  it("doubles the wait between looks at a file that went away, up to a minute [A9]", () => {
    let life: Life = { ...run, mode: "seed", place: failed(gone, 5_000) }
    const waits: number[] = []
    for (let look = 0; look < 5; look++) {
      life = advance(life, { type: "woke" }).life
      const { effects, life: after } = advance(life, { type: "looked", isBack: false })
      for (const effect of effects) if (effect.type === "wakeAfter") waits.push(effect.waitMs)
      life = after
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 60_000, 60_000])
  })
})
