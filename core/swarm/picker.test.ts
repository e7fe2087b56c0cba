import { describe, expect, it } from "vitest"
import { type PickView, pickPart } from "./picker.js"

interface Scene {
  readonly unresolved?: readonly number[]
  readonly suggested?: readonly number[]
  readonly awaitsSuggestion?: boolean
  /** Parts that are missing and that the peer may be asked for, the rarest first. */
  readonly free: readonly number[]
  readonly leftToPeers?: readonly number[]
}

function viewOf({ unresolved = [], suggested = [], awaitsSuggestion = false, free, leftToPeers = [] }: Scene) {
  const waiting = [...suggested]
  const view: PickView = {
    unresolved,
    suggested: waiting,
    awaitsSuggestion,
    mayBegin: (index) => free.includes(index),
    dropSuggestion: () => waiting.shift(),
    rarest: () => free[0],
    isLeftToPeers: (index) => leftToPeers.includes(index),
  }
  return { view, waiting }
}

describe("pickPart", () => {
  it.each<[string, Scene, number | undefined]>([
    ["the rarest part", { free: [3, 1] }, 3],
    ["nothing where nothing is free", { free: [] }, undefined],
    ["what the peer suggests before the rarest", { suggested: [1], free: [3, 1] }, 1],
    ["the first suggestion that is useful", { suggested: [7, 8, 1], free: [3, 1] }, 1],
    ["the rarest when no suggestion is useful", { suggested: [7, 8], free: [3, 1] }, 3],
    ["a part that was spoilt before what is suggested", { unresolved: [5], suggested: [1], free: [3, 1, 5] }, 5],
    ["no spoilt part that this peer must not be asked for", { unresolved: [5], free: [3] }, 3],
    ["nothing while a seed is about to suggest the next", { awaitsSuggestion: true, free: [3] }, undefined],
    ["what is suggested while a seed suggests", { awaitsSuggestion: true, suggested: [1], free: [3, 1] }, 1],
    ["nothing of a seed that is spared the part", { free: [3], leftToPeers: [3] }, undefined],
    ["what a seed suggests, spared or not", { suggested: [3], free: [3], leftToPeers: [3] }, 3],
  ])("takes %s", (_, scene, expected) => {
    expect(pickPart(viewOf(scene).view)).toBe(expected)
  })

  it("forgets useless suggestions, and keeps a useful one until it is begun", () => {
    const { view, waiting } = viewOf({ suggested: [7, 8, 1, 9], free: [1] })
    expect(pickPart(view)).toBe(1)
    expect(waiting).toEqual([1, 9])
  })
})
