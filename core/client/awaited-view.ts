import type { DocumentDetail, DocumentSnapshot, DocumentState } from "../api/snapshot.js"
import type { TrackerSnapshot } from "../api/tracker-snapshot.js"
import type { MeetingFacts, WhyFacts } from "../api/why.js"
import type { AwaitedDocument } from "../document/awaited-document.js"
import { awayOf, shownError, shownReason } from "../document/why-facts.js"
import { isUncounted } from "../swarm/index.js"
import type { DescriptionRunner } from "../transfer/description-runner.js"
import { countPeers, WITHOUT_TORRENT } from "./document-view.js"

/** A document that is known by its link only: its size is what the link says. */
export function viewAwaited(document: AwaitedDocument): DocumentSnapshot {
  const { id, name, link, target, runner } = document
  return {
    ...{
      id,
      name,
      filePath: target?.path ?? "",
      torrentPath: "",
      open: link.kind === "open",
      state: stateOf(document),
    },
    isDescribed: false,
    why: whyAwaited(document),
    ...WITHOUT_TORRENT,
    ...{ sizeBytes: link.sizeBytes ?? 0, ...countPeers(runner?.links.size, runner?.book.clientCount) },
  }
}

function stateOf({ place }: AwaitedDocument): DocumentState {
  switch (place.at) {
    case "failed":
      return "failed"
    case "rest":
    case "leaving":
    case "closed":
      return "paused"
    case "asking":
    case "describing":
    case "described":
      return "downloading"
  }
}

function whyAwaited(document: AwaitedDocument): WhyFacts | undefined {
  const { place, runner, tracker } = document
  if (place.at === "failed") return { code: "failed", error: shownError(place.error), goesOn: place.goesOn }
  if (place.at === "rest") return { code: "paused", missingParts: undefined, partCount: 0 }
  return runner && whySearching(runner, tracker.snapshot(), document.meetingFacts)
}

function whySearching(
  runner: DescriptionRunner,
  tracker: TrackerSnapshot,
  meeting: MeetingFacts | undefined,
): WhyFacts {
  const { sourceCount: peers, progress, links, book } = runner
  if (peers > 0) return { code: "fetching_description", peers, ...progress }
  if (links.size > 0) return { code: "no_description", connectedPeers: links.size, tracker }
  if (book.dialing > 0) return { code: "connecting", peers: book.dialing, tracker }
  const known = [...book.all()].filter((peer) => !isUncounted(peer))
  const { away, awayOthers: others } = awayOf(known)
  if (away === undefined) return { code: "no_peer_known", tracker, ...(meeting && { meeting }) }
  const nobody = { peer: away, others, seederLeftAtMs: undefined, tracker }
  return { code: "no_peer_connected", knownPeers: known.length, ...nobody }
}

/** The peers that were asked for its description. */
export function viewAwaitedDetail(document: AwaitedDocument | undefined, nowMs: number): DocumentDetail | undefined {
  if (document === undefined) return undefined
  const { id, runner } = document
  const known = [...(runner?.book.all() ?? [])].flatMap(({ address, source, state, why, notBeforeMs }) => {
    if (why === undefined) return []
    const retryAtMs = state === "idle" && notBeforeMs > nowMs ? notBeforeMs : undefined
    return [{ address, source, why: shownReason(why), retryAtMs }]
  })
  return {
    id,
    takenAtMs: nowMs,
    parts: new Uint8Array(0),
    availability: new Uint8Array(0),
    inFlight: [],
    peers: [],
    known,
    ...(document.link.kind === "open" && { link: document.linkText }),
  }
}
