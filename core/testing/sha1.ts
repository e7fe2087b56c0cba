import { createHash } from "node:crypto"

/** The SHA-1 of some bytes, 20 bytes. */
export function sha1(bytes: Uint8Array | string): Buffer {
  return createHash("sha1").update(bytes).digest()
}
