import type { PeerReason, TrackerSnapshot, WhyFacts } from "../../core/index.js"

export const AWAY: TrackerSnapshot = {
  url: "http://127.0.0.1:5000",
  kind: "remote",
  state: "away",
  answeredAtMs: 2_000,
  problem: {
    code: "unreachable",
    message: "no tracker can be reached at http://127.0.0.1:5000: nothing listens there (ECONNREFUSED)",
    status: undefined,
    errno: "ECONNREFUSED",
    retryAtMs: 24_000,
  },
}

const refused = { code: "failed", error: { code: "refused", message: "refused the connection" } } as const
const peer = { address: "10.0.0.9:7001", why: refused } as const
const missing = { missingParts: 3, firstMissing: 17, tracker: AWAY }
const error = { code: "disk_full", message: "/a: the disk is full" }

/** A reason of each code, for what must hold for all of them. */
const REASONS: { readonly [Code in WhyFacts["code"]]: Extract<WhyFacts, { readonly code: Code }> } = {
  paused: { code: "paused", missingParts: 3, partCount: 5 },
  failed: { code: "failed", error, goesOn: true },
  torrent_gone: { code: "torrent_gone", error },
  not_findable: { code: "not_findable", tracker: AWAY },
  held_by_limit: { code: "held_by_limit", direction: "download", limitBytesPerSecond: 1024 },
  checking_parts: { code: "checking_parts", parts: 2 },
  moving_files: { code: "moving_files", doneFiles: 1, totalFiles: 3 },
  waiting_for_bytes: { code: "waiting_for_bytes", peers: 1 },
  waiting_for_turn: { code: "waiting_for_turn", peers: 2 },
  no_peer_has: { code: "no_peer_has", ...missing, connectedPeers: 1, banned: undefined },
  no_valid_source: { code: "no_valid_source", ...missing, source: peer },
  connecting: { code: "connecting", peers: 4, tracker: AWAY },
  no_peer_connected: {
    ...{ code: "no_peer_connected", knownPeers: 3, peer },
    ...{ others: { count: 2, why: { code: "not_tried" } }, tracker: AWAY },
  },
  no_description: { code: "no_description", connectedPeers: 2, tracker: AWAY },
  fetching_description: { code: "fetching_description", peers: 2, receivedBytes: 1024, totalBytes: 4096 },
  no_peer_known: { code: "no_peer_known", tracker: AWAY },
}

const PEER_REASONS: { readonly [Code in PeerReason["code"]]: PeerReason & { readonly code: Code } } = {
  not_tried: { code: "not_tried" },
  dialing: { code: "dialing" },
  paused: { code: "paused" },
  seed_too: { code: "seed_too" },
  banned: { code: "banned", part: 9, earlierParts: 1 },
  wrong_description: { code: "wrong_description" },
  failed: refused,
  refuses: { code: "refuses" },
  bad_parts: { code: "bad_parts" },
}

export const EVERY_REASON: readonly WhyFacts[] = Object.values(REASONS)
export const EVERY_PEER_REASON: readonly PeerReason[] = Object.values(PEER_REASONS)
