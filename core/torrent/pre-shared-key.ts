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

/** All that is derived for the members of a private document. */
export interface MemberKeys extends PreSharedKey {
  /** Uint8Array, 20 bytes: what the document is called on the local network (BEP 14), which says nothing to others. */
  readonly localName: Uint8Array
}

const KEY_BYTES = 32
const IDENTITY_KEY_BYTES = 16
const LOCAL_NAME_BYTES = 20

/**
 * Derives the keys of a private document by HKDF-SHA256 (RFC 5869): the Secret is the key material, the info digest the salt, a label
 * with the uuid the info. So a torrent file in which anything was changed leads nowhere. Undefined for an open document.
 */
export function preSharedKeyOf(torrent: Torrent): MemberKeys | undefined {
  const { secret } = torrent
  return secret && memberKeysOf({ secret, infoDigest: infoDigest(torrent), uuid: torrent.hash })
}

/** The same from what a link holds. */
export function memberKeysOf(member: Membership): MemberKeys {
  // Independent derivations: the identity key does not reveal the PSK.
  return {
    key: derive(member, "tls key", KEY_BYTES),
    identityKey: derive(member, "tls identity", IDENTITY_KEY_BYTES),
    localName: derive(member, "local network", LOCAL_NAME_BYTES),
  }
}

/** What a member knows: by its torrent file, or by its link. */
export interface Membership {
  readonly secret: Uint8Array
  readonly infoDigest: Uint8Array
  readonly uuid: string
}

function derive({ secret, infoDigest, uuid }: Membership, purpose: string, byteCount: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, infoDigest, labelOf(purpose, uuid), byteCount))
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
