import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer } from "./compact.js"

/** Does any of these compact peers listen on a loopback address (127/8, ::1)? */
export function hasLoopback(peers4: Uint8Array, peers6: Uint8Array): boolean {
  for (let at = 0; at < peers4.length; at += COMPACT4_BYTES) if (peers4[at] === 127) return true
  for (let at = 0; at < peers6.length; at += COMPACT6_BYTES) if (isLoopback6(peers6, at)) return true
  return false
}

/** Puts the address of `other` in the place of every loopback address of its family, in the bytes given. */
export function replaceLoopback(peers4: Uint8Array, peers6: Uint8Array, other: CompactPeer): void {
  if (other.length === COMPACT4_BYTES) {
    for (let at = 0; at < peers4.length; at += COMPACT4_BYTES)
      if (peers4[at] === 127) peers4.set(other.subarray(0, 4), at)
  } else {
    for (let at = 0; at < peers6.length; at += COMPACT6_BYTES)
      if (isLoopback6(peers6, at)) peers6.set(other.subarray(0, 16), at)
  }
}

function isLoopback6(peers: Uint8Array, at: number): boolean {
  if (peers[at + 15] !== 1) return false
  for (let byte = at; byte < at + 15; byte++) if (peers[byte] !== 0) return false
  return true
}
