import { describe, expect, it } from "vitest"
import { type NamedPeer, noSuchFileWords, type TrackerSnapshot, type WhyFacts } from "../../core/index.js"
import { failureCodes } from "../../core/testing/failure-codes.js"
import { whyWords } from "./why-words.js"

const tracker: TrackerSnapshot = {
  url: "http://127.0.0.1:5000",
  kind: "remote",
  state: "answering",
  answeredAtMs: 40_000,
  problem: undefined,
}
const NOW_MS = 52_400

function problem(code: string, message: string, status?: number) {
  return { code, message, status, errno: undefined, retryAtMs: 60_000 }
}

const away: TrackerSnapshot = {
  ...tracker,
  state: "away",
  problem: problem("unreachable", "no tracker can be reached at http://t"),
}

function failed(code: string, message: string) {
  return { code: "failed", error: { code, message } } as const
}

const none: TrackerSnapshot = { ...tracker, url: "", state: "none", answeredAtMs: undefined }
const missing = { missingParts: 3, firstMissing: 17, tracker }
const liar: NamedPeer = { address: "10.0.0.4:7001", why: { code: "banned", part: 9, earlierParts: 1 } }
const refuser: NamedPeer = { address: "10.0.0.9:7001", why: failed("refused", "refused the connection") }
const others = { count: 2, why: failed("timed_out", "did not answer") }
const noneConnected = { code: "no_peer_connected", knownPeers: 3, peer: refuser, others: undefined, tracker } as const
const limitBytesPerSecond = 1024 * 1024

describe("the sentence of a document that downloads", () => {
  it.each<[string, WhyFacts, string]>([
    [
      "files became wanted",
      { code: "moving_files", doneFiles: 4_096, totalFiles: 270_000 },
      "moving files that were kept aside into the folder: 4,096 of 270,000 files",
    ],
    ["it looks through what it has", { code: "checking_parts", parts: 2 }, "checking 2 parts that may be on disk"],
    [
      "a limit holds it back",
      { code: "held_by_limit", direction: "download", limitBytesPerSecond },
      'limited by you to 1 MiB/s (download); "limit" changes it',
    ],
    ["it has asked", { code: "waiting_for_bytes", peers: 1 }, "asked for parts, waiting for the first bytes"],
    [
      "every useful peer chokes us",
      { code: "waiting_for_turn", peers: 1 },
      "1 peer with what we miss, all busy with others: waiting for a turn",
    ],
    [
      "no connected peer has the last part",
      { code: "no_peer_has", ...missing, missingParts: 1, connectedPeers: 2, banned: undefined },
      "none of 2 connected peers has part 17; tracker answered 10 s ago",
    ],
    [
      "no connected peer has a missing part",
      { code: "no_peer_has", ...missing, connectedPeers: 1, banned: undefined },
      "the connected peer does not have any of the 3 missing parts; tracker answered 10 s ago",
    ],
    [
      "the only peer with it was banned",
      { code: "no_peer_has", ...missing, missingParts: 1, connectedPeers: 1, banned: liar },
      "the connected peer does not have part 17; 10.0.0.4:7001 banned: part 9 and 1 before it failed their check; tracker answered 10 s ago",
    ],
    [
      "the last seeder has left",
      { code: "no_peer_has", ...missing, connectedPeers: 2, banned: undefined, seederLeftAtMs: 21_000 },
      "none of 2 connected peers has any of the 3 missing parts; the last seeder left 30 s ago; tracker answered 10 s ago",
    ],
    [
      "the last seeder has left and nobody is connected",
      { ...noneConnected, knownPeers: 1, seederLeftAtMs: NOW_MS - 8_000 },
      "the only known peer, 10.0.0.9:7001: refused the connection; the last seeder left just now; tracker answered 10 s ago",
    ],
    [
      "the part is of a file of a folder",
      { code: "no_peer_has", ...missing, missingParts: 1, file: "train/a.bin", connectedPeers: 1, banned: undefined },
      "the connected peer does not have part 17 (train/a.bin); tracker answered 10 s ago",
    ],
    [
      "the parts are of files of a folder",
      { code: "no_valid_source", ...missing, file: "train/a.bin", source: liar },
      "no valid source for any of 3 missing parts (of train/a.bin first): 10.0.0.4:7001 banned: part 9 and 1 before it failed their check; tracker answered 10 s ago",
    ],
    [
      "the only source refuses what is missing",
      {
        ...{ code: "no_valid_source", ...missing, missingParts: 1 },
        source: { address: "10.0.0.5:7001", why: { code: "refuses" } },
      },
      "no valid source for part 17: 10.0.0.5:7001 refuses it; tracker answered 10 s ago",
    ],
    [
      "the only source sent wrong bytes",
      { code: "no_valid_source", ...missing, source: { address: "10.0.0.5:7001", why: { code: "bad_parts" } } },
      "no valid source for any of 3 missing parts: 10.0.0.5:7001 sent wrong bytes for it; tracker answered 10 s ago",
    ],
    [
      "every known peer is banned",
      { code: "no_valid_source", ...missing, source: liar },
      "no valid source for any of 3 missing parts: 10.0.0.4:7001 banned: part 9 and 1 before it failed their check; tracker answered 10 s ago",
    ],
    ["it is dialling", { code: "connecting", peers: 4, tracker }, "connecting to 4 peers; tracker answered 10 s ago"],
    [
      "no known peer can be reached",
      { ...noneConnected, knownPeers: 2 },
      "none of 2 known peers is connected (10.0.0.9:7001: refused the connection); tracker answered 10 s ago",
    ],
    [
      "the others have another reason",
      { ...noneConnected, others },
      "none of 3 known peers is connected (10.0.0.9:7001: refused the connection; 2 others: did not answer); tracker answered 10 s ago",
    ],
    [
      "the others have the same reason",
      { ...noneConnected, others: { count: 2, why: noneConnected.peer.why } },
      "none of 3 known peers is connected (10.0.0.9:7001 and 2 others: refused the connection); tracker answered 10 s ago",
    ],
    [
      "the only one known can't be reached",
      { ...noneConnected, knownPeers: 1 },
      "the only known peer, 10.0.0.9:7001: refused the connection; tracker answered 10 s ago",
    ],
    ["no peer is known", { code: "no_peer_known", tracker }, "no peer is known yet; tracker answered 10 s ago"],
    [
      "it has no tracker",
      { code: "no_peer_known", tracker: none, meeting: { listedHosts: 128, lan: true, dhtOnly: false } },
      "no peer is known yet; it has no tracker, and waits for a peer on the local network, or one of 128 listed hosts, or a peer that calls",
    ],
    [
      "its torrent leaves its peers to DHT",
      { code: "no_peer_known", tracker: none, meeting: { listedHosts: 0, lan: false, dhtOnly: true } },
      "no peer is known yet; its torrent names no tracker but leaves its peers to DHT, which is not supported, and waits for a peer that calls",
    ],
    [
      "no known peer is there, and it has no tracker",
      { ...noneConnected, knownPeers: 1, tracker: none },
      "the only known peer, 10.0.0.9:7001: refused the connection; it has no tracker",
    ],
    [
      "the tracker was not asked yet",
      { code: "no_peer_known", tracker: { ...tracker, state: "unasked" } },
      "no peer is known yet; the tracker has not answered yet",
    ],
    [
      "the tracker is away",
      { code: "no_peer_known", tracker: away },
      "no peer is known yet; no tracker can be reached at http://t",
    ],
    [
      "the tracker is away without a word",
      { code: "no_peer_known", tracker: { ...away, problem: problem("unreachable", "") } },
      "no peer is known yet; the tracker does not answer",
    ],
    [
      "the tracker refuses",
      {
        code: "no_peer_known",
        tracker: {
          ...{ ...away, state: "refusing" },
          problem: problem("refused", "the tracker refused (HTTP 403): unknown document", 403),
        },
      },
      "no peer is known yet; the tracker refused (HTTP 403): unknown document",
    ],
  ])("fits when %s", (_, why, sentence) => {
    expect(whyWords(why, NOW_MS)).toBe(sentence)
  })

  it.each([
    [0, "just now"],
    [9_999, "just now"],
    [10_000, "10 s ago"],
    [19_999, "10 s ago"],
    [59_999, "50 s ago"],
    [60_000, "1 min ago"],
    [179_000, "2 min ago"],
  ])("gives the age of the tracker's answer in coarse steps: %d ms is %s", (elapsedMs, words) => {
    const sentence = whyWords({ code: "no_peer_known", tracker }, 40_000 + elapsedMs)
    expect(sentence).toBe(`no peer is known yet; tracker answered ${words}`)
  })
})

describe("the sentence of a document that does not download", () => {
  const error = (code: string, message: string) => ({ code, message })
  it.each<[string, WhyFacts, string]>([
    ["is paused whole", { code: "paused", missingParts: 0, partCount: 5 }, 'paused, not served; "resume" continues'],
    [
      "is paused half-way",
      { code: "paused", missingParts: 3, partCount: 5 },
      'paused with 3 of 5 parts missing; "resume" continues',
    ],
    [
      "is paused with many parts missing",
      { code: "paused", missingParts: 1204, partCount: 30_000 },
      'paused with 1,204 of 30,000 parts missing; "resume" continues',
    ],
    [
      "is paused before its check was over",
      { code: "paused", missingParts: undefined, partCount: 5 },
      'paused before all of it was checked; "resume" continues',
    ],
    [
      "found no room",
      { code: "failed", error: error("disk_full", "/a: the disk is full, 5 bytes more are needed"), goesOn: true },
      "/a: the disk is full, 5 bytes more are needed; resumes automatically when there is room",
    ],
    [
      "was changed on disk",
      {
        ...{ code: "failed", goesOn: false },
        error: error("file_changed", "/a: 2 of 5 parts are not what the torrent file says"),
      },
      '/a: 2 of 5 parts are not what the torrent file says; "repair" fetches what is damaged from peers; "recheck" when the right bytes are back',
    ],
    [
      "found a folder in its file's place",
      { code: "failed", error: error("is_folder", "/a: a folder is in its place (EISDIR)"), goesOn: false },
      '/a: a folder is in its place (EISDIR); "resume" when it is moved away',
    ],
    [
      "failed in another way",
      { code: "failed", error: error("in_use", "/a: in use"), goesOn: false },
      '/a: in use; "resume" tries again',
    ],
    [
      "has lost its torrent file",
      { code: "torrent_gone", error: error("no_such_file", `/a.json: ${noSuchFileWords("/a.json")}`) },
      `its torrent file is gone: /a.json: ${noSuchFileWords("/a.json")}; download its torrent file again, or remove it`,
    ],
    [
      "seeds without a reachable tracker",
      { code: "not_findable", tracker: away },
      "its tracker leads no new peer to it: no tracker can be reached at http://t",
    ],
    [
      "serves as fast as it may",
      { code: "held_by_limit", direction: "upload", limitBytesPerSecond },
      'limited by you to 1 MiB/s (upload); "limit" changes it',
    ],
  ])("fits when it %s", (_, why, sentence) => {
    expect(whyWords(why, NOW_MS)).toBe(sentence)
  })
})

describe("the sentence of a document that has failed", () => {
  it.each(failureCodes())(
    "promises to resume if and only if it does, and names a command otherwise: %s [E13]",
    (code) => {
      const error = { code, message: "/a: it failed" }
      const words = (goesOn: boolean) => whyWords({ code: "failed", error, goesOn }, NOW_MS)
      expect(words(true)).toMatch(/^\/a: it failed; resumes automatically/)
      expect(words(false)).toMatch(/^\/a: it failed; "(?:resume|recheck|repair)"/)
    },
  )
})
