import { once } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { encodeBencode } from "../base/encode-bencode.js"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { DescriptionPeer, type ScriptedDescription, scripted } from "../testing/description-peer.js"
import { sha1 } from "../testing/sha1.js"
import { encodeInfo, infoDigest, infoHash } from "../torrent/info-hash.js"
import { formatLink, type OpenLink } from "../torrent/link.js"
import { parseLink } from "../torrent/parse-link.js"
import { parseTorrent } from "../torrent/parse-torrent.js"
import { encodeHandshake } from "../wire/codec/handshake.js"
import { MAX_METADATA_BYTES } from "../wire/codec/metadata.js"

const MIB = 1024 * 1024

let rig: ClientRig
const peers: DescriptionPeer[] = []

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close()
  await rig.close()
})

async function peer(description: ScriptedDescription): Promise<DescriptionPeer> {
  const listening = await DescriptionPeer.listen(description)
  peers.push(listening)
  return listening
}

/** The magnet link of an info dictionary, with these peers and nothing else. */
function magnet(info: Uint8Array, ...named: readonly DescriptionPeer[]): string {
  const link: OpenLink = {
    kind: "open",
    infoHash: sha1(info),
    trackers: [],
    peers: named.map(({ address }) => address),
  }
  return formatLink(link)
}

function infoOf(padding = 0): Uint8Array {
  const known = { length: 5, name: "a.iso", "piece length": 16_384, pieces: new Uint8Array(20).fill(7) }
  return encodeBencode({ ...known, "x padding": new Uint8Array(padding).fill(120) })
}

function isDescribed(client: Client): boolean {
  const [document] = client.snapshot().documents
  return document !== undefined && document.isDescribed !== false
}

describe("the description of a magnet link", () => {
  it("of a torrent of another client becomes a .torrent, with the keys that are not known here", async () => {
    const info = infoOf(40_000)
    const client = await rig.open("b", { trackers: [] })
    const { id } = await client.download({ torrent: magnet(info, await peer(scripted(info))) })
    await rig.until(client, () => isDescribed(client))
    expect(id).toBe(sha1Hex(info))
    expect(client.snapshot().documents).toMatchObject([{ id, name: "a.iso", sizeBytes: 5, partCount: 1 }])
    expect((await readFile(rig.path("b", "a.iso.torrent"))).includes(Buffer.from(info))).toBe(true)
    // Another link's torrent file of the same name does not replace it.
    const other = infoOf(3)
    await client.download({ torrent: magnet(other, await peer(scripted(other))), file: "b.iso" })
    await rig.until(client, () => client.snapshot().documents.filter((each) => each.isDescribed !== false).length === 2)
    expect(await rig.exists("b", `a.iso-${sha1Hex(other).slice(0, 8)}.torrent`)).toBe(true)
  })

  it("that is wrong is a strike against its sender; the right one comes from another [L1]", async () => {
    const info = infoOf(100_000)
    const liar = await peer({
      ...scripted(info),
      pieceOf: (piece) =>
        scripted(info)
          .pieceOf(piece)
          ?.map(() => 0),
    })
    const client = await rig.open("b", { trackers: [] })
    const { id } = await client.download({ torrent: magnet(info, liar) })
    const event = await rig.event("wrong_description")
    expect(event).toMatchObject({ level: "warn", peer: liar.address, document: { id } })
    expect(client.detail(id)?.known).toMatchObject([{ address: liar.address, why: { code: "wrong_description" } }])
    expect(isDescribed(client)).toBe(false)
    await client.remove(id)
    await client.download({ torrent: magnet(info, liar, await peer(scripted(info))) })
    await rig.until(client, () => isDescribed(client))
  })

  it("of 64 MiB arrives [L2]", async () => {
    const info = infoOf(MAX_METADATA_BYTES - infoOf(60 * MIB).length + 60 * MIB)
    expect(info.length).toBe(MAX_METADATA_BYTES)
    const client = await rig.open("b", { trackers: [] })
    await client.download({ torrent: magnet(info, await peer(scripted(info))) })
    await rig.until(client, () => isDescribed(client))
    await client.close()
    const again = await rig.open("b", { trackers: [] })
    expect(again.snapshot().documents).toMatchObject([{ name: "a.iso", sizeBytes: 5 }])
  })

  it("of 65 MiB is not asked for [L2]", async () => {
    const info = infoOf()
    const large = await peer({ ...scripted(info), sizeBytes: 65 * MIB })
    const client = await rig.open("b", { trackers: [] })
    await client.download({ torrent: magnet(info, large) })
    expect(await rig.event("description_too_large")).toMatchObject({ peer: large.address })
    expect(large.asked).toEqual([])
  })

  it("shows its progress, and the reason while no peer has it", async () => {
    const info = infoOf(100_000)
    const client = await rig.open("b", { trackers: [] })
    const half = await peer({
      ...scripted(info),
      pieceOf: (piece) => (piece < 3 ? scripted(info).pieceOf(piece) : undefined),
    })
    const { id } = await client.download({ torrent: magnet(info, half) })
    const why = () => client.snapshot().documents[0]?.why
    await rig.until(client, () => {
      const now = why()
      return now?.code === "fetching_description" && now.receivedBytes > 0
    })
    expect(why()).toMatchObject({ peers: 1, receivedBytes: 3 * 16_384, totalBytes: info.length })
    await client.remove(id)
    await client.download({ torrent: magnet(info, await peer({ ...scripted(info), sizeBytes: undefined })) })
    await rig.until(client, () => why()?.code === "no_peer_connected")
    expect(why()).toMatchObject({ peer: { why: { error: { code: "no_description" } } } })
  })
})

describe("the description of a private document", () => {
  async function seeder() {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    const client = await rig.open("a")
    const { link, torrentPath } = await client.upload({ file: "disc.iso" })
    return { client, link, torrent: parseTorrent(await readFile(torrentPath)) }
  }

  /** Every byte that a listener answers to a plain handshake with this hash. */
  async function answerTo(port: number, hash: Uint8Array): Promise<Buffer> {
    const socket = connect(port, "127.0.0.1")
    const answered: Buffer[] = []
    socket.on("data", (bytes) => answered.push(bytes))
    const peerId = new Uint8Array(20).fill(7)
    socket.write(encodeHandshake({ infoHash: hash, peerId, supportsFast: true, supportsExtensions: true }))
    await once(socket, "close")
    return Buffer.concat(answered)
  }

  it("is not to be had in plain, not even whether it is there: by the seeder, nor by one that has the link only [L3]", async () => {
    const { client, link, torrent } = await seeder()
    const { port } = client.listening
    for (const hash of [infoHash(torrent), infoDigest(torrent)]) expect((await answerTo(port, hash)).length).toBe(0)
    await client.close()
    const waiting = await rig.open("b")
    await waiting.download({ torrent: link })
    expect((await answerTo(waiting.listening.port, infoDigest(torrent))).length).toBe(0)
  })

  it("does not come to a link with another key, and a changed one is no description of the link [L3]", async () => {
    const { link, torrent } = await seeder()
    const right = parseLink(link)
    if (right.kind !== "private") return expect.unreachable()
    const leecher = await rig.open("b")
    const wrong = { ...right, secret: new Uint8Array(32).fill(1) }
    const { id } = await leecher.download({ torrent: formatLink(wrong) })
    await rig.event("dial_failed")
    expect(leecher.detail(id)?.known).toMatchObject([{ why: { error: { code: "wrong_key" } } }])
    await leecher.remove(id)
    await writeFile(rig.path("b", "disc.iso.torrent.json"), "in the way")
    const handle = await leecher.download({ torrent: link })
    await handle.done
    expect(await rig.text("b", "disc.iso.torrent.json")).toBe("in the way")
    const written = parseTorrent(await readFile(rig.path("b", `disc.iso-${id.slice(0, 8)}.torrent.json`)))
    expect(encodeInfo(written)).toEqual(encodeInfo(torrent))
  })

  it("brings its key into no event and no snapshot [L4]", async () => {
    const { client, link } = await seeder()
    const key = link.slice(link.indexOf("#") + 1)
    const leecher = await rig.open("b")
    const { id } = await leecher.download({ torrent: link })
    const shown = () => JSON.stringify([rig.events, client.snapshot(), leecher.snapshot(), leecher.detail(id)])
    expect(shown()).not.toContain(key.slice(0, 20))
    await rig.until(leecher, () => leecher.snapshot().documents[0]?.state === "seeding")
    expect(shown()).not.toContain(key.slice(0, 20))
    expect(shown()).not.toContain(key.slice(40))
  })
})
