import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { appendFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createHasher, type Hasher } from "../hashing/hasher.js"
import { sha1 } from "../testing/sha1.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { createTorrent } from "./create-torrent.js"
import { identityOf } from "./file-identity.js"
import { readTorrentFile, writeTorrentFile } from "./torrent-on-disk.js"

const HASH = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"

let folder: string
let filePath: string
let hasher: Hasher

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  filePath = join(folder, "file.bin")
  hasher = createHasher()
})

afterEach(async () => {
  await hasher.close()
})

function digestsOf(bytes: Uint8Array, partSizeBytes: number): Buffer {
  const digests: Buffer[] = []
  for (let start = 0; start < bytes.length; start += partSizeBytes)
    digests.push(sha1(bytes.subarray(start, start + partSizeBytes)))
  return Buffer.concat(digests)
}

describe("createTorrent", () => {
  it.each([
    ["parts smaller than a read", 300_001, 256],
    ["one short part", 100, 256],
    ["parts that a read does not divide", 5_000_003, 777_777],
    ["parts larger than a read and a slice", 30_000_000, 16 * 2 ** 20],
    ["whole parts only", 4 * 2 ** 20, 2 ** 20],
  ])("hashes %s", async (_, sizeBytes, partSizeBytes) => {
    const bytes = randomBytes(sizeBytes)
    writeFileSync(filePath, bytes)
    const { torrent, identity } = await createTorrent({ filePath, hash: HASH, name: "n", hasher, partSizeBytes })
    expect(torrent).toMatchObject({ hash: HASH, sizeBytes, partSizeBytes, name: "n", secret: undefined })
    expect(Buffer.compare(torrent.partDigests, digestsOf(bytes, partSizeBytes))).toBe(0)
    expect(identity).toEqual(await identityOf(filePath))
  })

  it("makes a torrent without parts of an empty file", async () => {
    writeFileSync(filePath, "")
    const { torrent } = await createTorrent({ filePath, hash: HASH, hasher })
    expect(torrent.sizeBytes).toBe(0)
    expect(torrent.partDigests).toHaveLength(0)
  })

  it.skipIf(process.platform !== "linux")("refuses a file that has more bytes than the system says [T2]", async () => {
    const made = createTorrent({ filePath: "/proc/cpuinfo", hash: HASH, hasher })
    await expect(made).rejects.toMatchObject({
      code: "not_a_file",
      message: expect.stringMatching(/its size is not known/),
    })
  })

  it("reports its progress, up to the whole file", async () => {
    writeFileSync(filePath, randomBytes(20 * 2 ** 20))
    const seen: number[] = []
    await createTorrent({ filePath, hash: HASH, hasher, onProgress: ({ doneBytes }) => seen.push(doneBytes) })
    expect(seen.length).toBeGreaterThan(1)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(20 * 2 ** 20)
  })

  it("stops with the signal's reason", async () => {
    writeFileSync(filePath, randomBytes(40 * 2 ** 20))
    const controller = new AbortController()
    const onProgress = () => controller.abort(new Error("enough"))
    await expect(
      createTorrent({ filePath, hash: HASH, hasher, onProgress, signal: controller.signal }),
    ).rejects.toThrow("enough")
  })

  it.each([
    ["grows", () => appendFileSync(filePath, "x")],
    ["shrinks", () => truncateSync(filePath, 100)],
    ["is deleted", () => rmSync(filePath)],
  ])("refuses a file that %s meanwhile", async (_, change) => {
    writeFileSync(filePath, randomBytes(40 * 2 ** 20))
    let changed = false
    const onProgress = () => {
      if (!changed) change()
      changed = true
    }
    await expect(createTorrent({ filePath, hash: HASH, hasher, onProgress })).rejects.toMatchObject({
      name: "CommandError",
      code: "file_changed",
    })
  })

  it.each([
    ["a missing file", () => undefined, "no_such_file"],
    ["a folder", () => execFileSync("mkdir", [filePath]), "not_a_file"],
    ["a fifo, without waiting for its writer", () => execFileSync("mkfifo", [filePath]), "not_a_file"],
  ])("refuses %s", async (_, make, code) => {
    make()
    await expect(createTorrent({ filePath, hash: HASH, hasher })).rejects.toMatchObject({ name: "CommandError", code })
  })

  it("refuses more than 1,000,000 parts before it hashes any", async () => {
    writeFileSync(filePath, "")
    truncateSync(filePath, 1_000_001)
    await expect(createTorrent({ filePath, hash: HASH, hasher, partSizeBytes: 1 })).rejects.toMatchObject({
      code: "file_too_large",
    })
  })
})

describe("a torrent file on disk", () => {
  it("is read back as it was written", async () => {
    writeFileSync(filePath, randomBytes(1000))
    const { torrent } = await createTorrent({ filePath, hash: HASH, name: "n", hasher, partSizeBytes: 256 })
    const torrentPath = join(folder, "t.json")
    await writeTorrentFile(torrentPath, torrent)
    expect(await readTorrentFile(torrentPath)).toEqual(torrent)
  })

  it.each([
    ["a missing file", () => undefined, "no_such_file"],
    ["a folder", () => execFileSync("mkdir", [filePath]), "not_a_file"],
    ["a fifo", () => execFileSync("mkfifo", [filePath]), "not_a_file"],
    [
      "more than 64 MiB, before reading [hostile 4]",
      () => execFileSync("truncate", ["-s", "1T", filePath]),
      "bad_torrent",
    ],
    ["an empty file", () => writeFileSync(filePath, ""), "bad_torrent"],
  ])("refuses %s", async (_, make, code) => {
    make()
    await expect(readTorrentFile(filePath)).rejects.toMatchObject({ code })
  })

  it("can't be written into a folder that is not there", async () => {
    const torrent = {
      hash: HASH,
      sizeBytes: 0,
      partSizeBytes: 1,
      partDigests: new Uint8Array(0),
      name: "n",
      secret: undefined,
    }
    await expect(writeTorrentFile(join(folder, "no", "t.json"), torrent)).rejects.toMatchObject({
      code: "not_writable",
    })
  })
})
