/** Our choice: small parts come soon and cost little when they fail, and 2,000 digests are 100 kB of JSON. */
const MIN_PART_SIZE_BYTES = 256 * 1024
const MAX_NEW_PART_SIZE_BYTES = 16 * 1024 * 1024
const AIMED_PART_COUNT = 2000

/** Part size of a new torrent: the power of two in [256 KiB, 16 MiB] that gives at most about 2,000 parts. */
export function choosePartSize(sizeBytes: number): number {
  let partSizeBytes = MIN_PART_SIZE_BYTES
  while (partSizeBytes < MAX_NEW_PART_SIZE_BYTES && sizeBytes > partSizeBytes * AIMED_PART_COUNT) partSizeBytes *= 2
  return partSizeBytes
}
