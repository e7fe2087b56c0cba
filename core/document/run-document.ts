import type { P2pError } from "../base/errors.js"
import type { DocumentStore } from "../store/document-store.js"
import { type SwarmEffect, wantedBytes } from "../swarm/index.js"
import { MetadataServer } from "../transfer/metadata-server.js"
import type { SwarmRunner } from "../transfer/swarm-runner.js"
import type { ClientResources } from "./client-resources.js"
import type { DescribedDocument } from "./described-document.js"
import type { RunningPhase } from "./document-phase.js"
import { joinSwarm } from "./join-swarm.js"
import { metadataOf } from "./metadata-of.js"

type SwarmNote = Extract<SwarmEffect, { readonly type: "note" }>

export interface RunHooks {
  readonly store: DocumentStore
  isSafe(): boolean
  onCompleted(): void
  onStoreFailed(error: P2pError): void
}

/** Joins a document's swarm with what its store holds, beginning with the peers that were met last time. */
export function runDocument(
  document: DescribedDocument,
  resources: ClientResources,
  { store, isSafe, onCompleted, onStoreFailed }: RunHooks,
): RunningPhase {
  const { torrent, lengths, infoHash, preSharedKey, tracker } = document
  const member = {
    ...{ torrent, lengths, infoHash, preSharedKey, tracker, store, isSafe, onCompleted, onStoreFailed },
    metadata: new MetadataServer(metadataOf(document, resources), { ...resources, upLimit: document.upLimit }),
    onNote: ({ level, name, message, address: peer, facts }: SwarmNote) =>
      document.event(level, name, message, { ...(peer !== undefined && { peer }), ...(facts && { facts }) }),
    onRegisteredAgain: () =>
      document.event("info", "registered_again", "this document was registered with the tracker again"),
  }
  const limits = { upLimit: document.upLimit, downLimit: document.downLimit }
  const { runner, announcer } = joinSwarm(member, { ...resources, ...limits })
  announcer.start()
  const remembered = resources.library.get(document.id)?.peers ?? []
  runner.handle({ type: "peersFound", addresses: remembered, source: "remembered" })
  const leaveMeeting = resources.meeting.join({
    localName: document.localName,
    isOpen: document.preSharedKey === undefined,
    lacksParts: () => wantedBytes(runner.state) > 0,
    onPeers: (addresses, source) => runner.handle({ type: "peersFound", addresses, source }),
  })
  return { type: "running", store, runner, announcer, leaveMeeting }
}

/** Saves the known peers for the next run; a run without any peer keeps the saved ones. */
export function rememberPeers({ id }: DescribedDocument, runner: SwarmRunner, { library }: ClientResources): void {
  const peers = runner.state.book.worthRemembering()
  if (peers.length > 0) library.update(id, { peers })
}
