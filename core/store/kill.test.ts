import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { beforeEach, expect, it } from "vitest"
import { sha1 } from "../testing/sha1.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { serializeTorrent } from "../torrent/serialize-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createDisk } from "./disk.js"
import { openDownload } from "./open-download.js"

const PART_SIZE = 64 * 1024
const PART_COUNT = 400
const content = randomBytes(PART_SIZE * PART_COUNT - 1234)
const part = (index: number) => content.subarray(index * PART_SIZE, (index + 1) * PART_SIZE)
const digests = Array.from({ length: PART_COUNT }, (_, index) => sha1(part(index)))
const torrent: Torrent = {
  hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
  sizeBytes: content.length,
  partSizeBytes: PART_SIZE,
  partDigests: Buffer.concat(digests),
  name: undefined,
  secret: undefined,
}

let folder: string
let filePath: string

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  filePath = join(folder, "file.bin")
  writeFileSync(join(folder, "source"), content)
  writeFileSync(join(folder, "torrent.json"), serializeTorrent(torrent))
})

/** A process that stores part after part and prints the index of each that is stored. */
function startDownloader() {
  const module = (name: string) => JSON.stringify(new URL(`../../dist/core/${name}.js`, import.meta.url).href)
  const script = `
    import { openSync, readFileSync, readSync } from "node:fs"
    import { createDisk } from ${module("store/disk")}
    import { openDownload } from ${module("store/open-download")}
    import { parseTorrent } from ${module("torrent/parse-torrent")}
    const torrent = parseTorrent(readFileSync("torrent.json"))
    const source = readFileSync("source")
    const store = await openDownload({ disk: createDisk(), torrent, filePath: ${JSON.stringify(filePath)} })
    await store.checkDoubtful()
    process.stdout.write("reused " + store.reusedCount + "\\n")
    for (let index = 0; index < ${PART_COUNT}; index += 4)
      await Promise.all([0, 1, 2, 3].map(async (ahead) => {
        const at = (index + ahead) * ${PART_SIZE}
        await store.put(index + ahead, source.subarray(at, at + ${PART_SIZE}))
        process.stdout.write(index + ahead + "\\n")
      }))
    setInterval(() => undefined, 1000)`
  const args = ["--input-type=module", "-e", script]
  return spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] })
}

/** Kills the process once it has stored `count` parts; resolves with all that it reported. */
async function runUntil(count: number): Promise<{ reused: number; stored: Set<number> }> {
  const child = startDownloader()
  const ended = once(child, "exit")
  const stored = new Set<number>()
  let reused = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("reused ")) reused = Number(line.slice("reused ".length))
    else stored.add(Number(line))
    if (stored.size >= count) child.kill("SIGKILL")
  }
  await ended
  return { reused, stored }
}

it("loses no stored part to kill -9, again and again, and ends byte-exact [hostile 13]", async () => {
  const known = new Set<number>()
  for (const count of [1, 50, 133, 250, 399]) {
    const before = known.size
    const { reused, stored } = await runUntil(count)
    expect(reused).toBeGreaterThanOrEqual(before)
    for (const index of stored) known.add(index)
  }
  const disk = createDisk()
  const store = await openDownload({ disk, torrent, filePath })
  await store.checkDoubtful()
  expect(store.recordProblem).toBeUndefined()
  for (const index of known) expect(store.have.has(index)).toBe(true)
  for (let index = 0; index < PART_COUNT; index++) await store.put(index, part(index))
  await store.complete()
  await store.close()
  await disk.close()
  expect(Buffer.compare(readFileSync(filePath), content)).toBe(0)
})
