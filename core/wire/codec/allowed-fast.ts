import { createHash } from "node:crypto"
import { readUint32 } from "./uint32.js"

/** Parts in an allowed-fast set (BEP 6: "k", its own value is 10). */
export const ALLOWED_FAST_COUNT = 10

/**
 * The parts that a peer at `host` may be served while it is choked, by BEP 6's algorithm: the same for every client that computes it and
 * for the whole /24, so that a peer gains nothing by returning from another port or a nearby address. BEP 6 defines it for IPv4 only;
 * for other hosts it is empty. `host` in normal form, `infoHash` 20 bytes; 0-based indices, at most `count`.
 */
export function allowedFastSet(
  host: string,
  infoHash: Uint8Array,
  partCount: number,
  count = ALLOWED_FAST_COUNT,
): readonly number[] {
  if (host.includes(":")) return []
  const network = [...host.split(".").slice(0, 3).map(Number), 0]
  const parts = new Set<number>()
  let digest: Uint8Array = Uint8Array.from([...network, ...infoHash])
  while (parts.size < Math.min(count, partCount)) {
    digest = createHash("sha1").update(digest).digest()
    for (let offset = 0; offset < digest.length && parts.size < count; offset += 4)
      parts.add(readUint32(digest, offset) % partCount)
  }
  return [...parts]
}
