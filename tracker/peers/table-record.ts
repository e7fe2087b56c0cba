/** Bytes left of a peer that did not say how many it lacks. */
export const UNKNOWN_LEFT = -1

/** One peer of a table. */
export interface TableRecord {
  /** Compact form; the reader's own bytes. */
  readonly peer: Uint8Array
  /** Of its last announce. */
  readonly second: number
  /** Bytes it lacks, or UNKNOWN_LEFT. */
  readonly left: number
  /** By which they became fewer between its last two announces. */
  readonly bytesPerSecond: number
}
