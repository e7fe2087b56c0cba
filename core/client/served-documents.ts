import type { PeerSource } from "../swarm/index.js"
import type { PreSharedKey } from "../torrent/pre-shared-key.js"
import type { AcceptedDocument, PrivateDocument } from "../wire/calls/incoming-handshake.js"
import type { IdentityFinder } from "../wire/codec/psk-identity.js"
import type { PeerConnection } from "../wire/connection/connection.js"

/** A document that a caller is let in to, and the swarm that takes it. */
export interface ServedDocument extends AcceptedDocument {
  readonly runner: Receiver
}

interface Receiver {
  connected(connection: PeerConnection, source: PeerSource): void
}

/** A document that takes callers while it has a swarm: described, or known by its link. */
export interface Reachable {
  readonly runner: Receiver | undefined
  readonly infoHash: Uint8Array
  readonly preSharedKey: PreSharedKey | undefined
  readonly lengths: { readonly partCount: number | undefined }
}

/** The running open document of an info hash (20 bytes). A private one is never found so: in plain it does not exist. */
export function servedInPlain(documents: Iterable<Reachable>, wanted: Uint8Array): ServedDocument | undefined {
  for (const { runner, preSharedKey, infoHash, lengths } of documents)
    if (runner !== undefined && preSharedKey === undefined && Buffer.compare(infoHash, wanted) === 0)
      return { runner, partCount: lengths.partCount }
  return undefined
}

/** The running private document of a PSK identity that was not used before. */
export function servedInTls(
  documents: Iterable<Reachable>,
  identity: string,
  finder: IdentityFinder,
): (ServedDocument & PrivateDocument) | undefined {
  return finder.find(identity, privateOnes(documents))
}

function* privateOnes(documents: Iterable<Reachable>) {
  for (const { runner, preSharedKey, infoHash, lengths } of documents)
    if (runner !== undefined && preSharedKey !== undefined)
      yield { runner, infoHash, ...preSharedKey, partCount: lengths.partCount }
}
