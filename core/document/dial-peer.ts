import { parseAddress } from "../address/address.js"
import { outgoingHost } from "../address/host.js"
import type { PreSharedKey } from "../torrent/pre-shared-key.js"
import type { SwarmRunner } from "../transfer/swarm-runner.js"
import { DialError } from "../wire/calls/dial-error.js"
import type { ClientResources } from "./client-resources.js"

/** The document to dial for. */
export interface DialledDocument {
  readonly infoHash: Uint8Array
  /** Of a private document: then it is dialled inside TLS only. */
  readonly preSharedKey: PreSharedKey | undefined
  readonly lengths: { readonly partCount: number }
}

/** The resources that a dial needs. */
export type DialResources = Pick<ClientResources, "transport" | "peerId" | "pulse" | "listeningHost" | "onEvent">

/** Dials one address for a document's swarm and brings the outcome to it. */
export async function dialPeer(
  { address: text, firstTry }: { readonly address: string; readonly firstTry: boolean },
  document: DialledDocument,
  runner: SwarmRunner,
  resources: DialResources,
): Promise<void> {
  const address = parseAddress(text)
  if (address === undefined)
    return runner.handle({ type: "dialFailed", address: text, code: "no_address", why: "is no address" })
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
    runner.connected(connection, runner.state.book.get(text)?.source ?? "tracker")
  } catch (error) {
    if (!(error instanceof DialError)) throw error
    if (error.code === "self") runner.handle({ type: "selfFound", address: text })
    else if (!runner.closing.aborted) {
      const facts = { code: error.code }
      resources.onEvent({ level: "debug", name: "dial_failed", message: error.message, peer: text, facts })
      runner.handle({ type: "dialFailed", address: text, why: error.message, code: error.code })
    }
  }
}
