import type { KnownPeerSnapshot, PeerReason } from "../../core/index.js"

/** Why a peer is not connected, or no source, as a clause to put after its address: "refused the connection". */
export function peerWords(why: PeerReason): string {
  switch (why.code) {
    case "not_tried":
      return "not tried yet"
    case "dialing":
      return "being dialled"
    case "paused":
      return "paused"
    case "seed_too":
      return "has everything too"
    case "banned":
      return `banned: part ${why.part} and ${why.earlierParts} before it failed their check`
    case "wrong_description":
      return "banned: sent a wrong description of the document"
    case "failed":
      return why.error.message
    case "refuses":
      return "refuses it"
    case "bad_parts":
      return "sent wrong bytes for it"
    default:
      return why satisfies never
  }
}

/** "refused the connection, again in 12 s". */
export function knownPeerWords({ why, retryAtMs }: KnownPeerSnapshot, nowMs: number): string {
  // When that is looked at again does not matter to anybody.
  if (why.code === "seed_too") return peerWords(why)
  const waitSeconds = retryAtMs === undefined ? 0 : Math.ceil((retryAtMs - nowMs) / 1_000)
  return waitSeconds > 0 ? `${peerWords(why)}, again in ${waitSeconds} s` : peerWords(why)
}
