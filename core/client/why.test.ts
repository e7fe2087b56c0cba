import { describe, expect, it } from "vitest"
import type { TrackerSnapshot } from "./snapshot.js"
import { type StandingFacts, whyStanding } from "./why.js"

const answering: TrackerSnapshot = {
  url: "http://127.0.0.1:5000",
  kind: "remote",
  state: "answering",
  answeredAtMs: 40_000,
  problem: "",
}

const nothing: StandingFacts = {
  missingCount: 3,
  firstMissing: 17,
  movingBytesPerSecond: 0,
  connectedPeers: 0,
  knownPeers: 0,
  bannedPeers: 0,
  usefulPeers: 0,
  servingPeers: 0,
  dialing: 0,
  tracker: answering,
  nowMs: 52_400,
}

describe("whyStanding", () => {
  it.each<[string, Partial<StandingFacts>, string]>([
    ["bytes move", { movingBytesPerSecond: 1, connectedPeers: 1 }, ""],
    ["it has asked", { usefulPeers: 2, servingPeers: 1 }, "asked for parts, waiting for the first bytes"],
    [
      "everybody useful chokes us",
      { usefulPeers: 1 },
      "1 peer with what we miss, all busy with others: waiting for a turn",
    ],
    [
      "nobody connected has the last part",
      { connectedPeers: 2, missingCount: 1 },
      "no peer has part 17; 2 peers connected; tracker answered 12 s ago",
    ],
    [
      "nobody connected has any missing part",
      { connectedPeers: 1 },
      "no peer has 3 missing parts; 1 peer connected; tracker answered 12 s ago",
    ],
    ["it is dialling", { dialing: 4, knownPeers: 4 }, "connecting to 4 peers; tracker answered 12 s ago"],
    [
      "everybody known is banned",
      { knownPeers: 2, bannedPeers: 2 },
      "no valid source for 3 missing parts: every known peer sent bytes that failed their check",
    ],
    [
      "nobody known can be reached",
      { knownPeers: 2, bannedPeers: 1 },
      "2 known peers can't be reached; tracker answered 12 s ago",
    ],
    ["nobody is known", {}, "no peer is known yet; tracker answered 12 s ago"],
    [
      "the tracker was not asked yet",
      { tracker: { ...answering, state: "unasked" } },
      "no peer is known yet; the tracker has not answered yet",
    ],
    [
      "the tracker is away",
      { tracker: { ...answering, state: "away", problem: "the tracker refuses connections" } },
      "no peer is known yet; the tracker refuses connections",
    ],
    [
      "the tracker is away without a word",
      { tracker: { ...answering, state: "away" } },
      "no peer is known yet; the tracker does not answer",
    ],
  ])("has a sentence for when %s", (_, facts, sentence) => {
    expect(whyStanding({ ...nothing, ...facts })).toBe(sentence)
  })
})
