import { describe, expect, it } from "vitest"
import type { TrackerSnapshot } from "../api/tracker-snapshot.js"
import type { WhyFacts } from "../api/why.js"
import { StoreError } from "../base/errors.js"
import { advance } from "../life/advance.js"
import { beginLife, type Life, NO_PARTS } from "../life/life.js"
import { failureCodes } from "../testing/failure-codes.js"
import { beginsToCheck, phaseOf } from "./document-phase.js"
import { type DocumentFacts, type DownloadingFacts, type LimitedRate, whyOf } from "./why.js"

const tracker: TrackerSnapshot = {
  url: "http://127.0.0.1:5000",
  kind: "remote",
  state: "answering",
  answeredAtMs: 40_000,
  problem: undefined,
}
const unreachable = { code: "unreachable", message: "no tracker can be reached at http://t" }
const away: TrackerSnapshot = {
  ...tracker,
  state: "away",
  problem: { ...unreachable, status: undefined, errno: "ECONNREFUSED", retryAtMs: 60_000 },
}

const unlimited: LimitedRate = { bytesPerSecond: 0, limitBytesPerSecond: undefined }
const limitBytesPerSecond = 1024 * 1024
const atLimit: LimitedRate = { bytesPerSecond: 1_000_000, limitBytesPerSecond }

const nothing: DownloadingFacts = {
  missingCount: 3,
  doubtfulCount: 0,
  firstMissing: 17,
  movingBytesPerSecond: 0,
  downloads: unlimited,
  connectedPeers: 0,
  knownPeers: 0,
  bannedPeers: 0,
  banned: undefined,
  away: undefined,
  awayOthers: undefined,
  heldByLimit: false,
  barred: undefined,
  usefulPeers: 0,
  servingPeers: 0,
  dialing: 0,
  seederLeftAtMs: undefined,
  tracker,
}
const missing = { missingParts: 3, firstMissing: 17, tracker }
const liar = { address: "10.0.0.4:7001", why: { code: "banned", part: 9, earlierParts: 1 } } as const
const refused = { code: "failed", error: { code: "refused", message: "refused the connection" } } as const
const silent = { code: "failed", error: { code: "timed_out", message: "did not answer" } } as const
const refuser = { address: "10.0.0.9:7001", why: refused }
const rejecting = { address: "10.0.0.5:7001", why: { code: "refuses" } } as const
const downloadLimit = { code: "held_by_limit", direction: "download", limitBytesPerSecond } as const

it("is the move of files that became wanted", () => {
  expect(whyOf({ type: "moving", doneFiles: 1, totalFiles: 3 })).toEqual({
    ...{ code: "moving_files", doneFiles: 1, totalFiles: 3 },
  })
})

describe("the reason of a document that downloads", () => {
  it.each<[string, Partial<DownloadingFacts>, WhyFacts | undefined]>([
    ["bytes move", { movingBytesPerSecond: 1, connectedPeers: 1 }, undefined],
    ["it looks through what it has", { usefulPeers: 1, doubtfulCount: 2 }, { code: "checking_parts", parts: 2 }],
    ["a limit is far away", { movingBytesPerSecond: 1, downloads: { ...atLimit, bytesPerSecond: 5e5 } }, undefined],
    ["a limit holds it back", { movingBytesPerSecond: 9e5, downloads: atLimit }, downloadLimit],
    ["it has asked", { usefulPeers: 2, servingPeers: 1 }, { code: "waiting_for_bytes", peers: 1 }],
    ["everybody useful chokes us", { usefulPeers: 1 }, { code: "waiting_for_turn", peers: 1 }],
    [
      "no connected peer has a missing part",
      { connectedPeers: 1 },
      { code: "no_peer_has", ...missing, connectedPeers: 1, banned: undefined },
    ],
    [
      "the peer with the last part was banned",
      { connectedPeers: 2, missingCount: 1, bannedPeers: 1, banned: liar },
      { code: "no_peer_has", ...missing, missingParts: 1, connectedPeers: 2, banned: liar },
    ],
    ["it is dialling", { dialing: 4, knownPeers: 4 }, { code: "connecting", peers: 4, tracker }],
    [
      "everybody known is banned",
      { knownPeers: 2, bannedPeers: 2, banned: liar },
      { code: "no_valid_source", ...missing, source: liar },
    ],
    [
      "no known peer can be reached",
      { knownPeers: 3, bannedPeers: 1, banned: liar, away: refuser },
      { code: "no_peer_connected", knownPeers: 2, peer: refuser, others: undefined, tracker },
    ],
    [
      "the others have another reason",
      { knownPeers: 3, away: refuser, awayOthers: { count: 2, why: silent } },
      { code: "no_peer_connected", knownPeers: 3, peer: refuser, others: { count: 2, why: silent }, tracker },
    ],
    [
      "the last seeder has left, and another peer is connected",
      { connectedPeers: 1, seederLeftAtMs: 7_000 },
      { code: "no_peer_has", ...missing, connectedPeers: 1, banned: undefined, seederLeftAtMs: 7_000 },
    ],
    [
      "the last seeder has left, and nobody is connected",
      { knownPeers: 1, away: refuser, seederLeftAtMs: 7_000 },
      { code: "no_peer_connected", knownPeers: 1, peer: refuser, others: undefined, seederLeftAtMs: 7_000, tracker },
    ],
    ["no peer is known", {}, { code: "no_peer_known", tracker }],
    ["the tracker is away", { tracker: away }, { code: "no_peer_known", tracker: away }],
  ])("fits when %s", (_, facts, why) => {
    expect(whyOf({ type: "downloading", ...nothing, ...facts })).toEqual(why)
  })

  it.each<[string, Partial<DownloadingFacts>, WhyFacts]>([
    [
      "the only source refuses what is missing",
      { connectedPeers: 1, missingCount: 1, barred: rejecting },
      { code: "no_valid_source", ...missing, missingParts: 1, source: rejecting },
    ],
    [
      "the limit is so low that the rate reads as nothing",
      { usefulPeers: 1, servingPeers: 1, heldByLimit: true, downloads: { ...atLimit, bytesPerSecond: 0 } },
      downloadLimit,
    ],
  ])("is not that it waits for the first bytes when %s [E13]", (_, facts, why) => {
    expect(whyOf({ type: "downloading", ...nothing, ...facts })).toEqual(why)
  })
})

describe("the reason of a document that does not download", () => {
  const seeding = {
    type: "seeding",
    connectedPeers: 0,
    movingBytesPerSecond: 0,
    uploads: unlimited,
    tracker,
  } as const
  const error = { code: "disk_full", message: "/a: the disk is full, 5 bytes more are needed" }
  it.each<[string, DocumentFacts, WhyFacts | undefined]>([
    ["is checked", { type: "checking" }, undefined],
    ["is paused", { type: "paused", missingCount: 3, partCount: 5 }, { code: "paused", missingParts: 3, partCount: 5 }],
    ["has failed", { type: "failed", error, goesOn: true }, { code: "failed", error, goesOn: true }],
    ["seeds", seeding, undefined],
    ["seeds to a peer without a tracker", { ...seeding, connectedPeers: 1, tracker: away }, undefined],
    ["seeds where no peer can find it", { ...seeding, tracker: away }, { code: "not_findable", tracker: away }],
    ["serves", { ...seeding, movingBytesPerSecond: 5, tracker: away }, undefined],
    [
      "serves as fast as it may",
      { ...seeding, movingBytesPerSecond: 5, uploads: atLimit },
      { code: "held_by_limit", direction: "upload", limitBytesPerSecond },
    ],
  ])("fits when it %s", (_, facts, why) => {
    expect(whyOf(facts)).toEqual(why)
  })
})

describe("the reason of a document that has failed", () => {
  describe.each([
    ["downloads", "download", "run", true],
    ["seeds", "seed", "run", true],
    ["seeds a file that was never verified", "seed", "run", false],
    ["is paused and was checked", "seed", "pause", true],
  ] as const)("while it %s", (_, mode, wish, isKnown) => {
    it.each(failureCodes())("promises a retry if and only if its life retries: %s [E13]", (code) => {
      const life: Life = {
        ...{ ...beginLife(mode, { at: "new" }), wish, recheck: wish === "pause" },
        place: { at: "opening", check: true, isGivenUp: false, isMending: false, before: undefined },
      }
      const error = new StoreError(code, "/a: it failed")
      const failed = advance(life, { type: "openFailed", error, parts: NO_PARTS, isMendable: false, isKnown })
      const phase = phaseOf(failed.life.place, beginsToCheck(0), undefined)
      if (phase.type !== "failed") throw new Error(`it is ${phase.type}`)
      expect(phase.error).toBe(error)
      expect(phase.goesOn).toBe(failed.effects.some(({ type }) => type === "wakeAfter"))
    })
  })
})
