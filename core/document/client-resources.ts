import type { LimitFunction } from "p-limit"
import type { SeedAnnounceBatcher } from "../announce/seed-announce-batcher.js"
import type { TrackerClient } from "../announce/tracker-client.js"
import type { TrackerWithStatus } from "../announce/tracker-with-status.js"
import type { EventListener } from "../api/events.js"
import type { Limits } from "../api/snapshot.js"
import type { Clock, Random } from "../base/clock.js"
import type { Library } from "../library/library.js"
import type { TorrentCopies } from "../library/torrent-copies.js"
import type { LookupName } from "../meeting/listed-hosts.js"
import type { MeetingPlace } from "../meeting/meeting.js"
import type { Disk } from "../store/disk.js"
import type { DraftNotes } from "../store/draft-notes.js"
import type { ConnectionBudget, PartBudget } from "../swarm/index.js"
import type { TokenBucket } from "../transfer/token-bucket.js"
import type { Transport } from "../wire/calls/transport.js"
import type { Pulse } from "../wire/connection/pulse.js"
import type { Document } from "./document.js"
import type { InfoCache } from "./info-cache.js"
import type { SpaceClaims } from "./space-claims.js"

/** What all documents of a client share. Everything in it is bounded for the client as a whole. */
export interface ClientResources {
  readonly clock: Clock
  readonly random: Random
  /** Uint8Array, 20 bytes: ours, for this run. */
  readonly peerId: Uint8Array
  readonly userAgent: string
  /** From the config, or the announced address there: may be the unspecified address. */
  readonly listeningHost: string
  /** Set when the config names where others reach this client. */
  readonly announcedHost: string | undefined
  /** The port at which others reach us: the actual one, unless the config names another. */
  readonly listeningPort: number
  readonly disk: Disk
  readonly spaceClaims: SpaceClaims
  readonly budget: PartBudget
  readonly connections: ConnectionBudget
  readonly upLimit: TokenBucket
  /** Of info dictionaries that are sent to peers. */
  readonly metadataLimit: TokenBucket
  readonly infoCache: InfoCache
  readonly downLimit: TokenBucket
  /** As the config has them. */
  readonly configLimits: Partial<Limits>
  readonly pulse: Pulse
  readonly transport: Transport
  readonly tracker: TrackerWithStatus
  /** The same trackers, those of the config, without their state; undefined where it names none. */
  readonly trackerClient: TrackerClient | undefined
  /** Base URLs of the config's trackers. */
  readonly trackerUrls: readonly string[]
  /**
   * Starts the tracker of a client that has none until it uploads; resolves to its port, or to undefined where there is none. `port`: where
   * it was in an earlier run.
   */
  readonly trackerForUploads: (port?: number) => Promise<number | undefined>
  /** Where peers are found without a tracker. */
  readonly meeting: MeetingPlace
  /** Looks up the host names of links. */
  readonly lookup: LookupName
  /** Hosts and names of the config. */
  readonly listedHosts: number
  /** Documents are looked for on the local network. */
  readonly isOnLan: boolean
  /** Announces all finished documents to that tracker together. */
  readonly batcher: SeedAnnounceBatcher
  /** Holds back requests to the trackers of standard .torrent files: a thousand documents that begin at once are no thousand sockets. */
  readonly foreignRequests: LimitFunction
  readonly library: Library
  /** Absolute path of this client's persistent state. */
  readonly stateFolder: string
  readonly copies: TorrentCopies
  /** For files written to paths of the user. */
  readonly drafts: DraftNotes
  /** Guarantees that file systems of downloads lack: each is reported once. */
  readonly reportedWeaknesses: Set<string>
  /** All of this client, as they are now. */
  readonly documents: () => Iterable<Document>
  readonly onEvent: EventListener
  /** Something that a snapshot shows has changed. */
  changed(): void
}
