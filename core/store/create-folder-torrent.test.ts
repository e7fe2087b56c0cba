import { execFileSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createHasher, type Hasher } from "../hashing/hasher.js"
import { type CreateFolderTorrentOptions, createFolderTorrent } from "./create-folder-torrent.js"

const HASH = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"
const PART = 64 * 1024

let root: string
let folderPath: string
let hasher: Hasher

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "create-folder-"))
  folderPath = join(root, "tree")
  mkdirSync(folderPath)
  hasher = createHasher()
})

afterEach(async () => {
  await hasher.close()
  rmSync(root, { recursive: true })
})

function put(path: string, content: string | Uint8Array = "x"): string {
  const whole = join(folderPath, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}

const create = (more: Partial<CreateFolderTorrentOptions> = {}) =>
  createFolderTorrent({ folderPath, hash: HASH, name: "tree", hasher, partSizeBytes: PART, ...more })

const refusal = (code: string, message: RegExp | string) => ({
  name: "CommandError",
  code,
  message: typeof message === "string" ? expect.stringContaining(message) : expect.stringMatching(message),
})

describe("createFolderTorrent", () => {
  it("hashes all files, hidden ones too, with padding as zeros and executable bits", async () => {
    const contents = { "a/small": randomBytes(100), "b.bin": randomBytes(3 * PART + 5), ".git/HEAD": randomBytes(7) }
    for (const [path, bytes] of Object.entries(contents)) put(path, bytes)
    put("empty", "")
    chmodSync(join(folderPath, "b.bin"), 0o755)
    const seen: unknown[] = []
    const { torrent, emptyFolders } = await create({ onProgress: (progress) => seen.push(progress) })
    const { files } = torrent
    const entries = Array.from({ length: files?.entryCount ?? 0 }, (_, index) => files?.entry(index))
    const plain = { isPadding: false, isExecutable: false }
    expect(entries).toEqual([
      { path: ".git/HEAD", sizeBytes: 7, ...plain },
      { path: "a/small", sizeBytes: 100, ...plain },
      { path: `.pad/${PART - 107}`, sizeBytes: PART - 107, isPadding: true, isExecutable: false },
      { path: "b.bin", sizeBytes: 3 * PART + 5, isPadding: false, isExecutable: true },
      { path: "empty", sizeBytes: 0, ...plain },
    ])
    const padding = new Uint8Array(PART - 107)
    const bytes = Buffer.concat([contents[".git/HEAD"], contents["a/small"], padding, contents["b.bin"]])
    const digests = [0, 1, 2, 3, 4].map((part) => {
      return createHash("sha1")
        .update(bytes.subarray(part * PART, (part + 1) * PART))
        .digest()
    })
    expect(Buffer.compare(torrent.partDigests, Buffer.concat(digests))).toBe(0)
    expect(torrent).toMatchObject({ sizeBytes: bytes.length, partSizeBytes: PART, name: "tree", hash: HASH })
    const total = { totalBytes: bytes.length, totalFiles: 4 }
    expect(seen.at(-1)).toEqual({ doneBytes: bytes.length, doneFiles: 4, ...total })
    expect(emptyFolders).toBe(0)
  })

  it("gives a file that stays the same parts in the folder's next version", async () => {
    put("large", randomBytes(2 * PART))
    put("a", "one")
    const digestsOfLarge = async () => {
      const { torrent } = await create()
      return Buffer.from(torrent.partDigests.subarray(20, 60)).toString("hex")
    }
    const before = await digestsOfLarge()
    put("a", "another, which is longer")
    put("b", "new")
    expect(await digestsOfLarge()).toBe(before)
  })

  it("counts folders with nothing in them", async () => {
    put("a")
    for (const path of ["b/c/d", "e"]) mkdirSync(join(folderPath, path), { recursive: true })
    expect((await create()).emptyFolders).toBe(2)
  })

  it("refuses a folder without any file [G4]", async () => {
    mkdirSync(join(folderPath, "a"))
    await expect(create()).rejects.toMatchObject(refusal("not_a_file", "no file"))
  })

  it("carries what links lead to, files and folders", async () => {
    const outside = join(root, "outside")
    mkdirSync(outside)
    writeFileSync(join(outside, "f"), "outside")
    put("a", "a")
    symlinkSync("a", join(folderPath, "link"))
    symlinkSync(outside, join(folderPath, "there"))
    const { files } = (await create()).torrent
    expect([0, 1, 2].map((index) => files?.path(index))).toEqual(["a", "link", "there/f"])
    expect(files?.sizeOf(2)).toBe(7)
  })

  it.each<[string, string, RegExp]>([
    ["a link that leads nowhere [G4]", "missing", /dir\/link: it is a link that leads nowhere/],
    ["a link to itself [G4]", "link", /dir\/link: it is a link that can't be followed/],
    ["a link to a folder that it lies in [G4]", "..", /dir\/link: it is a link to a folder that it lies in/],
    ["a link to all of the disk [G4]", "/", /dir\/link: it is a link to a folder that it lies in/],
    ["a link to a device [G4]", "/dev/null", /dir\/link: it is a link to a device/],
  ])("refuses %s by its name", async (_, target, message) => {
    put("dir/file")
    symlinkSync(target, join(folderPath, "dir/link"))
    await expect(create()).rejects.toMatchObject(refusal("not_a_file", message))
  })

  it("refuses links that lead around in a circle through another folder [G4]", async () => {
    const outside = join(root, "outside")
    mkdirSync(outside)
    put("a")
    symlinkSync(outside, join(folderPath, "out"))
    symlinkSync(folderPath, join(outside, "back"))
    await expect(create()).rejects.toMatchObject(refusal("not_a_file", "out/back: it is a link to a folder"))
  })

  it("refuses special files and files that can't be read by their names, before anything is hashed [G4]", async () => {
    put("a", randomBytes(10))
    let hashed = 0
    const onProgress = () => hashed++
    execFileSync("mkfifo", [join(folderPath, "pipe")])
    await expect(create({ onProgress })).rejects.toMatchObject(refusal("not_a_file", "tree/pipe: it is a pipe"))
    unlinkSync(join(folderPath, "pipe"))
    const server = createServer().listen(join(folderPath, "sock"))
    await new Promise((resolve) => server.once("listening", resolve))
    await expect(create({ onProgress })).rejects.toMatchObject(refusal("not_a_file", "tree/sock: it is a socket"))
    await new Promise((resolve) => server.close(resolve))
    if (process.getuid?.() !== 0) {
      chmodSync(put("locked"), 0)
      await expect(create({ onProgress })).rejects.toMatchObject(refusal("not_readable", "tree/locked"))
    }
    expect(hashed).toBe(0)
  })

  it.skipIf(process.platform !== "linux")(
    "refuses names that no torrent file may hold by their names [G4]",
    async () => {
      const line = put("a\nb")
      await expect(create()).rejects.toMatchObject(refusal("bad_path", "not safe"))
      unlinkSync(line)
      put("cafe\u0301")
      put("caf\u00e9")
      await expect(create()).rejects.toMatchObject(refusal("bad_path", /tree\/caf.*and.*tree\/caf.*normalisation/))
      rmSync(folderPath, { recursive: true })
      mkdirSync(folderPath)
      execFileSync("sh", ["-c", `touch "$(printf '%s/\\344' "$0")"`, folderPath])
      await expect(create()).rejects.toMatchObject(refusal("no_such_file", "not UTF-8"))
    },
  )

  it.each<[string, (path: string) => void]>([
    ["was written to", (path) => appendFileSync(path, "!")],
    ["got other content", (path) => writeFileSync(path, randomBytes(200 * 1024))],
    ["was deleted", (path) => unlinkSync(path)],
    [
      "was replaced",
      (path) => {
        writeFileSync(`${path}.new`, randomBytes(200 * 1024))
        renameSync(`${path}.new`, path)
      },
    ],
  ])("names a file that %s while the folder was hashed [G5]", async (_, change) => {
    put("a", randomBytes(300 * 1024))
    const path = put("b", randomBytes(200 * 1024))
    let changed = false
    const onProgress = () => {
      if (!changed) change(path)
      changed = true
    }
    await expect(create({ onProgress })).rejects.toMatchObject(refusal("file_changed", `${path}: it changed while`))
  })

  it("describes the files that were there at the start when others are added while it is hashed [G5]", async () => {
    put("a", randomBytes(300 * 1024))
    const onProgress = () => void put("later/b", "added")
    const { torrent } = await create({ onProgress })
    expect(torrent.files?.fileCount).toBe(1)
    expect(torrent.files?.path(0)).toBe("a")
  })

  it("refuses what would have more parts than a torrent file may hold", async () => {
    put("a", new Uint8Array(1_000_001))
    await expect(create({ partSizeBytes: 1 })).rejects.toMatchObject(refusal("file_too_large", "1000001 parts"))
  })

  it("ends when it is aborted", async () => {
    put("a", randomBytes(PART))
    const controller = new AbortController()
    controller.abort(new Error("enough"))
    await expect(create({ signal: controller.signal })).rejects.toThrow("enough")
  })
})
