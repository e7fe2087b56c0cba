import type { TrackerWithStatus } from "../announce/tracker-with-status.js"
import type { MeetingFacts } from "../api/why.js"
import type { Place } from "../life/life.js"
import { handshakeHash } from "../torrent/info-hash.js"
import { createLengths, type Lengths } from "../torrent/lengths.js"
import { type PreSharedKey, preSharedKeyOf } from "../torrent/pre-shared-key.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { DocumentLimit } from "../transfer/rate-limit.js"
import type { ClientResources } from "./client-resources.js"
import { eventsOf, type ReportEvent } from "./document-events.js"
import { shownName } from "./document-name.js"
import { trackerFor } from "./trackers-of.js"
import type { WantedFiles } from "./wanted-files.js"

export interface DocumentOptions {
  readonly torrent: Torrent
  readonly torrentPath: string
  readonly filePath: string
  /** True for a download into `filePath`, false for an existing file. */
  readonly download: boolean
  /** Where it stands before it is opened; by default it is about to be. */
  readonly place?: Place | undefined
  /** Undefined: every file is wanted. */
  readonly wanted?: WantedFiles | undefined
}

/** The constant facts of a document: those of its torrent file, those derived from them, and the paths of its files. */
export class DescribedDocument {
  readonly torrent: Torrent
  readonly id: string
  readonly lengths: Lengths
  /** Files without padding; 1 for a single file. */
  readonly fileCount: number
  /** What peers call it in their handshake: of a private document its info digest. */
  readonly infoHash: Uint8Array
  /** Uint8Array, 20 bytes: what it is called on the local network; undefined: it is not named there. */
  readonly localName: Uint8Array | undefined
  /** Private documents only. */
  readonly preSharedKey: PreSharedKey | undefined
  /** The tracker that lists the document's peers. */
  readonly tracker: TrackerWithStatus
  readonly torrentPath: string
  readonly filePath: string
  /** Fit to show. */
  readonly name: string
  /** Undefined while every file is wanted. */
  protected wantedFiles: WantedFiles | undefined
  /** Of this document, within those of the client. */
  readonly upLimit: DocumentLimit
  readonly downLimit: DocumentLimit
  /** Reports an event of this document. */
  readonly event: ReportEvent
  protected readonly resources: ClientResources

  constructor({ torrent, torrentPath, filePath, wanted }: DocumentOptions, resources: ClientResources) {
    this.torrent = torrent
    this.id = torrent.hash
    this.lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
    this.fileCount = torrent.files?.fileCount ?? 1
    this.infoHash = handshakeHash(torrent)
    const keys = preSharedKeyOf(torrent)
    this.preSharedKey = keys
    // The peers of a private standard torrent come from its tracker only (BEP 27).
    this.localName = torrent.standard?.isPrivate === true ? undefined : (keys?.localName ?? this.infoHash)
    this.tracker = trackerFor(torrent, resources)
    this.torrentPath = torrentPath
    this.filePath = filePath
    this.name = shownName(torrent, filePath)
    this.wantedFiles = wanted
    const { clock, library } = resources
    const limits = library.get(this.id)?.limits
    this.upLimit = new DocumentLimit(clock, limits?.up, resources.upLimit)
    this.downLimit = new DocumentLimit(clock, limits?.down, resources.downLimit)
    this.event = eventsOf(this, resources.onEvent)
    this.resources = resources
  }

  get wanted(): WantedFiles | undefined {
    return this.wantedFiles
  }

  /** Takes a refused selection back, unless another one was made since. */
  unselect(refused: WantedFiles | undefined, before: WantedFiles | undefined): void {
    if (this.wantedFiles !== refused) return
    this.wantedFiles = before
    this.resources.library.update(this.id, { selection: before?.stored })
  }

  /** Where its peers may come from; undefined when it has a tracker. */
  get meetingFacts(): MeetingFacts | undefined {
    if (!this.tracker.isNone) return undefined
    const { listedHosts, isOnLan } = this.resources
    return { listedHosts, lan: isOnLan && this.localName !== undefined, dhtOnly: this.torrent.standard !== undefined }
  }

  /** Limits this document, now and after a restart; undefined: not at all. */
  limit(limits: { readonly up: number | undefined; readonly down: number | undefined }): void {
    this.upLimit.setRate(limits.up)
    this.downLimit.setRate(limits.down)
    this.resources.library.update(this.id, { limits })
  }
}
