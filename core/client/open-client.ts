import { randomBytes } from "node:crypto"
import pLimit from "p-limit"
import { createTrackerClient } from "../announce/tracker-client.js"
import { createTrackerList } from "../announce/tracker-list.js"
import { systemClock, systemTimers } from "../clock.js"
import { displayMessage } from "../display.js"
import { ConfigError } from "../errors.js"
import { createDisk } from "../store/disk.js"
import { ConnectionBudget, PartBudget } from "../swarm/index.js"
import { formatAddress } from "../wire/address.js"
import { createPeerListener } from "../wire/listener.js"
import { createPeerId, PEER_ID_RANDOM_BYTES } from "../wire/peer-id.js"
import { IdentityFinder } from "../wire/psk-identity.js"
import { Pulse } from "../wire/pulse.js"
import { DocumentClient } from "./client.js"
import type { Client, ClientOptions } from "./client-api.js"
import { Closing } from "./closing.js"
import type { ClientEvent } from "./events.js"
import { Heartbeat } from "./heartbeat.js"
import { Library } from "./library.js"
import { SeedRounds } from "./seed-rounds.js"
import { servedInPlain, servedInTls } from "./served-documents.js"
import { SpaceClaims } from "./space-claims.js"
import { type TakenFolder, takeFolder } from "./take-folder.js"
import { TokenBucket } from "./token-bucket.js"
import { TorrentCopies } from "./torrent-copies.js"
import { TrackerLine } from "./tracker-line.js"
import { throwBugs } from "./until-aborted.js"
import type { Workshop } from "./workshop.js"

/**
 * Bytes of parts in flight over all documents: what a crash may cost, with what lies in sockets at most 16 MiB. Enough for full speed on
 * loopback (measured: 16 MiB are no faster).
 */
const PART_BUDGET_BYTES = 10 * 1024 * 1024

/** Requests to trackers of .torrent files at a time, over all documents. Our choice: far below the descriptors of a process. */
const FOREIGN_REQUESTS_AT_ONCE = 64

/** How often rates are sampled and time-outs looked at while something moves or is wanted; at rest never. */
const TICK_MS = 250

/** How often connections look at their deadlines; without connections never. */
const PULSE_MS = 1_000

/**
 * Opens a client: takes its folder unless the caller has (`folder`), listens for peers, and takes up every document it knows or finds
 * there. Closing the client releases the folder, and so does a failure here.
 * @throws ConfigError when the folder can't be used or the port can't be listened on; CommandError "in_use" when another client
 * works on the same folder.
 */
export async function openClient(options: ClientOptions, folder?: TakenFolder): Promise<Client> {
  const taken = folder ?? (await takeFolder(options))
  const closing = new Closing()
  closing.defer(() => taken.release())
  try {
    return await assemble(options, taken.stateFolder, closing)
  } catch (error) {
    // What failed first is what counts.
    await closing.close().catch(throwBugs)
    throw error
  }
}

async function assemble(options: ClientOptions, stateFolder: string, closing: Closing): Promise<Client> {
  if (options.trackers.length === 0) throw new ConfigError("no_tracker", "at least one tracker is needed")
  const clock = systemClock
  const onEvent = (event: ClientEvent) => options.onEvent?.({ ...event, message: displayMessage(event.message) })
  const pulse: Pulse = new Pulse(clock, () => deadlines.wake())
  const deadlines = new Heartbeat(
    PULSE_MS,
    () => pulse.tick(),
    () => pulse.watchCount > 0,
  )
  closing.defer(() => deadlines.close())
  const peerId = createPeerId(randomBytes(PEER_ID_RANDOM_BYTES))
  const changeListeners = new Set<() => void>()
  const library = new Library(stateFolder, onEvent, options.serviceFolder)
  await library.load()
  let client: DocumentClient | undefined
  const ticks = new Heartbeat(
    TICK_MS,
    () => client?.tick(),
    () => client?.isActive === true,
  )
  const identities = new IdentityFinder()
  const listener = await createPeerListener({
    ...options.listen,
    peerId,
    pulse,
    lookup: (infoHash) => servedInPlain(client?.documents ?? [], infoHash),
    lookupPrivate: (identity) => servedInTls(client?.documents ?? [], identity, identities),
    onConnection: (connection, { runner }) => runner.connected(connection, "incoming"),
    onRefused: (remote, refusal) =>
      onEvent({
        level: "debug",
        name: "caller_refused",
        message: `turned away: ${refusal}`,
        peer: formatAddress(remote),
      }),
    onProblem: (error) =>
      onEvent({ level: "warn", name: "accept_failed", message: `peers can't be accepted: ${error.message}` }),
  })
  closing.defer(() => listener.close())
  closing.defer(() => ticks.close())
  const tellListeners = coalesced(() => {
    for (const listen of changeListeners) listen()
  })
  const changed = () => {
    client?.forgetSnapshot()
    ticks.wake()
    tellListeners()
  }
  const announced = { host: options.announce?.host, port: options.announce?.port ?? listener.port }
  const userAgent = options.userAgent ?? "p2p-tui"
  const trackers = options.trackers.map((tracker) =>
    createTrackerClient({ ...(typeof tracker === "string" ? { url: tracker } : tracker), userAgent }),
  )
  const tracker = new TrackerLine(createTrackerList(trackers, clock), {
    listeningHost: announced.host ?? options.listen.host,
    listeningPort: announced.port,
    kind: options.trackerKind ?? "remote",
    clock,
    onEvent,
    onChange: changed,
  })
  const workshop: Workshop = {
    clock,
    timers: systemTimers,
    random: Math.random,
    peerId,
    userAgent,
    listeningHost: announced.host ?? options.listen.host,
    announcedHost: announced.host,
    listeningPort: announced.port,
    disk: createDisk({ clock }),
    spaceClaims: new SpaceClaims(),
    budget: new PartBudget(PART_BUDGET_BYTES),
    connections: new ConnectionBudget(),
    upLimit: new TokenBucket(clock, options.limits?.upBytesPerSecond),
    downLimit: new TokenBucket(clock, options.limits?.downBytesPerSecond),
    pulse,
    tracker,
    rounds: new SeedRounds(tracker, clock, Math.random),
    foreignRequests: pLimit(FOREIGN_REQUESTS_AT_ONCE),
    library,
    copies: new TorrentCopies(stateFolder, onEvent),
    onEvent,
    changed,
  }
  client = new DocumentClient({
    workshop,
    serviceFolder: options.serviceFolder,
    listening: { host: listener.host, port: listener.port },
    changeListeners,
    closing,
  })
  closing.defer(() => workshop.disk.close())
  closing.defer(() => workshop.upLimit.close())
  closing.defer(() => workshop.downLimit.close())
  const opened = client
  closing.defer(() => opened.closeDocuments())
  onEvent({
    level: "info",
    name: "listening",
    message: `listening for peers on ${formatAddress({ host: listener.host, port: listener.port })}`,
  })
  await client.loadDocuments()
  return client
}

/** Many calls in one turn of the event loop become one. */
function coalesced(run: () => void): () => void {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    setImmediate(() => {
      waiting = false
      run()
    })
  }
}
