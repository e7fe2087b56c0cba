import { once } from "node:events"
import { readFile, stat, writeFile } from "node:fs/promises"
import { type AddressInfo, connect, createServer, type Server } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { ScriptedTracker } from "../testing/scripted-tracker.js"
import { infoHash } from "../torrent/info-hash.js"
import { parseTorrent } from "../torrent/parse-torrent.js"
import { serializeTorrent } from "../torrent/serialize-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { encodeHandshake } from "../wire/codec/handshake.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

/** A client that seeds "disc.iso" as a private document. */
async function privateSeeder(name: string, partCount: number) {
  const content = await rig.sample(name, "disc.iso", partCount * SAMPLE_PART_BYTES)
  const client = await rig.open(name)
  return { client, content, ...(await client.upload({ file: "disc.iso", torrent: "disc.json" })) }
}

async function torrentAt(path: string): Promise<Torrent> {
  return parseTorrent(await readFile(path))
}

/** Whether the one peer that `client` is connected to for `id` is, once there is one, encrypted. */
async function encryptedPeerOf(client: Client, id: string): Promise<boolean | undefined> {
  await rig.until(client, () => (client.detail(id)?.peers.length ?? 0) > 0)
  return client.detail(id)?.peers[0]?.encrypted
}

describe("upload", () => {
  it("makes a private document: a Secret of 32 bytes, in a torrent file that only its owner reads", async () => {
    const { client, torrentPath, open } = await privateSeeder("a", 1)
    const { secret } = await torrentAt(torrentPath)
    expect(open).toBe(false)
    expect(client.snapshot().documents).toMatchObject([{ open: false, state: "seeding" }])
    expect(secret?.length).toBe(32)
    expect((await stat(torrentPath)).mode & 0o777).toBe(0o600)
  })

  it("makes another Secret every time", async () => {
    const { client, torrentPath } = await privateSeeder("a", 1)
    const again = await client.upload({ file: "disc.iso", torrent: "again.json" })
    const secrets = await Promise.all([torrentPath, again.torrentPath].map((path) => torrentAt(path)))
    expect(secrets[0]?.secret).not.toEqual(secrets[1]?.secret)
  })

  it("makes an open one when it is asked to, which has none", async () => {
    const { torrentPath, open } = await rig.seeder("a", 1)
    expect(open).toBe(true)
    expect((await torrentAt(torrentPath)).secret).toBeUndefined()
  })
})

describe("a private document", () => {
  it("moves inside TLS, and both sides say so", async () => {
    const { client, content, id, torrentPath } = await privateSeeder("a", 12)
    client.setLimits({ upBytesPerSecond: 4 * 1024 * 1024 })
    const leecher = await rig.open("b")
    const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    expect(await Promise.all([leecher, client].map((each) => encryptedPeerOf(each, id)))).toEqual([true, true])
    await done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("shows nothing of itself to an observer of the network [hostile 36]", async () => {
    const { client, content, id, torrentPath } = await privateSeeder("a", 3)
    const tap = await Tap.to(client.listening.port)
    // Another tracker, which knows no way to the seeder but past the listener.
    const otherTracker = await ScriptedTracker.start()
    otherTracker.register(id, tap.port)
    const leecher = await rig.open("b", { trackers: [otherTracker.url] })
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    await leecher.close()
    await otherTracker.close()
    tap.close()
    expect(tap.heard.length).toBeGreaterThan(content.length)
    const torrent = await torrentAt(torrentPath)
    const unsaid = [infoHash(torrent), torrent.secret ?? "", "BitTorrent", "disc.iso", id, content.subarray(0, 16)]
    for (const text of unsaid) expect(tap.heard.includes(Buffer.from(text))).toBe(false)
  })

  it("is private still after its client was switched off and on", async () => {
    const { client, id, content, torrentPath } = await privateSeeder("a", 12)
    await client.close()
    const again = await rig.open("a")
    await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
    expect(again.snapshot().documents).toMatchObject([{ id, open: false }])
    again.setLimits({ upBytesPerSecond: 4 * 1024 * 1024 })
    const leecher = await rig.open("b")
    const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    expect(await encryptedPeerOf(leecher, id)).toBe(true)
    await done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("is served out of a service folder whose list of documents is lost", async () => {
    const { client, torrentPath, content } = await privateSeeder("a", 2)
    await client.close()
    const again = await rig.open("a", { stateFolder: rig.path("elsewhere") })
    expect(again.snapshot().documents).toMatchObject([{ open: false }])
    const leecher = await rig.open("b")
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("does not exist for a peer that asks in plain: not a byte is answered [hostile 36]", async () => {
    const { client, torrentPath } = await privateSeeder("a", 1)
    const socket = connect(client.listening.port, "127.0.0.1")
    const answered: Buffer[] = []
    socket.on("data", (bytes) => answered.push(bytes))
    const hash = infoHash(await torrentAt(torrentPath))
    const peerId = new Uint8Array(20).fill(7)
    socket.write(encodeHandshake({ infoHash: hash, peerId, supportsFast: true, supportsExtensions: true }))
    await once(socket, "close")
    expect(answered).toEqual([])
    expect((await rig.event("caller_refused")).facts).toEqual({ code: "unknown_document" })
  })

  it("is not fetched from a peer that has the file but another Secret [hostile 36]", async () => {
    const { client, torrentPath, id } = await privateSeeder("a", 1)
    const other = { ...(await torrentAt(torrentPath)), secret: new Uint8Array(32).fill(9) }
    await writeFile(rig.path("other.json"), serializeTorrent(other))
    const leecher = await rig.open("b")
    await leecher.download({ torrent: rig.path("other.json"), file: "copy.iso" })
    expect((await rig.event("dial_failed")).facts).toEqual({ code: "wrong_key" })
    expect(leecher.detail(id)).toMatchObject({
      peers: [],
      known: [{ why: { code: "failed", error: { code: "wrong_key" } } }],
    })
    expect(client.detail(id)?.peers).toEqual([])
  })

  it("reports no wrong key when a peer that has it does not serve the document any more [E13]", async () => {
    const { client, id, torrentPath } = await privateSeeder("a", 1)
    await client.remove(id)
    rig.tracker.register(id, client.listening.port)
    const leecher = await rig.open("b")
    await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    expect((await rig.event("dial_failed")).message).toContain("or no longer serves it")
  })

  it("is not served while it is paused", async () => {
    const { client, id, torrentPath } = await privateSeeder("a", 1)
    await client.pause(id)
    rig.tracker.register(id, client.listening.port)
    const leecher = await rig.open("b")
    const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await rig.event("dial_failed")
    expect((await rig.event("caller_refused")).facts).toEqual({ code: "unknown_document" })
    const interrupted = expect(done).rejects.toMatchObject({ code: "interrupted" })
    await leecher.close()
    await interrupted
  })

  it("is not exported: no other client could keep it", async () => {
    const { client, torrentPath } = await privateSeeder("a", 1)
    await expect(client.export(torrentPath, "disc.torrent")).rejects.toMatchObject({
      code: "private_document",
      message: expect.stringContaining("can't be exported"),
    })
    await expect(stat(rig.path("a", "disc.torrent"))).rejects.toMatchObject({ code: "ENOENT" })
  })

  it.each([
    ["without its Secret", undefined],
    ["with another Secret", new Uint8Array(32).fill(5)],
  ])("is not taken for the one that a torrent file %s describes", async (_, secret) => {
    const { client, torrentPath } = await privateSeeder("a", 1)
    const changed = { ...(await torrentAt(torrentPath)), secret }
    await writeFile(rig.path("changed.json"), serializeTorrent(changed))
    await expect(
      client.download({ torrent: rig.path("changed.json"), file: rig.path("a", "disc.iso") }),
    ).rejects.toMatchObject({ code: "other_secret" })
  })

  it("is distinguished from an open document of the same file, which has the same info hash", async () => {
    const { client, content, torrentPath } = await privateSeeder("a", 12)
    const open = await client.upload({ file: "disc.iso", torrent: "open.json", open: true })
    const [secretly, openly] = await Promise.all([torrentAt(torrentPath), torrentAt(open.torrentPath)])
    expect(infoHash(secretly)).toEqual(infoHash(openly))
    client.setLimits({ upBytesPerSecond: 8 * 1024 * 1024 })
    const leecher = await rig.open("b")
    const handles = [
      await leecher.download({ torrent: open.torrentPath, file: "openly.iso" }),
      await leecher.download({ torrent: torrentPath, file: "secretly.iso" }),
    ]
    const areEncrypted = [openly, secretly].map(({ hash }) => encryptedPeerOf(leecher, hash))
    expect(await Promise.all(areEncrypted)).toEqual([false, true])
    await Promise.all(handles.map(({ done }) => done))
    for (const name of ["openly.iso", "secretly.iso"]) expect(await rig.digest("b", name)).toBe(sha1Hex(content))
  })
})

/** Sits between two peers and writes down all that they say to each other. */
class Tap {
  readonly port: number
  readonly #server: Server
  readonly #heard: Buffer[] = []

  private constructor(server: Server, target: number) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on("connection", (near) => {
      const far = connect(target, "127.0.0.1")
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on("data", (bytes: Buffer) => this.#heard.push(bytes))
        from.on("error", () => to.destroy())
        from.pipe(to)
      }
    })
  }

  static async to(target: number): Promise<Tap> {
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    return new Tap(server, target)
  }

  get heard(): Buffer {
    return Buffer.concat(this.#heard)
  }

  close(): void {
    this.#server.close()
  }
}
