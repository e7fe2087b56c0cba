import { describe, expect, it } from "vitest"
import { CommandError, StoreError } from "../base/errors.js"
import {
  type AwaitedEvent,
  type AwaitedLife,
  type AwaitedPlace,
  advanceAwaited,
  beginAwaited,
  isStill,
} from "./awaited-life.js"

const REFUSED = new CommandError("target_exists", "it is there")
const FULL = new StoreError("disk_full", "the disk is full")

const PLACES: Readonly<Record<string, AwaitedPlace>> = {
  rest: { at: "rest" },
  asking: { at: "asking" },
  leaving: { at: "leaving" },
  describing: { at: "describing" },
  failed: { at: "failed", error: REFUSED, goesOn: false },
  passing: { at: "failed", error: FULL, goesOn: true },
  described: { at: "described" },
  closed: { at: "closed" },
}

const EVENTS: Readonly<Record<string, AwaitedEvent>> = {
  run: { type: "run" },
  pause: { type: "pause" },
  close: { type: "close" },
  found: { type: "found" },
  left: { type: "left" },
  described: { type: "described" },
  refused: { type: "describeFailed", error: REFUSED },
  full: { type: "describeFailed", error: FULL },
  woke: { type: "woke" },
}

/** Of each place with the wish to run: what an event makes of it, and the effects. What is not named changes nothing. */
const TABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rest: { run: "asking: remember ask", pause: "rest: remember", close: "closed:" },
  asking: {
    run: "asking: remember",
    pause: "leaving: remember leave",
    close: "leaving: leave",
    found: "describing: describe",
  },
  leaving: { run: "leaving: remember", pause: "leaving: remember", left: "asking: ask" },
  describing: {
    run: "describing: remember",
    pause: "describing: remember",
    described: "described:",
    refused: "failed: tell",
    full: "failed: tell wakeAfter",
  },
  failed: { run: "asking: sleepOn remember ask", pause: "rest: sleepOn remember", close: "closed: sleepOn" },
  passing: {
    run: "asking: sleepOn remember ask",
    pause: "rest: sleepOn remember",
    close: "closed: sleepOn",
    woke: "asking: ask",
  },
  described: {},
  closed: {},
}

function lifeAt(place: AwaitedPlace, change: Partial<AwaitedLife> = {}): AwaitedLife {
  return { ...beginAwaited(false), place, ...change }
}

function outcomeOf(life: AwaitedLife, event: AwaitedEvent): string {
  const step = advanceAwaited(life, event)
  return `${step.life.place.at}: ${step.effects.map(({ type }) => type).join(" ")}`.trim()
}

describe("a document that is known by its link", () => {
  const pairs = Object.keys(PLACES).flatMap((place) => Object.keys(EVENTS).map((event) => [place, event] as const))

  it.each(pairs)("that is %s does what the table says when %s happens", (placeName, eventName) => {
    const [place, event] = [PLACES[placeName], EVENTS[eventName]]
    if (place === undefined || event === undefined) return expect.unreachable()
    // One that rests does so because the user has paused it.
    const wish = place.at === "rest" ? "pause" : "run"
    expect(outcomeOf(lifeAt(place, { wish }), event)).toBe(TABLE[placeName]?.[eventName] ?? `${place.at}:`)
  })

  it("rests when the user has paused it, and says so", () => {
    const step = advanceAwaited(lifeAt({ at: "leaving" }, { wish: "pause" }), { type: "left" })
    expect(step).toMatchObject({ life: { place: { at: "rest" } }, effects: [{ type: "tell", what: "paused" }] })
    expect(beginAwaited(true)).toMatchObject({ wish: "pause", place: { at: "rest" } })
  })

  it("is closed when its search has ended, or its description could not be used", () => {
    expect(outcomeOf(lifeAt({ at: "leaving" }, { wish: "gone" }), { type: "left" })).toBe("closed:")
    const failed = lifeAt({ at: "describing" }, { wish: "gone" })
    expect(outcomeOf(failed, { type: "describeFailed", error: REFUSED })).toBe("closed: tell sleepOn")
  })

  it("looks for its description once: after a failure behind it the same is used", () => {
    const found = advanceAwaited(lifeAt({ at: "asking" }), { type: "found" }).life
    const failed = advanceAwaited(found, { type: "describeFailed", error: FULL }).life
    expect(outcomeOf(failed, { type: "woke" })).toBe("describing: describe")
    expect(outcomeOf(failed, { type: "run" })).toBe("describing: sleepOn remember describe")
  })

  it("takes no command once the user has removed it", () => {
    const gone = lifeAt({ at: "leaving" }, { wish: "gone" })
    for (const type of ["run", "pause"] as const) expect(advanceAwaited(gone, { type }).life).toEqual(gone)
  })

  it("does not use a description that comes when it is not wanted any more", () => {
    expect(outcomeOf(lifeAt({ at: "leaving" }, { wish: "pause" }), { type: "found" })).toBe("leaving:")
  })

  it("is still in every place but those where something is under way", () => {
    const busy = Object.values(PLACES).filter((place) => !isStill(lifeAt(place)))
    expect(busy.map(({ at }) => at)).toEqual(["leaving", "describing"])
  })
})
