import type { SwarmPeer } from "./peer.js"
import { RESPONSES_AHEAD } from "./pipeline.js"
import type { SwarmState } from "./state.js"

/** What a peer delivers, in windows of a tick, or of its response time where that is longer. */
export interface Delivery {
  /** When the window began, and how many bytes had come by then. */
  sinceMs: number
  sinceBytes: number
  /** Bytes per second in the last windows, the oldest first. */
  readonly recent: number[]
  /** The last window brought more than those before: it may bring still more when it is asked for it. */
  isGrowing: boolean
}

/** A peer, as far as its distance is concerned. */
type Far = Pick<SwarmPeer, "delivery" | "response" | "down">

/** Windows with payload after which a peer may count as far: the first answers of a busy machine come late, too (our choice, simulated). */
const FAR_AFTER_WINDOWS = 3

/** A peer that answers sooner is near: the pipeline of any peer holds what comes in that time (our choice). */
const FAR_MS = 20

/** Windows whose best rate counts: a mean over seconds would fall behind a rate that doubles with every response (our choice). */
const WINDOWS = 4

/** A window is better than those before when it has this many times their best rate; less is chance (our choice). */
const GROWTH = 1.25

/** Response times for which is asked ahead while the rate grows with what is asked for (our choice, simulated). */
const RESPONSES_AHEAD_GROWING = 3

export function createDelivery(nowMs: number): Delivery {
  return { sinceMs: nowMs, sinceBytes: 0, recent: [], isGrowing: true }
}

/** A tick. */
export function noteDelivery({ delivery, response, down }: Far, nowMs: number): void {
  // Windows count from the first payload on.
  if (down.totalBytes === 0) delivery.sinceMs = nowMs
  const elapsedMs = nowMs - delivery.sinceMs
  if (elapsedMs <= 0 || elapsedMs < (response.shortestMs ?? 0)) return
  const rate = ((down.totalBytes - delivery.sinceBytes) * 1_000) / elapsedMs
  delivery.isGrowing = rate >= GROWTH * bestRate(delivery)
  delivery.recent.push(rate)
  if (delivery.recent.length > WINDOWS) delivery.recent.shift()
  delivery.sinceMs = nowMs
  delivery.sinceBytes = down.totalBytes
}

/**
 * Bytes to request of a far peer at a time, or 0 for one that is near: what it sends at its best rate of late until an answer to the first
 * of these requests comes (bandwidth x delay), and some more, so that the rate can grow.
 */
export function farBytes({ delivery, response }: Far): number {
  const { shortestMs = 0, handshakeMs = shortestMs } = response
  if (Math.min(shortestMs, handshakeMs) < FAR_MS || delivery.recent.length < FAR_AFTER_WINDOWS) return 0
  const responses = delivery.isGrowing ? RESPONSES_AHEAD_GROWING : RESPONSES_AHEAD
  return (bestRate(delivery) * responses * shortestMs) / 1_000
}

/** Memory for what far peers have under way: the budget is the larger for it. */
export function claimFarBytes(state: SwarmState, isFetching: boolean): void {
  let bytes = 0
  if (isFetching)
    for (const peer of state.peers.values()) bytes += Math.min(farBytes(peer), state.config.maxFarPipelineBytes)
  state.budget.changeFar(bytes - state.claimedFarBytes)
  state.claimedFarBytes = bytes
}

function bestRate({ recent }: Delivery): number {
  return Math.max(0, ...recent)
}
