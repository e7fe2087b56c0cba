import { StoreError } from "../base/errors.js"
import type { DocumentStore } from "../store/document-store.js"
import type { Block, PeerKey } from "../swarm/index.js"
import type { PeerLink } from "./peer-link.js"
import type { RateLimit } from "./rate-limit.js"

/** Source of the blocks to serve and receiver of the outcomes. */
export interface BlockServerHost {
  readonly store: Pick<DocumentStore, "read">
  readonly upLimit: RateLimit
  /** The peer's connection, while it has one. */
  linkOf(peer: PeerKey): PeerLink | undefined
  /** The block is on the wire, or (not `ok`) will never be. */
  onSent(peer: PeerKey, block: Block, ok: boolean): void
  onReadFailed(partIndex: number, error: StoreError): void
}

/** Reads the blocks that peers are owed from disk, as fast as the upload limit lets it, and hands them to their sockets. */
export class BlockServer {
  readonly #host: BlockServerHost

  constructor(host: BlockServerHost) {
    this.#host = host
  }

  /** Answers with `onSent` in time. */
  serve(peer: PeerKey, block: Block): void {
    this.#host.upLimit.spend(this, block.length, () => void this.#readAndSend(peer, block))
  }

  async #readAndSend(peer: PeerKey, block: Block): Promise<void> {
    const { store, upLimit } = this.#host
    const sent = (ok: boolean) => this.#host.onSent(peer, block, ok)
    if (this.#host.linkOf(peer) === undefined) {
      // A peer that requests and disconnects would otherwise use up the limit of the remaining peers.
      upLimit.giveBack(block.length)
      return sent(false)
    }
    try {
      const { bytes, release } = await store.read(block.index, block.begin, block.length)
      const link = this.#host.linkOf(peer)
      if (link === undefined) {
        release()
        return sent(false)
      }
      link.sendBlock(block, bytes, () => {
        release()
        sent(true)
      })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      sent(false)
      this.#host.onReadFailed(block.index, error)
    }
  }
}
