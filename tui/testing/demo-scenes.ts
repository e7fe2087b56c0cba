import type { Random } from "../../core/base/clock.js"
import { type DocumentDetail, type DocumentSnapshot, type PartInFlight, PartState } from "../../core/index.js"
import type { Journal } from "../commands/journal.js"
import { type FakeClient, fakeDocument } from "./fake-client.js"

const TICK_MS = 100
const NAMES = [
  "debian-12.9.0-amd64-netinst.iso",
  "genome.fa.gz",
  "日本語の書類.pdf",
  "notes.txt",
  "model weights (final).bin",
]

interface Actor {
  readonly detail: DocumentDetail
  document: DocumentSnapshot
}

/** Moves parts from missing through requested to have, ten times a second, until everything is there. Returns its end. */
export function playScenes(client: FakeClient, journal: Journal, count: number, random: Random): () => void {
  const actors = Array.from({ length: count }, (_, index) => createActor(index, random))
  const play = (): void => {
    let moving = false
    for (const actor of actors) moving = step(actor, client, random) || moving
    const documents = actors.map((actor) => actor.document)
    const down = documents.reduce((sum, document) => sum + document.downBytesPerSecond, 0)
    client.show({ takenAtMs: performance.now(), documents, downBytesPerSecond: down, upBytesPerSecond: down / 3 })
    if (!moving) clearInterval(timer)
  }
  const timer = setInterval(play, TICK_MS)
  journal.add({ level: "info", name: "demo", message: "the demo begins", peer: "10.0.0.4:7001" })
  play()
  return () => clearInterval(timer)
}

function createActor(index: number, random: Random): Actor {
  const partCount = [500, 3, 20_000, 40, 2_000][index % 5] ?? 100
  const partSizeBytes = 1024 * 1024
  const name = NAMES[index] ?? `file-${index}.bin`
  const document = fakeDocument({
    id: `0000${index.toString(16).padStart(4, "0")}-0000-4000-8000-000000000000`,
    name,
    partCount,
    partSizeBytes,
    sizeBytes: partCount * partSizeBytes,
    state: index % 5 === 3 ? "seeding" : "downloading",
    haveCount: 0,
    haveBytes: 0,
    connectedPeers: 3,
    knownPeers: 5,
    open: index % 2 === 0,
  })
  const availability = Uint8Array.from({ length: partCount }, () => Math.floor(random() * 4))
  const parts = new Uint8Array(partCount).fill(document.state === "seeding" ? PartState.have : PartState.missing)
  const peers = [1, 2, 3].map((each) => fakePeer(each, partCount))
  const refused = { code: "failed", error: { code: "refused", message: "refused the connection" } } as const
  const known = [{ address: "10.0.0.9:7001", source: "tracker", why: refused, retryAtMs: 12_000 } as const]
  return { document, detail: { id: document.id, takenAtMs: 0, parts, availability, inFlight: [], peers, known } }
}

function fakePeer(number: number, partCount: number) {
  return {
    address: `10.0.0.${number}:7001`,
    client: "p2p-tui/0.1.0",
    direction: number === 1 ? ("incoming" as const) : ("outgoing" as const),
    encrypted: number === 2,
    haveCount: partCount,
    downBytesPerSecond: 1e6 * number,
    upBytesPerSecond: 0,
    downloadedBytes: 0,
    uploadedBytes: 0,
    requestsOut: 16,
    requestsIn: 0,
    amChoking: true,
    amInterested: true,
    peerChoking: false,
    peerInterested: false,
    failures: number === 3 ? 1 : 0,
    source: "tracker" as const,
  }
}

/** One tick of one document. Returns whether it still moves. */
function step(actor: Actor, client: FakeClient, random: Random): boolean {
  const { parts, availability } = actor.detail
  if (actor.document.state !== "downloading") {
    client.details.set(actor.detail.id, actor.detail)
    return false
  }
  const inFlight: PartInFlight[] = []
  let have = 0
  for (let index = 0; index < parts.length; index++) {
    if (parts[index] === PartState.requested && random() < 0.3) parts[index] = PartState.have
    else if (parts[index] === PartState.missing && inFlight.length < 8 && random() < 0.05) {
      parts[index] = PartState.requested
    }
    if (parts[index] === PartState.have) have++
    if (parts[index] === PartState.requested) {
      const receivedBytes = Math.floor(random() * 1024 * 1024)
      const peers = [`10.0.0.${1 + (index % 3)}:7001`]
      const facts = { lengthBytes: 1024 * 1024, receivedBytes, peers, bytesPerSecond: random() * 1e7, ageMs: 1500 }
      inFlight.push({ index, ...facts, retries: 0, verifying: false })
    }
    if (random() < 0.001) availability[index] = Math.floor(random() * 12)
  }
  const done = have === parts.length
  actor.document = {
    ...actor.document,
    haveCount: have,
    haveBytes: have * actor.document.partSizeBytes,
    state: done ? "seeding" : "downloading",
    downBytesPerSecond: done ? 0 : random() * 5e7,
    etaSeconds: done ? undefined : (parts.length - have) / 25,
    downloadedBytes: have * actor.document.partSizeBytes,
  }
  client.details.set(actor.detail.id, { ...actor.detail, inFlight })
  return !done
}
