import { parseAddress } from "../address/address.js"
import { outgoingHost } from "../address/host.js"
import type { PeerSource } from "../swarm/index.js"
import type { PreSharedKey } from "../torrent/pre-shared-key.js"
import { DialError } from "../wire/calls/dial-error.js"
import type { PeerConnection } from "../wire/connection/connection.js"
import type { ClientResources } from "./client-resources.js"

/** The document to dial for. */
export interface DialledDocument {
  readonly infoHash: Uint8Array
  /** Of a private document: then it is dialled inside TLS only. */
  readonly preSharedKey: PreSharedKey | undefined
  readonly lengths: { readonly partCount: number | undefined }
}

/** The swarm that wants a connection, and hears what became of it. */
export interface Dialler {
  /** Aborted when it wants none any more. */
  readonly closing: AbortSignal
  connected(connection: PeerConnection, source: PeerSource): void
  sourceOf(address: string): PeerSource | undefined
  dialFailed(address: string, failure: { readonly code: string; readonly why: string }): void
  /** The address is this client's own. */
  selfFound(address: string): void
}

/** The resources that a dial needs. */
export type DialResources = Pick<ClientResources, "transport" | "peerId" | "pulse" | "listeningHost" | "onEvent">

/** Dials one address for a document's swarm and brings the outcome to it. */
export async function dialPeer(
  { address: text, firstTry }: { readonly address: string; readonly firstTry: boolean },
  document: DialledDocument,
  runner: Dialler,
  resources: DialResources,
): Promise<void> {
  const address = parseAddress(text)
  if (address === undefined) return runner.dialFailed(text, { code: "no_address", why: "is no address" })
  try {
    const connection = await resources.transport.dial({
      address,
      infoHash: document.infoHash,
      preSharedKey: document.preSharedKey,
      peerId: resources.peerId,
      partCount: document.lengths.partCount,
      pulse: resources.pulse,
      firstTry,
      localAddress: outgoingHost(resources.listeningHost, address.host),
      signal: runner.closing,
    })
    runner.connected(connection, runner.sourceOf(text) ?? "tracker")
  } catch (error) {
    if (!(error instanceof DialError)) throw error
    if (error.code === "self") runner.selfFound(text)
    else if (!runner.closing.aborted) {
      const facts = { code: error.code }
      resources.onEvent({ level: "debug", name: "dial_failed", message: error.message, peer: text, facts })
      runner.dialFailed(text, { why: error.message, code: error.code })
    }
  }
}
