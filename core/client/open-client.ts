import { randomBytes } from "node:crypto"
import pLimit from "p-limit"
import { createTrackerClient } from "../announce/tracker-client.js"
import { createTrackerList } from "../announce/tracker-list.js"
import { systemClock } from "../clock.js"
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
import type { ClientEvent } from "./events.js"
import { Heartbeat } from "./heartbeat.js"
import { Library } from "./library.js"
import { SeedRounds } from "./seed-rounds.js"
import { servedInPlain, servedInTls } from "./served-documents.js"
import { type TakenFolder, takeFolder } from "./take-folder.js"
import { TokenBucket } from "./token-bucket.js"
import { TrackerLine } from "./tracker-line.js"
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
  try {
    return await assemble(options, taken.stateFolder, () => taken.release())
  } catch (error) {
    await taken.release()
    throw error
  }
}

async function assemble(
  options: ClientOptions,
  stateFolder: string,
  releaseLock: () => Promise<void>,
): Promise<Client> {
  if (options.trackers.length === 0) throw new ConfigError("no_tracker", "at least one tracker is needed")
  const clock = systemClock
  const onEvent = (event: ClientEvent) => options.onEvent?.({ ...event, message: displayMessage(event.message) })
  const pulse: Pulse = new Pulse(clock, () => deadlines.wake())
  const deadlines = new Heartbeat(
    PULSE_MS,
    () => pulse.tick(),
    () => pulse.watchCount > 0,
  )
  const peerId = createPeerId(randomBytes(PEER_ID_RANDOM_BYTES))
  const changeListeners = new Set<() => void>()
  const library = new Library(stateFolder, onEvent)
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
  })
  const workshop: Workshop = {
    clock,
    random: Math.random,
    peerId,
    userAgent,
    listeningHost: announced.host ?? options.listen.host,
    announcedHost: announced.host,
    listeningPort: announced.port,
    disk: createDisk({ clock }),
    budget: new PartBudget(PART_BUDGET_BYTES),
    connections: new ConnectionBudget(),
    upLimit: new TokenBucket(clock, options.limits?.upBytesPerSecond),
    downLimit: new TokenBucket(clock, options.limits?.downBytesPerSecond),
    pulse,
    tracker,
    rounds: new SeedRounds(tracker, clock, Math.random),
    foreignRequests: pLimit(FOREIGN_REQUESTS_AT_ONCE),
    library,
    onEvent,
    changed,
  }
  client = new DocumentClient({
    workshop,
    serviceFolder: options.serviceFolder,
    listening: { host: listener.host, port: listener.port },
    changeListeners,
    closeParts: async () => {
      ticks.close()
      listener.close()
      deadlines.close()
      workshop.upLimit.close()
      workshop.downLimit.close()
      await workshop.disk.close()
      await releaseLock()
    },
  })
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
