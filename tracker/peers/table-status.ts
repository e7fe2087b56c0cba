import type { PeerTable } from "./peer-table.js"
import type { PeerTables } from "./peer-tables.js"
import { inOrder, lowestShown, type MachineStatus, rankOf, type SwarmStatus } from "./swarm-status.js"
import type { TableRecord } from "./table-record.js"
import { UNKNOWN_LEFT } from "./table-record.js"

export interface StatusQuestion {
  /** Most machines. */
  readonly limit: number
  /** A peer is silent that was last heard of before this second. */
  readonly silentBefore: number
  /** Now. */
  readonly second: number
}

/** The status of a document of which peers are in tables: those that are there, and those that left. */
export function statusOf(
  { live, gone }: { readonly live: PeerTables; readonly gone: PeerTables },
  question: StatusQuestion,
): SwarmStatus {
  const downloading = live.countLeechersSince(question.silentBefore)
  const complete = live.seeders + gone.seeders
  const silent = live.size + gone.size - complete - downloading
  return { machines: machinesOf(live, gone, question), complete, downloading, silent }
}

function machinesOf(live: PeerTables, gone: PeerTables, question: StatusQuestion): MachineStatus[] {
  const { limit } = question
  if (limit === 0) return []
  const tables = [...live.all(), ...gone.all()]
  const lowest = lowestShown(ranksOf(tables), limit)
  const [above, equal]: [MachineStatus[], MachineStatus[]] = [[], []]
  for (const table of tables) {
    const isGone = !live.all().includes(table)
    let index = 0
    for (const left of table.lefts()) {
      const rank = rankOf(left)
      if (rank > lowest) above.push(machineOf(table.recordAt(index), isGone, question))
      else if (rank === lowest && equal.length < limit) equal.push(machineOf(table.recordAt(index), isGone, question))
      index++
    }
  }
  return inOrder([...above, ...equal.slice(0, Math.max(0, limit - above.length))])
}

function ranksOf(tables: readonly PeerTable[]): Float64Array {
  const ranks = new Float64Array(tables.reduce((sum, { size }) => sum + size, 0))
  let at = 0
  for (const table of tables) for (const left of table.lefts()) ranks[at++] = rankOf(left)
  return ranks
}

function machineOf(record: TableRecord, isGone: boolean, { silentBefore, second }: StatusQuestion): MachineStatus {
  const { peer, left, bytesPerSecond } = record
  const isSilent = isGone || record.second < silentBefore
  return {
    peer,
    state: left === 0 ? "complete" : isSilent ? "silent" : "downloading",
    left: left === UNKNOWN_LEFT ? undefined : left,
    bytesPerSecond: left === 0 || isSilent ? 0 : bytesPerSecond,
    heardSecondsAgo: second - record.second,
  }
}
