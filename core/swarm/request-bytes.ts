import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { SwarmPeer } from "./state.js"

/** Blocks pass in about this time: few messages where it is fast, a finely divided pipeline where it is slow. */
const BLOCK_MS = 125

/** A power of two from 16 KiB up to what was agreed with the peer. While no rate is known, what came so far stands for it. */
export function requestBytes(peer: SwarmPeer): number {
  const pace = peer.down.bytesPerSecond > 0 ? peer.down.bytesPerSecond : peer.down.totalBytes
  const most = Math.min(peer.blockBytes, (pace * BLOCK_MS) / 1_000)
  let bytes = STANDARD_BLOCK_BYTES
  while (bytes * 2 <= most) bytes *= 2
  return bytes
}
