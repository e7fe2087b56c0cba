import type { Bitfield } from "../torrent/bitfield.js"
import { bytesMissing, bytesOfParts, type Lengths } from "../torrent/lengths.js"

/** True when every wanted part is in `have`; `wanted`: undefined where all parts are. */
export function hasAllWanted(have: Bitfield, wanted: Bitfield | undefined): boolean {
  return wanted === undefined ? have.isFull : have.hasAllOf(wanted)
}

/** How many parts in `have` are wanted. */
export function wantedCountIn(have: Bitfield, wanted: Bitfield | undefined): number {
  return wanted === undefined ? have.count : wanted.overlap(have).count
}

/** Bytes of the wanted parts that are missing. */
export function wantedBytesMissing(lengths: Lengths, have: Bitfield, wanted: Bitfield | undefined): number {
  if (wanted === undefined) return bytesMissing(lengths, have)
  return bytesOfParts(lengths, wanted) - bytesOfParts(lengths, wanted.overlap(have))
}
