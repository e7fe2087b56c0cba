import type { MeetingFacts, NamedPeer, NoneConnected, NoSource, WhyFacts } from "../../core/index.js"
import { formatBytes, formatCount, formatLimit } from "../base/format.js"
import { agoWords } from "./ago-words.js"
import { failureWords } from "./failure-words.js"
import { doneFilesWords } from "./folder-words.js"
import { somePartsWords } from "./parts-words.js"
import { peerWords } from "./peer-words.js"
import { problemWords, trackerWords } from "./tracker-words.js"

/**
 * Why a document does not move, or not faster, as one plain sentence. It stays the same while nothing changes, but for the
 * tracker's answer growing old in coarse steps. `nowMs`: when the facts were taken.
 */
export function whyWords(why: WhyFacts, nowMs: number): string {
  switch (why.code) {
    case "paused":
      return pausedWords(why.missingParts, why.partCount)
    case "failed":
      return failureWords(why.error, why.goesOn)
    case "torrent_gone":
      return `its torrent file is gone: ${why.error.message}; download its torrent file again, or remove it`
    case "not_findable":
      return `its tracker leads no new peer to it: ${problemWords(why.tracker)}`
    case "held_by_limit":
      return limitWords(why.direction, why.limitBytesPerSecond)
    case "checking_parts":
      return `checking ${count(why.parts, "part")} that may be on disk`
    case "moving_files":
      return `moving files that were kept aside into the folder: ${doneFilesWords(why.doneFiles, why.totalFiles)}`
    case "waiting_for_bytes":
      return "asked for parts, waiting for the first bytes"
    case "waiting_for_turn":
      return `${count(why.peers, "peer")} with what we miss, all busy with others: waiting for a turn`
    case "fetching_description":
      return fetchingWords(why)
    case "no_peer_known":
      if (why.meeting !== undefined) return `${searchWords(why, nowMs)}; ${meetingWords(why.meeting)}`
      return `${searchWords(why, nowMs)}; ${trackerWords(why.tracker, nowMs)}`
    default:
      return `${searchWords(why, nowMs)}; ${trackerWords(why.tracker, nowMs)}`
  }
}

/** Why nothing that is missing comes from anywhere; what the tracker says follows. */
function searchWords(why: Extract<WhyFacts, { readonly code: SearchCode }>, nowMs: number): string {
  switch (why.code) {
    case "no_valid_source":
      return `no valid source for ${partsWords(why)}: ${named(why.source)}`
    case "no_peer_has": {
      const dropped = why.banned === undefined ? "" : `; ${named(why.banned)}`
      return noneHasWords(why) + dropped + leftWords(why, nowMs)
    }
    case "connecting":
      return `connecting to ${count(why.peers, "peer")}`
    case "no_peer_connected":
      return noneConnectedWords(why) + leftWords(why, nowMs)
    case "no_description":
      return `${count(why.connectedPeers, "peer")} connected, without a description of the document yet`
    case "no_peer_known":
      return "no peer is known yet"
    default:
      return why satisfies never
  }
}

/** What is missing was to be had until then. */
function leftWords({ seederLeftAtMs }: { readonly seederLeftAtMs?: number | undefined }, nowMs: number): string {
  return seederLeftAtMs === undefined ? "" : `; the last seeder left ${agoWords(nowMs - seederLeftAtMs)}`
}

type SearchCode =
  | "no_valid_source"
  | "no_peer_has"
  | "connecting"
  | "no_peer_connected"
  | "no_description"
  | "no_peer_known"

function fetchingWords({
  peers,
  receivedBytes,
  totalBytes,
}: Extract<WhyFacts, { readonly code: "fetching_description" }>): string {
  const progress = totalBytes === undefined ? "" : `, ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}`
  return `fetching its description from ${count(peers, "peer")}${progress}`
}

/** What a document without a tracker waits for. */
function meetingWords({ listedHosts, lan, dhtOnly }: MeetingFacts): string {
  const why = dhtOnly
    ? "its torrent names no tracker but leaves its peers to DHT, which is not supported"
    : "it has no tracker"
  const places = [
    ...(lan ? ["a peer on the local network"] : []),
    ...(listedHosts > 0 ? [`one of ${count(listedHosts, "listed host")}`] : []),
    "a peer that calls",
  ]
  return `${why}, and waits for ${places.join(", or ")}`
}

function pausedWords(missingParts: number | undefined, partCount: number): string {
  if (missingParts === undefined) return 'paused before all of it was checked; "resume" continues'
  if (missingParts === 0) return 'paused, not served; "resume" continues'
  return `paused with ${somePartsWords(missingParts, partCount)} missing; "resume" continues`
}

function limitWords(direction: "download" | "upload", limit: number | undefined): string {
  return `limited by you${limit === undefined ? "" : ` to ${formatLimit(limit)}`} (${direction}); "limit" changes it`
}

function noneHasWords({
  connectedPeers,
  missingParts,
  firstMissing,
  file,
}: NoSource & { readonly connectedPeers: number }): string {
  const parts = missingParts === 1 ? `part ${firstMissing}` : `any of the ${formatCount(missingParts)} missing parts`
  return noneHas(connectedPeers, `${parts}${ofFile(missingParts, file)}`)
}

function noneHas(connectedPeers: number, parts: string): string {
  if (connectedPeers === 1) return `the connected peer does not have ${parts}`
  return connectedPeers === 0
    ? `no peer has ${parts}; none is connected`
    : `none of ${formatCount(connectedPeers)} connected peers has ${parts}`
}

function partsWords({ missingParts, firstMissing, file }: NoSource): string {
  const parts = missingParts === 1 ? `part ${firstMissing}` : `any of ${formatCount(missingParts)} missing parts`
  return `${parts}${ofFile(missingParts, file)}`
}

/** " (train/a.bin)", " (of train/a.bin first)". */
function ofFile(missingParts: number, file: string | undefined): string {
  if (file === undefined) return ""
  return missingParts === 1 ? ` (${file})` : ` (of ${file} first)`
}

function noneConnectedWords({ knownPeers, peer, others }: NoneConnected): string {
  if (knownPeers === 1) return `the only known peer, ${peer.address}: ${peerWords(peer.why)}`
  if (others !== undefined && peerWords(others.why) === peerWords(peer.why)) {
    const all = `${peer.address} and ${count(others.count, "other")}`
    return `none of ${formatCount(knownPeers)} known peers is connected (${all}: ${peerWords(peer.why)})`
  }
  const rest = others === undefined ? "" : `; ${count(others.count, "other")}: ${peerWords(others.why)}`
  return `none of ${formatCount(knownPeers)} known peers is connected (${peer.address}: ${peerWords(peer.why)}${rest})`
}

function named({ address, why }: NamedPeer): string {
  return `${address} ${peerWords(why)}`
}

function count(many: number, what: string): string {
  return `${formatCount(many)} ${what}${many === 1 ? "" : "s"}`
}
