import { beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { MAX_METADATA_BYTES, type MetadataMessage } from "../wire/codec/metadata.js"
import { METADATA_BYTES_PER_SECOND, MetadataServer } from "./metadata-server.js"
import type { PeerLink } from "./peer-link.js"
import { TokenBucket } from "./token-bucket.js"

const INFO = Uint8Array.from({ length: 40_000 }, (_, index) => index % 251)

class Peer {
  readonly got: MetadataMessage[] = []
  readonly connection = { closed: false, bufferedBytes: 0 }
  readonly link = {
    connection: this.connection,
    sendMetadata: (message: MetadataMessage) => void this.got.push(message),
  } as unknown as PeerLink

  get gotTypes(): string[] {
    return this.got.map(({ type, piece }) => `${type} ${piece}`)
  }
}

let clock: FakeClock
let server: MetadataServer
let reads: number

beforeEach(() => {
  clock = new FakeClock()
  reads = 0
  server = serverOf(INFO.length, METADATA_BYTES_PER_SECOND)
})

function serverOf(sizeBytes: number, bytesPerSecond: number, upBytesPerSecond?: number): MetadataServer {
  const read = async () => {
    reads++
    return INFO
  }
  return new MetadataServer(
    { sizeBytes, read },
    { metadataLimit: new TokenBucket(clock, bytesPerSecond), upLimit: new TokenBucket(clock, upBytesPerSecond) },
  )
}

async function turn(): Promise<void> {
  for (let step = 0; step < 5; step++) await Promise.resolve()
}

describe("the info dictionary of a document", () => {
  it("is sent piece by piece, the last one shorter", async () => {
    const peer = new Peer()
    for (const piece of [0, 1, 2]) server.onRequest(peer.link, piece)
    clock.advance(10)
    await turn()
    const sent = peer.got.flatMap((message) => (message.type === "data" ? [...message.bytes] : []))
    expect(peer.gotTypes).toEqual(["data 0", "data 1", "data 2"])
    expect(Uint8Array.from(sent)).toEqual(INFO)
    expect(peer.got[0]).toMatchObject({ totalBytes: INFO.length })
  })

  it("is offered with its size, but not beyond 64 MiB", () => {
    expect(server.offer).toEqual({ metadataBytes: INFO.length, ids: [["ut_metadata", 2]] })
    expect(serverOf(MAX_METADATA_BYTES, 1).offer.metadataBytes).toBe(MAX_METADATA_BYTES)
    expect(serverOf(MAX_METADATA_BYTES + 1, 1).offer).toEqual({ ids: [] })
  })

  it("has no piece beyond its end: the request is rejected unread", async () => {
    const peer = new Peer()
    server.onRequest(peer.link, 3)
    await turn()
    expect(peer.gotTypes).toEqual(["reject 3"])
    expect(reads).toBe(0)
  })

  it("is sent to one peer three times at most", async () => {
    const peer = new Peer()
    for (let request = 0; request < 12; request++) {
      server.onRequest(peer.link, request % 3)
      clock.advance(10)
      await turn()
    }
    expect(peer.gotTypes.filter((type) => type.startsWith("data"))).toHaveLength(9)
    expect(peer.gotTypes.slice(-3)).toEqual(["reject 0", "reject 1", "reject 2"])
  })

  it("is sent to no peer that does not take what it was sent", async () => {
    const peer = new Peer()
    peer.connection.bufferedBytes = 2 * 1024 * 1024
    server.onRequest(peer.link, 0)
    await turn()
    expect(peer.gotTypes).toEqual(["reject 0"])
  })

  it("costs all peers together no more than a rate, and each only a few waiting requests", async () => {
    server = serverOf(INFO.length, 16 * 1024)
    const [greedy, modest] = [new Peer(), new Peer()]
    for (let request = 0; request < 100; request++) server.onRequest(greedy.link, 0)
    server.onRequest(modest.link, 0)
    await turn()
    const rejected = greedy.gotTypes.filter((type) => type === "reject 0").length
    expect(rejected).toBeGreaterThan(60)
    clock.advance(3_000)
    await turn()
    // The greedy peer's turn does not come before the modest one's.
    expect(modest.gotTypes).toEqual(["data 0"])
    expect(greedy.gotTypes.filter((type) => type === "data 0").length).toBeLessThan(5)
  })

  it("counts for the upload limit", async () => {
    server = serverOf(INFO.length, METADATA_BYTES_PER_SECOND, 1_024)
    const peer = new Peer()
    for (const piece of [0, 1]) server.onRequest(peer.link, piece)
    await turn()
    expect(peer.gotTypes).toEqual(["data 0"])
    clock.advance(20_000)
    await turn()
    expect(peer.gotTypes).toEqual(["data 0", "data 1"])
  })

  it("is not read for a peer that has left meanwhile", async () => {
    server = serverOf(INFO.length, 1_024)
    const peer = new Peer()
    server.onRequest(peer.link, 0)
    server.onRequest(peer.link, 1)
    await turn()
    peer.connection.closed = true
    clock.advance(60_000)
    await turn()
    expect(reads).toBe(1)
  })
})
