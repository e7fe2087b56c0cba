import { readdir, stat, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { open as openFile } from "lmdb"
import pino from "pino"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { encodeCompact, formatCompact, splitCompact } from "../peers/compact.js"
import type { SwarmView } from "../peers/peer-store.js"
import { EXPIRY_SECONDS, MAX_PEERS, testPeerStore } from "../testing/store-contract.js"
import { LmdbStore } from "./lmdb-store.js"

let folder: string
let clock: FakeClock
const opened: LmdbStore[] = []
inTemporaryFolder((path) => {
  folder = path
})

beforeEach(async () => {
  clock = new FakeClock()
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

async function open(log = pino({ level: "silent" })): Promise<LmdbStore> {
  const store = await LmdbStore.open({
    folder,
    log,
    clock,
    expirySeconds: EXPIRY_SECONDS,
    maxPeersPerDocument: MAX_PEERS,
  })
  opened.push(store)
  return store
}

testPeerStore("the LMDB store", async () => {
  const store = await open()
  return {
    store,
    async passSeconds(seconds) {
      clock.advance(seconds * 1_000)
      store.exchange()
    },
  }
})

const hash = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const peer = (number: number) => encodeCompact(`10.0.0.${number}`, 7_000) ?? new Uint8Array()
const announce = (store: LmdbStore, number: number, event?: "stopped") =>
  store.announce({ hash, peer: peer(number), left: 1, event, limit: 50, mayAdd: true })
const peersOf = (view: SwarmView | undefined) =>
  view === undefined ? undefined : splitCompact(view.peers4, 6).map(formatCompact).sort()

describe("the LMDB store, opened again", () => {
  it("knows its documents and their peers, which then expire", async () => {
    const before = await open()
    await before.register(hash, peer(1))
    await announce(before, 2)
    await announce(before, 3)
    await announce(before, 3, "stopped")
    await before.close()
    const after = await open()
    expect(await after.count(hash)).toMatchObject({ seeders: 1, leechers: 1 })
    clock.advance((EXPIRY_SECONDS + 1) * 1_000)
    expect(peersOf(await announce(after, 9))).toEqual([])
  })

  it("knows how often its documents were completed, whichever process counted it and however often they are used [E14]", async () => {
    const stores = [await open(), await open()]
    const complete = (store: LmdbStore | undefined, number: number) =>
      store?.announce({ hash, peer: peer(number), left: 0, event: "completed", limit: 0, mayAdd: true })
    await stores[0]?.register(hash, peer(1))
    for (let number = 2; number < 12; number++) await complete(stores[number % 2], number)
    for (const store of stores) store.exchange()
    for (const store of stores) expect(await store.count(hash)).toMatchObject({ completions: 10 })
    // A day later that it is used is written, too.
    clock.advance(86_400_000)
    for (const store of stores) store.exchange()
    await complete(stores[0], 12)
    for (const store of stores) await store.close()
    expect(await (await open()).count(hash)).toMatchObject({ completions: 11 })
  })

  it("knows a document whose peers are long gone", async () => {
    const before = await open()
    await before.register(hash, peer(1))
    before.exchange()
    clock.advance((EXPIRY_SECONDS + 1) * 1_000)
    before.exchange()
    await before.close()
    expect(peersOf(await announce(await open(), 9))).toBeDefined()
  })

  it.each([
    ["is garbage", (path: string) => writeFile(path, Buffer.alloc(100_000, "x"))],
    ["is empty", (path: string) => truncate(path, 0)],
    ["was cut off", (path: string) => truncate(path, 3 * 4096)],
  ])("sets a file aside that %s, says so, and serves [hostile 44]", async (what, damage) => {
    const before = await open()
    for (let number = 1; number < 200; number++)
      await before.register(hash.replace("0b7d3c52", String(10_000_000 + number)), peer(1))
    await before.close()
    const [file = ""] = (await readdir(folder)).filter((name) => name.endsWith(".lmdb"))
    await damage(join(folder, file))
    const lines: string[] = []
    const after = await open(pino({}, { write: (line: string) => lines.push(line) }))
    await after.register(hash, peer(1))
    expect(peersOf(await announce(after, 2))).toEqual(["10.0.0.1:7000"])
    // An empty file is what LMDB itself starts from.
    if (what === "is empty") return
    expect(lines.join()).toContain("damaged")
    expect((await readdir(folder)).some((name) => name.includes(".damaged-"))).toBe(true)
  })

  it("serves from a file that was killed before it had a table, and leaves it in its place [W6]", async () => {
    const file = join(folder, "tracker-1.lmdb")
    await openFile({ path: file, noSubdir: true, maxDbs: 4 }).close()
    const { ino } = await stat(file)
    const store = await open()
    await store.register(hash, peer(1))
    expect(peersOf(await announce(store, 2))).toEqual(["10.0.0.1:7000"])
    expect((await stat(file)).ino).toBe(ino)
  })

  it("refuses a folder that it can't use", async () => {
    await writeFile(join(folder, "file"), "")
    const log = pino({ level: "silent" })
    const opening = LmdbStore.open({ folder: join(folder, "file"), log, expirySeconds: EXPIRY_SECONDS })
    await expect(opening).rejects.toMatchObject({ name: "ConfigError", code: "bad_data_folder" })
  })
})
