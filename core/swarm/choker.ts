import type { Random } from "../clock.js"
import type { PeerKey } from "./events.js"
import { refuseWaiting } from "./serve.js"
import { type SwarmPeer, send, type Turn } from "./state.js"
import { suggestMore, takeBackSuggestions } from "./suggest.js"

/** What the choice of whom to serve looks at. */
export interface Candidate {
  readonly key: PeerKey
  /** Bytes per second it gives us (we fetch) or takes from us (we only seed). */
  readonly bytesPerSecond: number
  /** Served now, by merit or by turns. */
  readonly unchoked: boolean
  readonly unchokedAtMs: number
  readonly optimistic: boolean
}

export interface SlotRules {
  readonly uploadSlots: number
  readonly optimisticSlots: number
  /** A seed has nothing to gain from anybody: it serves by turns of this length. Undefined while we fetch. */
  readonly turnMs: number | undefined
  /** It is time for other optimistic peers. */
  readonly renewOptimistic: boolean
}

export interface SlotChoice {
  readonly byMerit: ReadonlySet<PeerKey>
  readonly optimistic: ReadonlySet<PeerKey>
}

/** Chooses whom to serve among the interested (BEP 3's choking): the best by rate, and a few by turns, so that newcomers get a chance. */
export function chooseSlots(
  candidates: readonly Candidate[],
  rules: SlotRules,
  nowMs: number,
  random: Random,
): SlotChoice {
  const ranked = [...candidates].sort(
    (a, b) => merit(b, rules, nowMs) - merit(a, rules, nowMs) || b.bytesPerSecond - a.bytesPerSecond,
  )
  const byMerit = new Set(ranked.slice(0, rules.uploadSlots).map((each) => each.key))
  const rest = ranked.slice(rules.uploadSlots)
  const staying = rules.renewOptimistic ? [] : rest.filter((each) => each.optimistic)
  const others = shuffled(
    rest.filter((each) => !staying.includes(each)),
    random,
  )
  const optimistic = new Set([...staying, ...others].slice(0, rules.optimisticSlots).map((each) => each.key))
  return { byMerit, optimistic }
}

/** While fetching: who gives. While seeding: who is in the middle of a turn, then who waited longest. */
function merit(candidate: Candidate, rules: SlotRules, nowMs: number): number {
  if (rules.turnMs === undefined) return candidate.bytesPerSecond
  if (candidate.unchoked && nowMs - candidate.unchokedAtMs < rules.turnMs) return Number.MAX_SAFE_INTEGER
  return nowMs - candidate.unchokedAtMs
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const [a, b] = [mixed[last], mixed[other]]
    if (a !== undefined && b !== undefined) [mixed[last], mixed[other]] = [b, a]
  }
  return mixed
}

/** Chooses anew whom to serve, at its time. */
export function rechoke(turn: Turn): void {
  const { state, nowMs } = turn
  if (nowMs < state.rechokeAtMs) return
  state.rechokeAtMs = nowMs + state.config.rechokeMs
  const renewOptimistic = nowMs >= state.optimisticAtMs
  if (renewOptimistic) state.optimisticAtMs = nowMs + state.config.optimisticMs
  const interested = [...state.peers.values()].filter((peer) => peer.peerInterested)
  const rules: SlotRules = {
    uploadSlots: state.config.uploadSlots,
    optimisticSlots: state.config.optimisticSlots,
    turnMs: state.have.isFull ? state.config.optimisticMs : undefined,
    renewOptimistic,
  }
  const seeding = state.have.isFull
  const candidates = interested.map((peer) => ({
    key: peer.key,
    bytesPerSecond: seeding ? peer.up.bytesPerSecond : peer.down.bytesPerSecond,
    unchoked: !peer.amChoking,
    unchokedAtMs: peer.unchokedAtMs,
    optimistic: peer.optimistic,
  }))
  const choice = chooseSlots(candidates, rules, nowMs, state.random)
  for (const peer of state.peers.values()) {
    peer.optimistic = choice.optimistic.has(peer.key)
    if (peer.optimistic || choice.byMerit.has(peer.key)) unchoke(turn, peer)
    else choke(turn, peer)
  }
}

/**
 * Slots that stand free are given at once, without waiting for the next round: to those with the fewest parts, so that nobody falls
 * behind, at random among equals, or the same few would be everybody's first choice. Who only claims to have little loses the slot
 * in the next round.
 */
export function fillFreeSlots(turn: Turn): void {
  const { state } = turn
  let free = state.config.uploadSlots + state.config.optimisticSlots
  const waiting: SwarmPeer[] = []
  for (const peer of state.peers.values()) {
    if (!peer.amChoking) free--
    else if (peer.peerInterested) waiting.push(peer)
  }
  if (free <= 0 || waiting.length === 0) return
  const neediest = shuffled(waiting, state.random).sort((a, b) => a.have.count - b.have.count)
  for (const peer of neediest.slice(0, free)) unchoke(turn, peer)
}

function unchoke(turn: Turn, peer: SwarmPeer): void {
  if (!peer.amChoking) return
  peer.amChoking = false
  peer.unchokedAtMs = turn.nowMs
  // Before the word that it may ask: so that it does not ask for anything else first.
  suggestMore(turn, peer)
  send(turn, peer, { type: "unchoke" })
}

/** Also when a peer loses interest: its slot is for others. */
export function choke(turn: Turn, peer: SwarmPeer): void {
  if (peer.amChoking) return
  peer.amChoking = true
  peer.optimistic = false
  send(turn, peer, { type: "choke" })
  takeBackSuggestions(turn.state, peer)
  refuseWaiting(turn, peer)
}
