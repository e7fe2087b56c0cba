import type { Document } from "../document/document.js"
import type { SwarmRunner } from "../transfer/swarm-runner.js"
import type { AcceptedDocument, PrivateDocument } from "../wire/calls/incoming-handshake.js"
import type { IdentityFinder } from "../wire/codec/psk-identity.js"

/** A document that a caller is let in to, and the swarm that takes it. */
export interface ServedDocument extends AcceptedDocument {
  readonly runner: SwarmRunner
}

/** The running open document of an info hash (20 bytes). A private one is never found so: in plain it does not exist. */
export function servedInPlain(documents: Iterable<Document>, wanted: Uint8Array): ServedDocument | undefined {
  for (const { runner, preSharedKey, infoHash, lengths } of documents)
    if (runner !== undefined && preSharedKey === undefined && Buffer.compare(infoHash, wanted) === 0)
      return { runner, partCount: lengths.partCount }
  return undefined
}

/** The running private document of a PSK identity that was not used before. */
export function servedInTls(
  documents: Iterable<Document>,
  identity: string,
  finder: IdentityFinder,
): (ServedDocument & PrivateDocument) | undefined {
  return finder.find(identity, privateOnes(documents))
}

function* privateOnes(documents: Iterable<Document>) {
  for (const { runner, preSharedKey, infoHash, lengths } of documents)
    if (runner !== undefined && preSharedKey !== undefined)
      yield { runner, infoHash, ...preSharedKey, partCount: lengths.partCount }
}
