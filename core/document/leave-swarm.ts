import { P2pError } from "../base/errors.js"
import type { DocumentStore } from "../store/document-store.js"
import type { ClientResources } from "./client-resources.js"
import type { DescribedDocument } from "./described-document.js"
import type { RunningPhase } from "./document-phase.js"
import { rememberPeers } from "./run-document.js"

/**
 * Ends a running swarm and closes its file; `discard` deletes the bytes of an unfinished one. Everything is closed in any case: the error
 * of a failed last checkpoint or deletion is returned. Parts without a checkpoint are marked, so they are hashed at the next opening
 * and none is lost.
 */
export async function leaveSwarm(
  document: DescribedDocument,
  { store, runner, announcer, leaveMeeting }: RunningPhase,
  resources: ClientResources,
  discard: boolean,
): Promise<P2pError | undefined> {
  leaveMeeting()
  const goodbye = announcer.stop()
  rememberPeers(document, runner, resources)
  await runner.close()
  const failure = await closeStore(store, discard)
  resources.spaceClaims.release(document.id)
  await goodbye
  resources.library.update(document.id, { haveCount: store.have.count })
  return failure
}

/** Resolves to what failed. The store is closed in any case. */
export async function closeStore(store: DocumentStore, discard: boolean): Promise<P2pError | undefined> {
  try {
    await (discard && store.isGrowing ? store.discard() : store.close())
    return undefined
  } catch (error) {
    if (error instanceof P2pError) return error
    throw error
  }
}
