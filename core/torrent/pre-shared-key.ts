import { hkdfSync } from "node:crypto"
import { infoDigest } from "./info-hash.js"
import type { Torrent } from "./torrent-file.js"

/** The proof between the peers of a private document that they have its torrent file (docs/user/private-documents.md). */
export interface PreSharedKey {
  /** Uint8Array, 32 bytes: of TLS. Never leaves this machine. */
  readonly key: Uint8Array
  /** Uint8Array, 16 bytes: makes and knows the identities that travel in the clear (`core/wire/codec/psk-identity.ts`). Never leaves it either. */
  readonly identityKey: Uint8Array
}

const KEY_BYTES = 32
const IDENTITY_KEY_BYTES = 16

/**
 * Derives the keys of a private document by HKDF-SHA256 (RFC 5869): the Secret is the key material, the info digest the salt, a label
 * with the uuid the info. So a torrent file in which anything was changed leads nowhere. Undefined for an open document.
 */
export function preSharedKeyOf(torrent: Torrent): PreSharedKey | undefined {
  const { secret } = torrent
  if (secret === undefined) return undefined
  const salt = infoDigest(torrent)
  // Two independent derivations: the identity key does not reveal the PSK.
  const derive = (purpose: string, byteCount: number) =>
    new Uint8Array(hkdfSync("sha256", secret, salt, labelOf(purpose, torrent.hash), byteCount))
  return { key: derive("tls key", KEY_BYTES), identityKey: derive("tls identity", IDENTITY_KEY_BYTES) }
}

/** True when both are the same, or both documents have none. */
export function isSameKey(one: PreSharedKey | undefined, other: PreSharedKey | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Buffer.compare(one.key, other.key) === 0
}

/** ASCII, a NUL, the uuid as 16 bytes: `purpose` contains no NUL and the rest has one length, so no two labels are the same. */
function labelOf(purpose: string, uuid: string): Uint8Array {
  return Buffer.concat([
    Buffer.from(`p2p-tui private document: ${purpose}\0`),
    Buffer.from(uuid.replaceAll("-", ""), "hex"),
  ])
}
