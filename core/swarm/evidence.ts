import { strike } from "./faults.js"
import type { PartInFlight } from "./part-in-flight.js"
import type { SwarmState, Turn } from "./state.js"

/** The sender of each unit of a part that failed its check: once the part is correct, the units that differ identify the senders of bad data. */
export interface Evidence {
  /** Digests of its 16 KiB units one after the other, all of one length. */
  readonly unitDigests: Uint8Array
  /** Addresses, and for each unit which of them sent it. */
  readonly contributors: readonly string[]
  readonly senders: Uint16Array
}

/** Parts that are kept at a time (our choice): 20 KiB each at most. */
const MAX_UNRESOLVED = 64

/** Are digests of a part's units wanted with the outcome of its check? They cost the time of another check. */
export function needsUnitDigests(state: SwarmState, index: number, outcome: "stored" | "mismatch"): boolean {
  if (outcome === "stored") return state.history.get(index)?.evidence !== undefined
  return (state.inFlight.get(index)?.contributors.length ?? 0) > 1
}

/** A part failed with bytes of several peers: until it comes right each of them is a suspect, and shares no part with others. */
export function keepEvidence(state: SwarmState, part: PartInFlight, unitDigests: Uint8Array): void {
  const history = state.history.get(part.index)
  if (history === undefined) return
  dropEvidence(state, part.index)
  const { contributors, senders } = part
  history.evidence = { unitDigests, contributors, senders }
  for (const address of contributors) state.suspects.set(address, (state.suspects.get(address) ?? 0) + 1)
  state.unresolved.add(part.index)
  const [oldest] = state.unresolved
  if (state.unresolved.size > MAX_UNRESOLVED && oldest !== undefined) dropEvidence(state, oldest)
}

/** The part came right: those whose units differ are struck, the others cleared of it. */
export function judge(turn: Turn, index: number, unitDigests: Uint8Array | undefined): void {
  const evidence = turn.state.history.get(index)?.evidence
  if (evidence === undefined) return
  dropEvidence(turn.state, index)
  if (unitDigests === undefined) return
  for (const address of culprits(evidence, unitDigests)) strike(turn, address, index)
}

function dropEvidence(state: SwarmState, index: number): void {
  const history = state.history.get(index)
  if (history?.evidence === undefined) return
  for (const address of history.evidence.contributors) {
    const count = (state.suspects.get(address) ?? 0) - 1
    if (count > 0) state.suspects.set(address, count)
    else state.suspects.delete(address)
  }
  delete history.evidence
  state.unresolved.delete(index)
}

function culprits({ unitDigests: wrong, contributors, senders }: Evidence, right: Uint8Array): Set<string> {
  const found = new Set<string>()
  const width = right.length / senders.length
  for (let unit = 0; unit < senders.length; unit++) {
    const sender = contributors[senders[unit] ?? 0]
    if (sender === undefined || found.has(sender)) continue
    for (let at = unit * width; at < (unit + 1) * width; at++) if (wrong[at] !== right[at]) found.add(sender)
  }
  return found
}
