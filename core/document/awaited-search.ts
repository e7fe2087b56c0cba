import { Announcer } from "../announce/announcer.js"
import { SeedAnnounceBatcher } from "../announce/seed-announce-batcher.js"
import type { TrackerWithStatus } from "../announce/tracker-with-status.js"
import type { ClientEvent } from "../api/events.js"
import { addressesOf, DescriptionRunner } from "../transfer/description-runner.js"
import { LARGE_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { AwaitedDocument } from "./awaited-document.js"
import type { ClientResources } from "./client-resources.js"
import { dialPeer } from "./dial-peer.js"
import { linkPeers } from "./link-peers.js"
import { trackerForLink } from "./trackers-of.js"

interface SearchHooks {
  onFound(info: Uint8Array, peers: readonly string[]): void
  onNote(note: Pick<ClientEvent, "level" | "name" | "message" | "peer" | "facts">): void
}

/** How the peers of a link are found, and its description is fetched from them. Starts and ends as its document says. */
export class AwaitedSearch {
  readonly tracker: TrackerWithStatus
  readonly #document: AwaitedDocument
  readonly #resources: ClientResources
  readonly #hooks: SearchHooks
  #running:
    | { readonly runner: DescriptionRunner; readonly announcer: Announcer; readonly leaveMeeting: () => void }
    | undefined

  constructor(document: AwaitedDocument, resources: ClientResources, hooks: SearchHooks) {
    this.#document = document
    this.#resources = resources
    this.#hooks = hooks
    this.tracker = trackerForLink(document.link, resources)
  }

  get runner(): DescriptionRunner | undefined {
    return this.#running?.runner
  }

  start(): void {
    const { meeting } = this.#resources
    const runner = this.#createRunner()
    const announcer = this.#createAnnouncer(runner)
    const leaveLinked = linkPeers(this.#document.link, this.#resources, (addresses) =>
      runner.peersFound(addresses, "listed"),
    )
    const leavePlaces = meeting.join({
      localName: this.#document.preSharedKey?.localName ?? this.#document.infoHash,
      isOpen: this.#document.link.kind === "open",
      lacksParts: () => true,
      onPeers: (addresses, source) => runner.peersFound(addresses, source),
    })
    const leaveMeeting = () => {
      leaveLinked()
      leavePlaces()
    }
    this.#running = { runner, announcer, leaveMeeting }
    announcer.start()
  }

  tick(): void {
    this.#running?.runner.tick()
    this.#running?.announcer.reconsider()
  }

  announceAgain(): void {
    this.#running?.announcer.announceAgain()
  }

  /** Ends the search for good reason of the user: the tracker hears it. */
  async leave(): Promise<void> {
    const running = this.#end()
    await running?.announcer.stop()
  }

  /** Ends the search because the document begins: it announces itself. */
  stop(): void {
    void this.#end()?.announcer.stop({ silently: true })
  }

  #end() {
    const running = this.#running
    this.#running = undefined
    running?.leaveMeeting()
    running?.runner.close()
    return running
  }

  #createRunner(): DescriptionRunner {
    const { link, infoHash } = this.#document
    const { clock, random, connections, listeningHost, listeningPort, userAgent } = this.#resources
    const runner: DescriptionRunner = new DescriptionRunner({
      ...{ clock, random, connections, listeningHost, listeningPort },
      greeting: { client: userAgent, listeningPort, maxRequests: 500, maxBlockBytes: LARGE_BLOCK_BYTES },
      digest: { algorithm: link.kind === "open" ? "sha1" : "sha256", bytes: infoHash },
      dial: (address, firstTry) => void dialPeer({ address, firstTry }, this.#document, runner, this.#resources),
      onFound: (info) => this.#hooks.onFound(info, addressesOf(runner)),
      onNote: (note) => this.#hooks.onNote(note),
      onChange: () => this.#resources.changed(),
    })
    return runner
  }

  #createAnnouncer(runner: DescriptionRunner): Announcer {
    const { clock, random, tracker, batcher } = this.#resources
    const { id, link } = this.#document
    return new Announcer({
      hash: id,
      tracker: this.tracker,
      batcher: this.tracker === tracker ? batcher : new SeedAnnounceBatcher(this.tracker, clock, random),
      host: {
        transferredBytes: () => ({ uploaded: 0, downloaded: 0 }),
        // Not known yet; more than nothing, so that no tracker takes it for a seed.
        leftBytes: () => Math.max(1, link.sizeBytes ?? 0),
        isStarved: () => runner.sourceCount === 0,
        onPeers: (addresses) => runner.peersFound(addresses, "tracker"),
        onRegisteredAgain: () => undefined,
      },
      ...{ clock, random },
    })
  }
}
