import { basename } from "node:path"
import type { SelectionSnapshot } from "../api/selection.js"
import {
  type DocumentDetail,
  type DocumentSnapshot,
  type DocumentState,
  type KnownPeerSnapshot,
  type PartHolders,
  type PartInFlight,
  type PartRange,
  PartState,
  type PeerSnapshot,
} from "../api/snapshot.js"
import { displayText } from "../base/display.js"
import type { Document } from "../document/document.js"
import type { Phase } from "../document/document-phase.js"
import { withFile } from "../document/stalled-file.js"
import { whyOf } from "../document/why.js"
import { documentFactsOf, type Surroundings, shownError, shownReason } from "../document/why-facts.js"
import { availability, type SwarmPeer, type SwarmState } from "../swarm/index.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { bytesOfParts } from "../torrent/lengths.js"
import type { PeerLink } from "../transfer/peer-link.js"
import type { SwarmRunner } from "../transfer/swarm-runner.js"
import type { LostDocument } from "./shelf-types.js"

/** Of a download: the rate is smoothed, and stays above 0 for seconds after the last byte. */
export function downRate({ runner, isDownload }: Document): number {
  return isDownload ? (runner?.state.down.bytesPerSecond ?? 0) : 0
}

/** One document as the list shows it. */
export function viewDocument(document: Document, around: Surroundings): DocumentSnapshot {
  const { torrent, lengths, phase, runner } = document
  const haveCount = document.haveCount
  const haveBytes = bytesOf(document, haveCount)
  const down = downRate(document)
  const selection = viewSelection(document)
  const missingBytes = selection ? selection.partBytes - selection.haveBytes : lengths.sizeBytes - haveBytes
  return {
    id: document.id,
    name: document.name,
    filePath: document.filePath,
    torrentPath: document.torrentPath,
    sizeBytes: lengths.sizeBytes,
    partSizeBytes: lengths.partSizeBytes,
    partCount: lengths.partCount,
    isFolder: torrent.files !== undefined,
    fileCount: document.fileCount,
    selection,
    open: torrent.secret === undefined,
    limits: {
      downBytesPerSecond: document.downLimit.ownBytesPerSecond,
      upBytesPerSecond: document.upLimit.ownBytesPerSecond,
    },
    state: stateOf(document),
    why: withFile(whyOf(documentFactsOf(document, around)), {
      ...{ files: torrent.files, wanted: document.wanted?.files, lengths },
    }),
    haveCount,
    haveBytes,
    checkedCount: phase.type === "checking" ? phase.checkedCount : undefined,
    checkedBytesPerSecond: phase.type === "checking" ? phase.rate.bytesPerSecond : 0,
    downBytesPerSecond: down,
    upBytesPerSecond: runner?.state.up.bytesPerSecond ?? 0,
    downloadedBytes: document.downloadedBytes,
    uploadedBytes: document.uploadedBytes,
    etaSeconds: phase.type === "checking" ? checkEta(phase, document) : eta(missingBytes, down),
    ...countPeers(runner?.state.peers.size, runner?.state.book.clientCount),
    reusedCount: document.reusedCount,
  }
}

/** A caller whose listening port is not known is in no book of addresses, and is known nevertheless. */
export function countPeers(connected = 0, addresses = 0): Pick<DocumentSnapshot, "connectedPeers" | "knownPeers"> {
  return { connectedPeers: connected, knownPeers: Math.max(connected, addresses) }
}

/** What a snapshot says of a document whose torrent file is not there. */
export const WITHOUT_TORRENT = {
  ...{ isFolder: false, fileCount: 1, selection: undefined },
  limits: { downBytesPerSecond: undefined, upBytesPerSecond: undefined },
  ...{ partSizeBytes: 0, partCount: 0, haveCount: 0, haveBytes: 0, reusedCount: 0 },
  ...{ checkedCount: undefined, checkedBytesPerSecond: 0, etaSeconds: undefined },
  ...{ downBytesPerSecond: 0, upBytesPerSecond: 0, downloadedBytes: 0, uploadedBytes: 0 },
} as const

/** One that nothing describes any more: its size is not known. */
export function viewLost({ entry, error }: LostDocument): DocumentSnapshot {
  const { id, filePath, torrentPath } = entry
  return {
    ...{ id, filePath, torrentPath, name: displayText(basename(filePath), 200), open: false, state: "failed" },
    why: { code: "torrent_gone", error: shownError(error) },
    ...WITHOUT_TORRENT,
    ...{ sizeBytes: 0, connectedPeers: 0, knownPeers: 0 },
  }
}

function viewSelection(document: Document): SelectionSnapshot | undefined {
  const { wanted, lengths, haveCount } = document
  if (wanted === undefined) return undefined
  const { only, files, parts, partBytes } = wanted
  const have = partsOf(document)
  const there = have === undefined ? undefined : parts.overlap(have)
  const wantedCount = there?.count ?? Math.min(haveCount, parts.count)
  return {
    only,
    ...{ wantedFiles: files.fileCount, wantedBytes: files.sizeBytes, partCount: parts.count, partBytes },
    haveCount: wantedCount,
    haveBytes: there ? bytesOfParts(lengths, there) : Math.min(partBytes, wantedCount * lengths.partSizeBytes),
  }
}

/** The verified parts, where it is known which. */
export function partsOf({ runner, phase }: Document): Bitfield | undefined {
  if (runner !== undefined) return runner.state.have
  return phase.type === "paused" ? phase.have : undefined
}

function eta(leftBytes: number, bytesPerSecond: number): number | undefined {
  return leftBytes > 0 && bytesPerSecond > 0 ? leftBytes / bytesPerSecond : undefined
}

function checkEta({ checkedCount, rate }: Extract<Phase, { type: "checking" }>, { lengths }: Document) {
  return eta(lengths.sizeBytes - checkedCount * lengths.partSizeBytes, rate.bytesPerSecond)
}

interface DetailRequest {
  readonly nowMs: number
  /** Of which the holders are wanted. */
  readonly range: PartRange | undefined
  /** Of an open document: that of a private one holds its key. */
  readonly link: string | undefined
}

/** Parts and peers of one document. */
export function viewDetail(document: Document, { nowMs, range, link }: DetailRequest): DocumentDetail {
  return {
    ...viewParts(document, nowMs),
    link,
    holders: range && viewHolders(document, range),
  }
}

function viewParts(document: Document, nowMs: number): DocumentDetail {
  const { runner, phase, id } = document
  if (runner === undefined) {
    const parts = phase.type === "paused" && phase.have !== undefined ? partStates(phase.have) : new Uint8Array(0)
    return {
      id,
      takenAtMs: nowMs,
      parts,
      availability: new Uint8Array(parts.length),
      inFlight: [],
      peers: [],
      known: [],
    }
  }
  const { state } = runner
  const parts = partStates(state.have, state)
  return {
    id,
    takenAtMs: nowMs,
    parts,
    availability: parts.map((_, index) => Math.min(255, availability(state, index))),
    inFlight: viewInFlight(state, nowMs),
    peers: [...state.peers.values()].flatMap((peer) => viewPeer(peer, runner.links.get(peer.key), state)),
    known: viewKnown(runner, nowMs),
  }
}

/** Takes a step per part of the range and peer. */
function viewHolders({ runner, lengths }: Document, range: PartRange): PartHolders {
  const [start, end] = [Math.max(0, range.start), Math.min(lengths.partCount, range.end)]
  const peers = [...(runner?.state.peers.values() ?? [])].map(({ contact, has }) => {
    let haveCount = 0
    for (let index = start; index < end; index++) if (has.parts.has(index)) haveCount++
    return { address: contact.address, haveCount }
  })
  return {
    range,
    peers: peers.filter(({ haveCount }) => haveCount > 0).sort((a, b) => b.haveCount - a.haveCount),
  }
}

function stateOf(document: Document): DocumentState {
  const { phase } = document
  switch (phase.type) {
    case "running":
      return document.isDownload ? "downloading" : "seeding"
    case "closed":
      return "paused"
    case "checking":
    case "paused":
    case "failed":
      return phase.type
  }
}

/** Without part indices the byte count is estimated from the number of parts. */
function bytesOf(document: Document, haveCount: number): number {
  const { lengths, runner } = document
  if (runner !== undefined) return bytesOfParts(lengths, runner.state.have)
  return Math.min(lengths.sizeBytes, haveCount * lengths.partSizeBytes)
}

function partStates(have: Bitfield, moving?: Pick<SwarmState, "inFlight" | "doubtful">): Uint8Array {
  const parts = new Uint8Array(have.partCount)
  for (let index = 0; index < parts.length; index++) if (have.has(index)) parts[index] = PartState.have
  for (const index of moving?.doubtful ?? []) parts[index] = PartState.verifying
  for (const part of moving?.inFlight.values() ?? [])
    parts[part.index] = part.verifying ? PartState.verifying : PartState.requested
  return parts
}

export function viewInFlight(state: SwarmState, nowMs: number): PartInFlight[] {
  return [...state.inFlight.values()].map((part) => {
    const owners = [...part.owners].flatMap((key) => state.peers.get(key) ?? [])
    const ageMs = nowMs - part.startedAtMs
    return {
      index: part.index,
      lengthBytes: part.lengthBytes,
      receivedBytes: part.receivedBytes,
      peers: owners.map((peer) => peer.contact.address),
      // Its mean rate would fall and fall while no peer is asked for the rest.
      bytesPerSecond: ageMs > 0 && owners.length > 0 ? (part.receivedBytes * 1_000) / ageMs : 0,
      ageMs,
      retries: state.history.get(part.index)?.retries ?? 0,
      verifying: part.verifying,
    }
  })
}

function viewPeer(peer: SwarmPeer, link: PeerLink | undefined, state: SwarmState): PeerSnapshot[] {
  if (link === undefined) return []
  return [
    {
      address: peer.contact.address,
      client: link.clientName,
      direction: peer.direction,
      encrypted: link.connection.encrypted,
      haveCount: peer.has.parts.count,
      downBytesPerSecond: peer.down.bytesPerSecond,
      upBytesPerSecond: peer.up.bytesPerSecond,
      downloadedBytes: peer.down.totalBytes,
      uploadedBytes: peer.up.totalBytes,
      requestsOut: peer.asked.requests.size,
      requestsIn: peer.owed.blocks.size + peer.owed.sendingBlocks,
      amChoking: peer.slot.isChoked,
      amInterested: peer.interest.isAnnounced,
      peerChoking: peer.allows.isChoking,
      peerInterested: peer.slot.isWanted,
      failures: state.book.get(peer.contact.address)?.badParts.size ?? 0,
      source: link.source,
    },
  ]
}

function viewKnown(runner: SwarmRunner, nowMs: number): KnownPeerSnapshot[] {
  return [...runner.state.book.all()].flatMap(({ address, source, state, why, notBeforeMs }) => {
    // It is connected, or this client itself.
    if (why === undefined) return []
    const retryAtMs = state === "idle" && notBeforeMs > nowMs ? notBeforeMs : undefined
    return [{ address, source, why: shownReason(why), retryAtMs }]
  })
}
