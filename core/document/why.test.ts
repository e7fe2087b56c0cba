import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import type { TrackerSnapshot } from "../api/snapshot.js"
import { StoreError } from "../base/errors.js"
import { advance } from "../life/advance.js"
import { beginLife, type Life } from "../life/life.js"
import { beginsToCheck, phaseOf } from "./document-phase.js"
import { type DownloadingFacts, type LimitedRate, type WhyFacts, whySentence } from "./why.js"

const answering: TrackerSnapshot = {
  url: "http://127.0.0.1:5000",
  kind: "remote",
  state: "answering",
  answeredAtMs: 40_000,
  problem: "",
}
const away: TrackerSnapshot = { ...answering, state: "away", problem: "no tracker can be reached at http://t" }

const unlimited: LimitedRate = { bytesPerSecond: 0, limitBytesPerSecond: undefined }
const atLimit: LimitedRate = { bytesPerSecond: 1_000_000, limitBytesPerSecond: 1024 * 1024 }

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
  tracker: answering,
  nowMs: 52_400,
}
const liar = { address: "10.0.0.4:7001", why: "banned: part 9 and 1 before it failed their check" }
const refuser = { address: "10.0.0.9:7001", why: "refused the connection" }

describe("the sentence of a document that downloads", () => {
  it.each<[string, Partial<DownloadingFacts>, string]>([
    ["bytes move", { movingBytesPerSecond: 1, connectedPeers: 1 }, ""],
    ["it looks through what it has", { usefulPeers: 1, doubtfulCount: 2 }, "checking 2 parts that may be on disk"],
    ["a limit is far away", { movingBytesPerSecond: 1, downloads: { ...atLimit, bytesPerSecond: 5e5 } }, ""],
    [
      "a limit holds it back",
      { movingBytesPerSecond: 9e5, downloads: atLimit },
      "held back by the download limit of 1.00 MiB/s",
    ],
    ["it has asked", { usefulPeers: 2, servingPeers: 1 }, "asked for parts, waiting for the first bytes"],
    [
      "everybody useful chokes us",
      { usefulPeers: 1 },
      "1 peer with what we miss, all busy with others: waiting for a turn",
    ],
    [
      "nobody connected has the last part",
      { connectedPeers: 2, missingCount: 1 },
      "no peer has part 17; 2 peers connected; tracker answered 10 s ago",
    ],
    [
      "nobody connected has any missing part",
      { connectedPeers: 1 },
      "no peer has any of 3 missing parts; 1 peer connected; tracker answered 10 s ago",
    ],
    [
      "who had it was banned",
      { connectedPeers: 1, missingCount: 1, bannedPeers: 1, banned: liar },
      "no peer has part 17; 1 peer connected; 10.0.0.4:7001 banned: part 9 and 1 before it failed their check; tracker answered 10 s ago",
    ],
    ["it is dialling", { dialing: 4, knownPeers: 4 }, "connecting to 4 peers; tracker answered 10 s ago"],
    [
      "everybody known is banned",
      { knownPeers: 2, bannedPeers: 2, banned: liar },
      "no valid source for any of 3 missing parts: 10.0.0.4:7001 banned: part 9 and 1 before it failed their check; tracker answered 10 s ago",
    ],
    [
      "nobody known can be reached",
      { knownPeers: 3, bannedPeers: 1, banned: liar, away: refuser },
      "none of 2 known peers is connected (10.0.0.9:7001: refused the connection); tracker answered 10 s ago",
    ],
    [
      "the others have another reason",
      { knownPeers: 3, away: refuser, awayOthers: { count: 2, why: "did not answer" } },
      "none of 3 known peers is connected (10.0.0.9:7001: refused the connection; 2 others: did not answer); tracker answered 10 s ago",
    ],
    [
      "the only one known can't be reached",
      { knownPeers: 1, away: refuser },
      "the only known peer, 10.0.0.9:7001: refused the connection; tracker answered 10 s ago",
    ],
    ["nobody is known", {}, "no peer is known yet; tracker answered 10 s ago"],
    [
      "the tracker was not asked yet",
      { tracker: { ...answering, state: "unasked" } },
      "no peer is known yet; the tracker has not answered yet",
    ],
    ["the tracker is away", { tracker: away }, "no peer is known yet; no tracker can be reached at http://t"],
    [
      "the tracker is away without a word",
      { tracker: { ...away, problem: "" } },
      "no peer is known yet; the tracker does not answer",
    ],
    [
      "the tracker refuses",
      { tracker: { ...away, state: "refusing", problem: "the tracker refused (HTTP 403): unknown document" } },
      "no peer is known yet; the tracker refused (HTTP 403): unknown document",
    ],
  ])("fits when %s", (_, facts, sentence) => {
    expect(whySentence({ type: "downloading", ...nothing, ...facts })).toBe(sentence)
  })

  it.each<[string, Partial<DownloadingFacts>, string]>([
    [
      "the only source refuses what is missing",
      { connectedPeers: 1, missingCount: 1, barred: { address: "10.0.0.5:7001", why: "refuses it" } },
      "no valid source for part 17: 10.0.0.5:7001 refuses it; tracker answered 10 s ago",
    ],
    [
      "the limit is so low that the rate reads as nothing",
      { usefulPeers: 1, servingPeers: 1, heldByLimit: true, downloads: { ...atLimit, bytesPerSecond: 0 } },
      "held back by the download limit of 1.00 MiB/s",
    ],
  ])("is not that it waits for the first bytes when %s [E13]", (_, facts, sentence) => {
    expect(whySentence({ type: "downloading", ...nothing, ...facts })).toBe(sentence)
  })

  it.each([
    [0, "just now"],
    [9_999, "just now"],
    [10_000, "10 s ago"],
    [19_999, "10 s ago"],
    [59_999, "50 s ago"],
    [60_000, "1 min ago"],
    [179_000, "2 min ago"],
  ])("tells in coarse steps how old the tracker's answer is: %d ms is %s", (elapsedMs, words) => {
    const facts = { ...nothing, nowMs: 40_000 + elapsedMs }
    expect(whySentence({ type: "downloading", ...facts })).toBe(`no peer is known yet; tracker answered ${words}`)
  })
})

describe("the sentence of a document that does not download", () => {
  const seeding = {
    type: "seeding",
    connectedPeers: 0,
    movingBytesPerSecond: 0,
    uploads: unlimited,
    tracker: answering,
  } as const
  it.each<[string, WhyFacts, string]>([
    ["is checked", { type: "checking" }, ""],
    [
      "is paused whole",
      { type: "paused", missingCount: 0, partCount: 5 },
      'paused, nobody is served; "resume" goes on',
    ],
    [
      "is paused half-way",
      { type: "paused", missingCount: 3, partCount: 5 },
      'paused with 3 of 5 parts missing; "resume" goes on',
    ],
    [
      "found no room",
      { type: "failed", code: "disk_full", message: "/a: the disk is full, 5 bytes more are needed", goesOn: true },
      "/a: the disk is full, 5 bytes more are needed; goes on by itself when there is room",
    ],
    [
      "was changed on disk",
      {
        ...{ type: "failed", code: "file_changed", goesOn: false },
        message: "/a: 2 of 5 parts are not what the torrent file says",
      },
      '/a: 2 of 5 parts are not what the torrent file says; "recheck" when the right bytes are back, or "download" its torrent file to another path',
    ],
    [
      "found a folder in its file's place",
      { type: "failed", code: "is_folder", message: "/a: a folder is in its place (EISDIR)", goesOn: false },
      '/a: a folder is in its place (EISDIR); "resume" when it is moved away',
    ],
    [
      "failed in another way",
      { type: "failed", code: "in_use", message: "/a: in use", goesOn: false },
      '/a: in use; "resume" tries again',
    ],
    ["seeds", seeding, ""],
    ["seeds to somebody without a tracker", { ...seeding, connectedPeers: 1, tracker: away }, ""],
    [
      "seeds where nobody can find it",
      { ...seeding, tracker: away },
      "new peers can't find it: no tracker can be reached at http://t",
    ],
    ["serves", { ...seeding, movingBytesPerSecond: 5, tracker: away }, ""],
    [
      "serves as fast as it may",
      { ...seeding, movingBytesPerSecond: 5, uploads: atLimit },
      "held back by the upload limit of 1.00 MiB/s",
    ],
  ])("fits when it %s", (_, facts, sentence) => {
    expect(whySentence(facts)).toBe(sentence)
  })
})

/** Codes of the errors that a document can fail with. */
const CODES = [
  ...new Set(["../client", "../document", "../hashing", "../library", "../store", "../upload"].flatMap(codesIn)),
].toSorted()

function codesIn(folder: string): string[] {
  const path = fileURLToPath(new URL(folder, import.meta.url))
  const names = readdirSync(path, { recursive: true, encoding: "utf8" })
  const sources = names.filter((name) => /(?<!\.test)\.ts$/.test(name))
  const texts = sources.map((name) => readFileSync(`${path}/${name}`, "utf8"))
  const pattern = /(?:Store|Command)Error\(\s*(?:\/\/[^\n]*\s*)?(?:\w[^"\n]*\? )?"(\w+)"|\bcode: "(\w+)"/g
  return texts.flatMap((text) => [...text.matchAll(pattern)].map(([, thrown, said]) => thrown ?? said ?? ""))
}

describe("the sentence of a document that has failed", () => {
  it("is held for every code [E13]", () => {
    for (const code of [
      "disk_full",
      "too_many_files",
      "hasher_ended",
      "file_changed",
      "file_replaced",
      "is_folder",
      "in_use",
    ])
      expect(CODES).toContain(code)
  })

  describe.each([
    ["downloads", "download", "run", true],
    ["seeds", "seed", "run", true],
    ["seeds a file that was never verified", "seed", "run", false],
    ["is paused and was checked", "seed", "pause", true],
  ] as const)("while it %s", (_, mode, wish, isKnown) => {
    it.each(CODES)("promises to go on if and only if its life does: %s [E13]", (code) => {
      const life: Life = {
        ...{ ...beginLife(mode, { at: "new" }), wish, recheck: wish === "pause" },
        place: { at: "opening", check: true, isGivenUp: false, isMending: false, before: undefined },
      }
      const error = new StoreError(code, "/a: it failed")
      const failed = advance(life, { type: "openFailed", error, isMendable: false, isKnown })
      const phase = phaseOf(failed.life.place, beginsToCheck(0), undefined)
      if (phase.type !== "failed") throw new Error(`it is ${phase.type}`)
      const why = whySentence({ type: "failed", code, message: error.message, goesOn: phase.goesOn })
      expect(why.includes("goes on by itself")).toBe(failed.effects.some(({ type }) => type === "wakeAfter"))
      expect(why).toMatch(/goes on by itself|"(?:resume|recheck|download)"/)
    })
  })
})
