import type { DocumentSnapshot, KnownPeerSnapshot, PeerSnapshot } from "../../core/index.js"
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "../base/format.js"
import { namesApart } from "../words/document-names.js"
import { listedName } from "../words/folder-words.js"
import { knownPeerWords } from "../words/peer-words.js"
import { progressOf, wantedFilesWords } from "../words/wanted-words.js"
import { whyWords } from "../words/why-words.js"
import type { Command } from "./command.js"
import { factFields } from "./fact-fields.js"
import { jobProgress } from "./job-progress.js"

export const list: Command = {
  name: "list",
  arguments: [],
  flags: [],
  summary: "all documents: what is there, what moves, and why not",
  view: "documents",
  async run(_given, { client, report, signal }) {
    // A list at the start waits for the first look at the disk, so that no document is missing.
    await client.opened({ signal })
    const { documents, jobs, takenAtMs } = client.snapshot()
    const hashing = jobs.map(jobProgress)
    if (documents.length + jobs.length === 0)
      report({ event: "list", lines: ["no documents"], fields: { documents: [], hashing: [] } })
    else {
      const names = namesApart(documents)
      const lines = documents.map((document) =>
        documentLine(document, takenAtMs, { name: names.get(document.id), more: [document.open ? "open" : "private"] }),
      )
      const fields = documents.map((each) => documentFields(each, takenAtMs))
      report({
        ...{ event: "list", lines: [...lines, ...hashing.flatMap((job) => job.lines)] },
        fields: { documents: fields, hashing: hashing.map((job) => job.fields) },
      })
    }
  },
}

export const peers: Command = {
  name: "peers",
  arguments: [{ name: "document", kind: "document", optional: true }],
  flags: [],
  summary: "the peers of one document or of all, connected and known",
  view: "peers",
  async run(given, { client, report }) {
    const word = given.optional("document")
    const documents = word === undefined ? client.snapshot().documents : [client.find(word)]
    const lines: string[] = []
    const connected: Record<string, unknown>[] = []
    const known: Record<string, unknown>[] = []
    for (const document of documents) {
      const detail = client.detail(document.id)
      if (detail === undefined) continue
      for (const peer of detail.peers) {
        lines.push(peerLine(document, peer))
        connected.push({ document: document.id, ...peerFields(peer) })
      }
      for (const peer of detail.known) {
        lines.push(`${document.name}: ${peer.address} not connected (${knownPeerWords(peer, detail.takenAtMs)})`)
        known.push({ document: document.id, ...knownFields(peer, detail.takenAtMs) })
      }
    }
    report({ event: "peers", lines: lines.length > 0 ? lines : ["no peers"], fields: { connected, known } })
  },
}

/** "a.iso: downloading, 45.0 % of 1.00 GiB, down 3.10 MiB/s, up 0 B/s, 2 of 3 peers, ETA 12s" and why it stands still, `nowMs` being when that was; `more` comes after the state, `name` tells it apart. */
export function documentLine(
  document: DocumentSnapshot,
  nowMs: number,
  { name, more = [] }: { readonly name?: string | undefined; readonly more?: readonly string[] } = {},
): string {
  const { haveBytes, totalBytes } = progressOf(document)
  const facts = [
    document.state,
    ...more,
    // Of a link that does not say it.
    document.isDescribed === false && totalBytes === 0
      ? "size not known yet"
      : `${formatPercent(haveBytes, totalBytes)} of ${formatBytes(totalBytes)}`,
    `down ${formatRate(document.downBytesPerSecond)}`,
    `up ${formatRate(document.upBytesPerSecond)}`,
    `${formatCount(document.connectedPeers)} of ${formatCount(document.knownPeers)} peers`,
  ]
  if (document.isFolder) facts.splice(-3, 0, wantedFilesWords(document))
  if (document.state === "downloading") facts.push(`ETA ${formatDuration(document.etaSeconds)}`)
  if (document.why !== undefined) facts.push(whyWords(document.why, nowMs))
  return `${name ?? listedName(document.name, document.isFolder)}: ${facts.join(", ")}`
}

/** A document as `--json` shows it. Names carry their units; unknown is null. */
export function documentFields(document: DocumentSnapshot, nowMs: number): Record<string, unknown> {
  return {
    id: document.id,
    name: document.name,
    file: document.filePath,
    torrent: document.torrentPath,
    open: document.open,
    state: document.state,
    why: document.why === undefined ? "" : whyWords(document.why, nowMs),
    reason: factFields(document.why, nowMs),
    folder: document.isFolder,
    files: document.fileCount,
    selection: selectionFields(document),
    size_bytes: document.sizeBytes,
    parts: document.partCount,
    have_parts: document.haveCount,
    have_bytes: document.haveBytes,
    down_bytes_per_second: Math.round(document.downBytesPerSecond),
    up_bytes_per_second: Math.round(document.upBytesPerSecond),
    downloaded_bytes: document.downloadedBytes,
    uploaded_bytes: document.uploadedBytes,
    eta_seconds: document.etaSeconds ?? null,
    connected_peers: document.connectedPeers,
    known_peers: document.knownPeers,
    reused_parts: document.reusedCount,
  }
}

function selectionFields({ selection }: DocumentSnapshot): Record<string, unknown> | null {
  if (selection === undefined) return null
  const { only, wantedFiles: files, wantedBytes, partCount: parts, partBytes, haveCount, haveBytes } = selection
  return {
    ...{ only, files, size_bytes: wantedBytes, parts, part_bytes: partBytes },
    ...{ have_parts: haveCount, have_bytes: haveBytes },
  }
}

function peerLine(document: DocumentSnapshot, peer: PeerSnapshot): string {
  const facts = [
    `${peer.client}, ${peer.direction}`,
    peer.encrypted ? "encrypted" : "plain",
    `has ${formatPercent(peer.haveCount, document.partCount)}`,
    `down ${formatRate(peer.downBytesPerSecond)}`,
    `up ${formatRate(peer.upBytesPerSecond)}`,
  ]
  return `${document.name}: ${peer.address} ${facts.join(", ")}`
}

/** A known peer as `--json` shows it. */
export function knownFields(peer: KnownPeerSnapshot, nowMs: number): Record<string, unknown> {
  return {
    address: peer.address,
    source: peer.source,
    why: knownPeerWords(peer, nowMs),
    reason: factFields(peer.why, nowMs),
    ...factFields({ retryAtMs: peer.retryAtMs }, nowMs),
  }
}

function peerFields(peer: PeerSnapshot): Record<string, unknown> {
  return {
    address: peer.address,
    client: peer.client,
    direction: peer.direction,
    encrypted: peer.encrypted,
    source: peer.source,
    have_parts: peer.haveCount,
    down_bytes_per_second: Math.round(peer.downBytesPerSecond),
    up_bytes_per_second: Math.round(peer.upBytesPerSecond),
    downloaded_bytes: peer.downloadedBytes,
    uploaded_bytes: peer.uploadedBytes,
    failures: peer.failures,
  }
}
