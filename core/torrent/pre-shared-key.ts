import { createHash, hkdfSync } from "node:crypto"
import type { Torrent } from "./torrent-file.js"

/** What the peers of a private document prove to each other that they have its torrent file (design.md, "Private and open"). */
export interface PreSharedKey {
  /** 32 lower-case hex digits. Travels in the clear at the beginning of a connection (RFC 8446, 4.2.11), and tells nothing. */
  readonly identity: string
  /** Uint8Array, 32 bytes. Never leaves this machine. */
  readonly key: Uint8Array
}

/** Domain of all that is derived here (HKDF's salt, RFC 5869): another use or version of a Secret gives other keys. */
const DOMAIN = "p2p-tui private document v1"

const KEY_BYTES = 32
const IDENTITY_BYTES = 16

/**
 * Derives the TLS key of a private document by HKDF-SHA256 from its Secret and all that says which bytes it stands for: a torrent
 * file in which anything else was changed leads nowhere. Undefined for an open document.
 */
export function preSharedKeyOf(torrent: Torrent): PreSharedKey | undefined {
  const { secret } = torrent
  if (secret === undefined) return undefined
  const description = describeDocument(torrent)
  // Two derivations that know nothing of each other: whoever sees the identity learns nothing of the key.
  const identity = derive(secret, "identity", description, IDENTITY_BYTES)
  return { identity: Buffer.from(identity).toString("hex"), key: derive(secret, "key", description, KEY_BYTES) }
}

/** Uuid (16 bytes), Size and PartSize (8 each, big-endian), SHA-256 of the raw part digests (32): no two documents share it. */
function describeDocument({ hash, sizeBytes, partSizeBytes, partDigests }: Torrent): Uint8Array {
  const sizes = Buffer.alloc(16)
  sizes.writeBigUInt64BE(BigInt(sizeBytes), 0)
  sizes.writeBigUInt64BE(BigInt(partSizeBytes), 8)
  const uuid = Buffer.from(hash.replaceAll("-", ""), "hex")
  return Buffer.concat([uuid, sizes, createHash("sha256").update(partDigests).digest()])
}

/** `purpose` ends at the NUL, which it does not contain, and the description has one length: no two infos are the same. */
function derive(secret: Uint8Array, purpose: string, description: Uint8Array, byteCount: number): Uint8Array {
  const info = Buffer.concat([Buffer.from(`${purpose}\0`), description])
  return new Uint8Array(hkdfSync("sha256", secret, DOMAIN, info, byteCount))
}
