import type { DocumentDetail, DocumentSnapshot, KnownPeerSnapshot, PeerSnapshot } from "../../../core/index.js"
import { formatPercent } from "../../base/format.js"
import { knownPeerWords } from "../../words/peer-words.js"
import type { Cell, Row } from "../drawing/cells.js"
import { type Column, itemRow, placeColumns, titleRow } from "../drawing/columns.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { widthBesideBar, withScrollBar } from "../drawing/scroll-bar.js"
import { documentsById, selectedDocument } from "../state/document-order.js"
import type { ScreenState } from "../state/state.js"
import type { Body } from "./body.js"
import { rateCell } from "./list-line.js"

interface PeerOfDocument {
  readonly peer: PeerSnapshot
  readonly document: DocumentSnapshot
}

interface KnownOfDocument {
  readonly known: KnownPeerSnapshot
  readonly takenAtMs: number
  readonly document: DocumentSnapshot
}

/** The connected peers, then the known ones with the reason why they are not connected. */
export function peersView(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const { connected, known } = peersShown(state)
  const room = Math.max(1, height - 2)
  const width = widthBesideBar(state.columns, peerLines(state), room)
  const peerColumns = placeColumns(connectedColumns(state.peersOfAll, glyphs), width)
  const knownPlaced = placeColumns(knownColumns(state.peersOfAll), width)
  const rows: Row[] = [
    ...connected.map((each) => itemRow(peerColumns, each, glyphs.ellipsis)),
    [],
    [{ text: `Known, not connected: ${known.length}`, tone: "title" }],
    ...known.map((each) => itemRow(knownPlaced, each, glyphs.ellipsis)),
  ]
  const start = Math.min(state.scroll.peers, Math.max(0, rows.length - room))
  const title = state.peersOfAll ? "all documents" : (selectedDocument(state)?.name ?? "no document")
  const shown = rows.slice(start, start + room)
  const extent = { start, shown: shown.length, count: rows.length }
  const list: readonly Row[] = [
    [
      { text: `Connected: ${connected.length}  `, tone: "title" },
      { text: `(${title})`, tone: "dim" },
    ],
    titleRow(peerColumns, glyphs.ellipsis),
    ...withScrollBar(shown, extent, state.columns, glyphs),
  ]
  return { rows: list, extent }
}

/** The line of a connected peer among those that scroll. */
export function peerPlace(state: ScreenState, id: string, address: string): number {
  const { connected } = peersShown(state)
  return Math.max(
    0,
    connected.findIndex(({ peer, document }) => document.id === id && peer.address === address),
  )
}

/** Lines that scroll in this view. */
export function peerLines(state: ScreenState): number {
  const { connected, known } = peersShown(state)
  return connected.length + known.length + 2
}

function peersShown(state: ScreenState): { connected: readonly PeerOfDocument[]; known: readonly KnownOfDocument[] } {
  const details = state.peersOfAll ? state.allDetails : state.detail === undefined ? [] : [state.detail]
  const documents = documentsById(state.snapshot.documents)
  const paired = details.flatMap((detail) => pair(detail, documents.get(detail.id)))
  return {
    connected: paired.flatMap(({ detail, document }) => detail.peers.map((peer) => ({ peer, document }))),
    known: paired.flatMap(({ detail, document }) =>
      detail.known.map((known) => ({ known, takenAtMs: detail.takenAtMs, document })),
    ),
  }
}

function pair(detail: DocumentDetail, document: DocumentSnapshot | undefined) {
  return document === undefined ? [] : [{ detail, document }]
}

function connectedColumns(withDocument: boolean, glyphs: Glyphs): readonly Column<PeerOfDocument>[] {
  const document: Column<PeerOfDocument> = {
    title: "Document",
    width: 16,
    flexible: true,
    priority: 1,
    cell: (each) => ({ text: each.document.name }),
  }
  const columns: readonly Column<PeerOfDocument>[] = [
    { title: "", width: 1, priority: 1, cell: ({ peer }) => ({ text: peer.encrypted ? glyphs.lock : " " }) },
    { title: "Address", width: 21, flexible: !withDocument, priority: 0, cell: ({ peer }) => ({ text: peer.address }) },
    { title: "Client", width: 14, priority: 4, cell: ({ peer }) => ({ text: peer.client }) },
    { title: "", width: 3, priority: 7, cell: ({ peer }) => ({ text: peer.direction === "incoming" ? "in" : "out" }) },
    {
      title: "Has",
      width: 6,
      align: "right",
      priority: 3,
      cell: ({ peer, document }) => ({ text: formatPercent(peer.haveCount, document.partCount) }),
    },
    { title: "Down", width: 10, align: "right", priority: 1, cell: ({ peer }) => rateCell(peer.downBytesPerSecond) },
    { title: "Up", width: 10, align: "right", priority: 2, cell: ({ peer }) => rateCell(peer.upBytesPerSecond) },
    {
      title: "Req",
      width: 7,
      align: "right",
      priority: 6,
      cell: ({ peer }) => ({ text: `${peer.requestsOut}/${peer.requestsIn}` }),
    },
    { title: "Flags", width: 5, priority: 5, cell: ({ peer }) => ({ text: flagsOf(peer) }) },
    {
      title: "Bad",
      width: 3,
      align: "right",
      priority: 8,
      cell: ({ peer }) => ({ text: String(peer.failures), tone: peer.failures > 0 ? "bad" : "dim" }),
    },
    { title: "From", width: 8, priority: 9, cell: ({ peer }) => ({ text: peer.source }) },
  ]
  return withDocument ? [document, ...columns] : columns
}

/** "i"/"c" we are interested in it, it chokes us; "I"/"C" the other way round. As help says. */
export const PEER_FLAGS: readonly (readonly [string, string])[] = [
  ["i", "we want parts that it has"],
  ["c", "it makes us wait (chokes us)"],
  ["I", "it wants parts that we have"],
  ["C", "we make it wait (choke it)"],
]

function flagsOf(peer: PeerSnapshot): string {
  const set = [peer.amInterested, peer.peerChoking, peer.peerInterested, peer.amChoking]
  return PEER_FLAGS.map(([letter], index) => (set[index] === true ? letter : "-")).join("")
}

function whyCell({ known, takenAtMs }: KnownOfDocument): Cell {
  return { text: knownPeerWords(known, takenAtMs), tone: "dim" }
}

function knownColumns(withDocument: boolean): readonly Column<KnownOfDocument>[] {
  const columns: readonly Column<KnownOfDocument>[] = [
    { title: "Address", width: 21, priority: 0, cell: ({ known }) => ({ text: known.address }) },
    { title: "From", width: 8, priority: 2, cell: ({ known }) => ({ text: known.source, tone: "dim" }) },
    { title: "Why", width: 16, flexible: true, priority: 1, cell: whyCell },
  ]
  if (!withDocument) return columns
  return [{ title: "Document", width: 16, priority: 3, cell: (each) => ({ text: each.document.name }) }, ...columns]
}
