import type { DocumentDetail, DocumentSnapshot } from "../../core/index.js"
import { formatDuration, formatPercent } from "../base/format.js"

type Connected = DocumentDetail["peers"]

/** Machines whose shares are named. */
const MAX_SHARES = 8

/** "3 machines connected: 100 %, 63 %, 12 %; all done in about 4m": the share that each machine has, the largest first. */
export function machinesWords(peers: Connected, document: DocumentSnapshot): string {
  const sorted = peers.toSorted((a, b) => b.haveCount - a.haveCount)
  const shares = sorted.slice(0, MAX_SHARES).map(({ haveCount }) => formatPercent(haveCount, document.partCount))
  const more = sorted.length > MAX_SHARES ? ` and ${sorted.length - MAX_SHARES} more` : ""
  const counted = `${peers.length} ${peers.length === 1 ? "machine" : "machines"} connected`
  return `${counted}: ${shares.join(", ")}${more}${allDoneWords(peers, document)}`
}

/** When the slowest has everything at the rate at which it gets bytes from here; unknown while one of them gets none. */
function allDoneWords(peers: Connected, { partCount, partSizeBytes, haveCount }: DocumentSnapshot): string {
  if (haveCount < partCount) return ""
  const unfinished = peers.filter((peer) => peer.haveCount < partCount)
  if (unfinished.length === 0) return "; all done"
  const seconds = unfinished.map((peer) => ((partCount - peer.haveCount) * partSizeBytes) / peer.upBytesPerSecond)
  const slowest = Math.max(...seconds)
  return Number.isFinite(slowest) ? `; all done in about ${formatDuration(slowest)} or sooner` : ""
}
