import type { Bitfield } from "./bitfield.js"

/** The one place where a document's sizes and offsets are worked out. All offsets and sizes are bytes. */
export interface Lengths {
  readonly sizeBytes: number
  readonly partSizeBytes: number
  /** ceil(size / part size); 0 for an empty document. */
  readonly partCount: number
}

/** Builds the lengths of a document. `sizeBytes` >= 0 and `partSizeBytes` >= 1, both safe integers (checked by the caller). */
export function createLengths(sizeBytes: number, partSizeBytes: number): Lengths {
  return { sizeBytes, partSizeBytes, partCount: Math.ceil(sizeBytes / partSizeBytes) }
}

/** Offset of a part's first byte. `partIndex` is 0-based, < partCount. */
export function partOffset(lengths: Lengths, partIndex: number): number {
  return partIndex * lengths.partSizeBytes
}

/** Bytes in a part: the part size, or the remainder for the last one. `partIndex` is 0-based, < partCount. */
export function partLength(lengths: Lengths, partIndex: number): number {
  return Math.min(lengths.partSizeBytes, lengths.sizeBytes - partIndex * lengths.partSizeBytes)
}

/** Bytes of the parts [fromPart, toPart), fromPart < toPart <= partCount. */
export function bytesOfRun(lengths: Lengths, run: { readonly fromPart: number; readonly toPart: number }): number {
  return Math.min(run.toPart * lengths.partSizeBytes, lengths.sizeBytes) - run.fromPart * lengths.partSizeBytes
}

/** True when [offset, offset + length) is a non-empty range inside part `partIndex`. Any number is accepted: peers send them. */
export function isBlockInside(lengths: Lengths, partIndex: number, offset: number, length: number): boolean {
  if (!(partIndex >= 0 && partIndex < lengths.partCount)) return false
  return length > 0 && offset >= 0 && offset + length <= partLength(lengths, partIndex)
}

/** Bytes of the parts in a set, the last part's own length counted. */
export function bytesOfParts(lengths: Lengths, parts: Bitfield): number {
  const last = lengths.partCount - 1
  const whole = parts.count * lengths.partSizeBytes
  return parts.has(last) ? whole - lengths.partSizeBytes + partLength(lengths, last) : whole
}

/** Bytes of the parts that a set lacks. */
export function bytesMissing(lengths: Lengths, parts: Bitfield): number {
  return lengths.sizeBytes - bytesOfParts(lengths, parts)
}
