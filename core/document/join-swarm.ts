import { Announcer } from "../announce/announcer.js"
import { SeedAnnounceBatcher } from "../announce/seed-announce-batcher.js"
import type { TrackerWithStatus } from "../announce/tracker-with-status.js"
import type { Disk } from "../store/disk.js"
import { bytesMissing, type Lengths } from "../torrent/lengths.js"
import type { PreSharedKey } from "../torrent/pre-shared-key.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { exchangePartners } from "../transfer/exchange-policy.js"
import type { SwarmHost } from "../transfer/swarm-host.js"
import { SwarmRunner } from "../transfer/swarm-runner.js"
import { LARGE_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { ClientResources } from "./client-resources.js"
import { type Dialler, type DialResources, dialPeer } from "./dial-peer.js"

/** Announced as missing while all parts are there and not yet safe on disk: "0" is a promise, on which others may delete their copy. */
const UNSAFE_BYTES = 1

/** What a document provides to its swarm, and the events that it receives. */
export interface SwarmMember
  extends Pick<SwarmHost, "store" | "metadata" | "onCompleted" | "onStoreFailed" | "onNote"> {
  readonly torrent: Torrent
  readonly lengths: Lengths
  readonly infoHash: Uint8Array
  readonly preSharedKey: PreSharedKey | undefined
  readonly tracker: TrackerWithStatus
  /** The document has its own name and survives a power failure; until then it counts as unfinished to the others. */
  isSafe(): boolean
  /** The tracker did not know the document and has registered it again. */
  onRegisteredAgain(): void
}

/** What all swarms of a client share. */
export interface SwarmResources
  extends DialResources,
    Pick<ClientResources, "clock" | "random" | "userAgent" | "listeningPort" | "budget" | "connections">,
    Pick<ClientResources, "tracker" | "batcher" | "changed">,
    Pick<SwarmHost, "upLimit" | "downLimit"> {
  readonly disk: Pick<Disk, "buffers">
}

/** Builds a document's swarm: the runner that transfers parts and the announcer. Neither has started yet. */
export function joinSwarm(
  member: SwarmMember,
  resources: SwarmResources,
): { runner: SwarmRunner; announcer: Announcer } {
  const { torrent, lengths, store } = member
  const { clock, random, budget, connections, upLimit, downLimit, listeningHost, listeningPort } = resources
  const runner: SwarmRunner = new SwarmRunner({
    ...{ lengths, store, clock, random, budget, connections, upLimit, downLimit, listeningHost, listeningPort },
    buffers: resources.disk.buffers,
    selfId: resources.peerId,
    greeting: {
      client: resources.userAgent,
      listeningPort,
      maxRequests: 500,
      maxBlockBytes: LARGE_BLOCK_BYTES,
    },
    exchangePartners: exchangePartners(torrent),
    metadata: member.metadata,
    dial: (address, firstTry) => void dialPeer({ address, firstTry }, member, diallerOf(runner), resources),
    onChange: () => resources.changed(),
    onCompleted: () => member.onCompleted(),
    onStoreFailed: (error) => member.onStoreFailed(error),
    onNote: (note) => member.onNote(note),
  })
  const { state } = runner
  const host = {
    transferredBytes: () => ({ uploaded: state.up.totalBytes, downloaded: state.down.totalBytes }),
    // Also of files that are not wanted here: who has some of a folder is no copy of it.
    leftBytes: () => Math.max(bytesMissing(lengths, state.have), member.isSafe() ? 0 : UNSAFE_BYTES),
    isStarved: () => runner.isStarved,
    onPeers: (addresses: readonly string[]) => runner.handle({ type: "peersFound", addresses, source: "tracker" }),
    onRegisteredAgain: () => member.onRegisteredAgain(),
  }
  const { tracker } = member
  const isShared = tracker === resources.tracker
  const batcher = isShared ? resources.batcher : new SeedAnnounceBatcher(tracker, clock, random)
  return { runner, announcer: new Announcer({ hash: torrent.hash, tracker, batcher, host, clock, random }) }
}

function diallerOf(runner: SwarmRunner): Dialler {
  return {
    closing: runner.closing,
    connected: (connection, source) => runner.connected(connection, source),
    sourceOf: (address) => runner.state.book.get(address)?.source,
    dialFailed: (address, failure) => runner.handle({ type: "dialFailed", address, ...failure }),
    selfFound: (address) => runner.handle({ type: "selfFound", address }),
  }
}
