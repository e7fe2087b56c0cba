import pLimit from "p-limit"
import { formatAddress } from "../address/address.js"
import { SeedAnnounceBatcher } from "../announce/seed-announce-batcher.js"
import type { Client, ClientOptions } from "../api/client-api.js"
import type { ClientEvent, EventListener } from "../api/events.js"
import { displayMessage } from "../base/display.js"
import { throwBugs } from "../base/until-aborted.js"
import type { ClientResources } from "../document/client-resources.js"
import { InfoCache } from "../document/info-cache.js"
import { SpaceClaims } from "../document/space-claims.js"
import { Library } from "../library/library.js"
import type { StoredLimits } from "../library/library-file.js"
import { type TakenFolder, takeFolder } from "../library/take-folder.js"
import { TorrentCopies } from "../library/torrent-copies.js"
import { DraftNotes } from "../store/draft-notes.js"
import { ConnectionBudget, PartBudget } from "../swarm/index.js"
import { Heartbeat, PULSE_MS, TICK_MS } from "../transfer/heartbeat.js"
import { METADATA_BYTES_PER_SECOND } from "../transfer/metadata-server.js"
import { TokenBucket } from "../transfer/token-bucket.js"
import type { PeerListener } from "../wire/calls/listener.js"
import { createPeerId, PEER_ID_RANDOM_BYTES } from "../wire/codec/peer-id.js"
import { IdentityFinder } from "../wire/codec/psk-identity.js"
import { Pulse } from "../wire/connection/pulse.js"
import { DocumentClient } from "./client.js"
import { Closing } from "./closing.js"
import { listenWhereFree } from "./listen-where-free.js"
import { meetingOf } from "./meeting-of.js"
import { type Seams, systemSeams } from "./seams.js"
import { servedInPlain, servedInTls } from "./served-documents.js"
import { needTicks, tickAll } from "./ticks.js"
import { TrackerLine } from "./tracker-line.js"
import { UploadTracker } from "./upload-tracker.js"

/**
 * Bytes of parts in flight over all documents: the loss in a crash, with the contents of sockets at most 16 MiB (more from far peers, see PartBudget). Enough for full speed on
 * loopback (measured: 16 MiB are no faster).
 */
const PART_BUDGET_BYTES = 10 * 1024 * 1024

const PROBABLY_MSE = "it probably wants an encrypted connection (MSE), which is not spoken here"

/** Requests to trackers of .torrent files at a time, over all documents. Our choice: far below the descriptors of a process. */
const FOREIGN_REQUESTS_AT_ONCE = 64

/**
 * Opens a client: locks its folder unless the caller has done so (`folder`), listens for peers, restores its documents and adds those
 * found in the folder. Closing the client releases the folder, and so does a failure here. `seams`: replaced by tests.
 * @throws ConfigError when the folder can't be used or the port can't be listened on; CommandError "in_use" when another client
 * uses the same folder.
 */
export async function openClient(
  options: ClientOptions,
  folder?: TakenFolder,
  seams: Partial<Seams> = {},
): Promise<Client> {
  const taken = folder ?? (await takeFolder(options))
  const closing = new Closing()
  closing.defer(() => taken.release())
  try {
    return await new Assembly(options, taken, { ...systemSeams, ...seams }, closing).assemble()
  } catch (error) {
    // What failed first is what counts.
    await closing.close().catch(throwBugs)
    throw error
  }
}

/** Assembles a client. Resources are closed by `closing`, in reverse order. */
class Assembly {
  readonly #options: ClientOptions
  readonly #folder: TakenFolder
  readonly #seams: Seams
  readonly #closing: Closing
  readonly #onEvent: EventListener
  readonly #changeListeners = new Set<() => void>()
  readonly #notifyListeners = coalesced(
    (tell) => this.#seams.clock.soon(tell),
    () => {
      for (const listen of this.#changeListeners) listen()
    },
  )
  readonly #deadlines: Heartbeat
  readonly #pulse: Pulse
  readonly #ticks: Heartbeat
  readonly #peerId: Uint8Array
  #client: DocumentClient | undefined

  constructor(options: ClientOptions, folder: TakenFolder, seams: Seams, closing: Closing) {
    this.#options = options
    this.#folder = folder
    this.#seams = seams
    this.#closing = closing
    this.#onEvent = (event: ClientEvent) => options.onEvent?.({ ...event, message: displayMessage(event.message) })
    const { clock } = seams
    this.#pulse = new Pulse(clock, () => this.#deadlines.wake())
    this.#deadlines = new Heartbeat(
      clock,
      PULSE_MS,
      () => this.#pulse.tick(),
      () => this.#pulse.watchCount > 0,
    )
    this.#ticks = new Heartbeat(
      clock,
      TICK_MS,
      () => tickAll(this.#client?.reachable() ?? []),
      () => needTicks(this.#client?.reachable() ?? []),
    )
    this.#peerId = createPeerId(seams.randomBytes(PEER_ID_RANDOM_BYTES))
  }

  async assemble(): Promise<Client> {
    const { serviceFolder } = this.#options
    this.#closing.defer(() => this.#deadlines.close())
    const library = new Library(this.#folder, this.#onEvent, serviceFolder, this.#seams.clock)
    await library.load()
    this.#stopWhenLost(library)
    const listener = await listenWhereFree(this.#options.listen, library, (at) => this.#listenAt(at))
    const listening = { host: listener.host, port: listener.port }
    this.#closing.defer(() => listener.close())
    this.#closing.defer(() => this.#ticks.close())
    const resources = this.#resources(library, listening.port)
    await Promise.all([resources.drafts.dropLeftovers(), resources.copies.find()])
    const client = new DocumentClient({
      ...{ resources, serviceFolder, listening },
      ...{ changeListeners: this.#changeListeners, closing: this.#closing },
    })
    this.#client = client
    this.#closing.defer(() => resources.disk.close())
    this.#closing.defer(() => resources.infoCache.close())
    this.#closing.defer(() => resources.copies.close())
    for (const limit of ["metadataLimit", "upLimit", "downLimit"] as const)
      this.#closing.defer(() => resources[limit].close())
    this.#closing.defer(async () => resources.meeting.close())
    this.#closing.defer(() => client.closeDocuments())
    const message = `listening for peers on ${formatAddress(listening)}`
    this.#onEvent({ level: "info", name: "listening", message })
    if (this.#options.watch === true) await client.watchService()
    await client.loadDocuments()
    return client
  }

  /** Two clients that write one list would each remove the entries of the other. Reported once this one has stopped. */
  #stopWhenLost(library: Library): void {
    const { lost, stateFolder } = this.#folder
    lost.addEventListener("abort", async () => {
      await library.still()
      const message = `${lost.reason.message}; leave this client: what it does in ${stateFolder} is not remembered`
      this.#onEvent({ level: "error", name: "lock_lost", message })
    })
  }

  #listenAt(listen: { readonly host: string; readonly port: number }): Promise<PeerListener> {
    const identities = new IdentityFinder()
    const onEvent = this.#onEvent
    return this.#seams.transport.listen({
      ...listen,
      peerId: this.#peerId,
      pulse: this.#pulse,
      lookup: (infoHash) => servedInPlain(this.#client?.reachable() ?? [], infoHash),
      lookupPrivate: (identity) => servedInTls(this.#client?.reachable() ?? [], identity, identities),
      onConnection: (connection, { runner }) => runner.connected(connection, "incoming"),
      onRefused: (remote, refusal) => {
        const peer = formatAddress(remote)
        const message = `turned away: ${refusal === "probably_mse" ? PROBABLY_MSE : refusal}`
        onEvent({ level: "debug", name: "caller_refused", message, peer, facts: { code: refusal } })
      },
      onProblem: (error) =>
        onEvent({ level: "warn", name: "accept_failed", message: `peers can't be accepted: ${error.message}` }),
    })
  }

  #resources(library: Library, listenedPort: number): ClientResources {
    const { announce, listen, limits, userAgent = "p2p-tui" } = this.#options
    const { clock, random, createDisk, transport } = this.#seams
    const listeningHost = announce?.host ?? listen.host
    const listeningPort = announce?.port ?? listenedPort
    const disk = createDisk({ clock })
    const onEvent = this.#onEvent
    const onChange = () => this.#changed()
    const line = new TrackerLine({
      ...this.#options,
      listeningHost,
      listeningPort,
      userAgent,
      clock,
      onEvent,
      onChange,
    })
    const { tracker } = line
    const uploadTracker = this.#uploadTracker(line)
    return {
      ...{ clock, random, transport, userAgent, listeningHost, listeningPort, library, tracker, onEvent },
      get trackerClient() {
        return line.client
      },
      get trackerUrls() {
        return line.urls
      },
      trackerForUploads: (port) => uploadTracker.ready(port),
      peerId: this.#peerId,
      announcedHost: announce?.host,
      disk,
      spaceClaims: new SpaceClaims(disk.calls),
      budget: new PartBudget(PART_BUDGET_BYTES),
      connections: new ConnectionBudget(),
      upLimit: new TokenBucket(clock, rateAtStart(library.limits.up, limits?.upBytesPerSecond)),
      metadataLimit: new TokenBucket(clock, METADATA_BYTES_PER_SECOND),
      infoCache: new InfoCache(clock),
      downLimit: new TokenBucket(clock, rateAtStart(library.limits.down, limits?.downBytesPerSecond)),
      configLimits: limits ?? {},
      pulse: this.#pulse,
      batcher: new SeedAnnounceBatcher(tracker, clock, random),
      ...meetingOf(this.#options, { listeningHost, listeningPort, listenedPort, onEvent }, this.#seams),
      lookup: this.#seams.lookup,
      foreignRequests: pLimit(FOREIGN_REQUESTS_AT_ONCE),
      stateFolder: this.#folder.stateFolder,
      copies: new TorrentCopies(this.#folder, this.#onEvent),
      drafts: new DraftNotes(this.#folder.stateFolder, this.#options.serviceFolder),
      reportedWeaknesses: new Set(),
      documents: () => this.#client?.documents ?? [],
      changed: onChange,
    }
  }

  #uploadTracker(line: TrackerLine): UploadTracker {
    return new UploadTracker({
      start: this.#options.startTracker,
      onStarted: (access) => {
        line.adopt(access)
        this.#client?.announceAgain()
      },
    })
  }

  #changed(): void {
    this.#client?.forgetSnapshot()
    this.#ticks.wake()
    this.#notifyListeners()
  }
}

/** The limit that a command has set, as long as the config has not changed since. */
function rateAtStart(stored: StoredLimits["up"], config: number | undefined): number | undefined {
  return stored !== undefined && stored.config === (config ?? null) ? (stored.rate ?? undefined) : config
}

/** Many calls in one turn of the event loop become one. */
function coalesced(later: (act: () => void) => void, run: () => void): () => void {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    later(() => {
      waiting = false
      run()
    })
  }
}
