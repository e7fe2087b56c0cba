/** Reads an unsigned 32-bit big-endian number at `offset`; `offset + 4 <= bytes.length` is the caller's duty. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  const high = ((bytes[offset] ?? 0) << 24) | ((bytes[offset + 1] ?? 0) << 16)
  const low = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0)
  // A signed read would take 0xFFFFFFFF for -1, hence the shift by zero.
  return (high | low) >>> 0
}

/** Writes an unsigned 32-bit big-endian number, 0 <= value < 2^32, at `offset`. */
export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}
