/** SHA-1, as BEP 3 has it. */
export const DIGEST_BYTES = 20

/** A view of the digest of part `partIndex` in a row of digests; shorter than 20 bytes when the row ends before. */
export function digestAt(digests: Uint8Array, partIndex: number): Uint8Array {
  return digests.subarray(partIndex * DIGEST_BYTES, (partIndex + 1) * DIGEST_BYTES)
}
