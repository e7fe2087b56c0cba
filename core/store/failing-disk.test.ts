import { randomBytes } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { sha1 } from "../testing/sha1.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createDisk, type Disk } from "./disk.js"
import type { DocumentStore } from "./document-store.js"
import { FilePool } from "./file-pool.js"
import { createFileAtomic } from "./new-file.js"
import { openDownload } from "./open-download.js"
import { openSeed } from "./open-seed.js"

const system = vi.hoisted(() => ({ linkFailure: undefined as string | undefined }))
vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>()
  const link: typeof real.link = async (from, to) => {
    if (system.linkFailure === undefined) return real.link(from, to)
    throw Object.assign(new Error("no links here"), { code: system.linkFailure })
  }
  return { ...real, link }
})

const PART_SIZE = 1000
const content = randomBytes(4 * PART_SIZE)
const part = (index: number) => content.subarray(index * PART_SIZE, (index + 1) * PART_SIZE)
const torrent: Torrent = {
  hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
  sizeBytes: content.length,
  partSizeBytes: PART_SIZE,
  partDigests: Buffer.concat([0, 1, 2, 3].map((index) => sha1(part(index)))),
  name: "n",
  secret: undefined,
}

/** Open files whose every use fails while `errno` is set. */
class FailingPool extends FilePool {
  errno: string | undefined

  override async use<T>(path: string, flags: number, task: (fd: number) => Promise<T>, inode?: bigint): Promise<T> {
    if (this.errno !== undefined) throw Object.assign(new Error("it failed"), { code: this.errno })
    return super.use(path, flags, task, inode)
  }
}

let folder: string
let filePath: string
let files: FailingPool
let disk: Disk
const stores: DocumentStore[] = []

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  filePath = join(folder, "file.bin")
  files = new FailingPool()
  disk = createDisk({ files })
})

afterEach(async () => {
  files.errno = undefined
  system.linkFailure = undefined
  for (const store of stores.splice(0)) await store.close()
  await disk.close()
  expect(files.openCount).toBe(0)
})

describe("a file that is served", () => {
  async function seed(): Promise<DocumentStore> {
    writeFileSync(filePath, content)
    const store = await openSeed({ disk, torrent, filePath })
    stores.push(store)
    return store
  }

  it("loses the part that the disk can't read any more, and no other [hostile 11]", async () => {
    const store = await seed()
    files.errno = "EIO"
    await expect(store.read(2, 0, 10)).rejects.toMatchObject({ name: "StoreError", code: "disk_failed" })
    files.errno = undefined
    await expect(store.read(2, 0, 10)).rejects.toMatchObject({ code: "part_missing" })
    expect([0, 1, 2, 3].filter((index) => store.have.has(index))).toEqual([0, 1, 3])
    const { bytes, release } = await store.read(3, 0, 10)
    expect(Buffer.compare(bytes, part(3).subarray(0, 10))).toBe(0)
    release()
  })

  it("loses nothing when all it wants is a free descriptor [hostile 17]", async () => {
    const store = await seed()
    files.errno = "EMFILE"
    await expect(store.read(2, 0, 10)).rejects.toMatchObject({ code: "too_many_files" })
    files.errno = undefined
    ;(await store.read(2, 0, 10)).release()
    expect(store.have.isFull).toBe(true)
  })
})

describe("a download", () => {
  it("says that no descriptor is free, and has lost nothing [hostile 17]", async () => {
    const store = await openDownload({ disk, torrent, filePath })
    stores.push(store)
    await store.put(0, part(0))
    files.errno = "EMFILE"
    await expect(store.put(1, part(1))).rejects.toMatchObject({ name: "StoreError", code: "too_many_files" })
    files.errno = undefined
    await store.close()
    const again = await openDownload({ disk, torrent, filePath })
    stores.push(again)
    expect(again.have.count).toBe(1)
  })

  // No user may create files there, not even root.
  it.skipIf(!existsSync("/sys/kernel"))("into a read-only folder is refused at the start [hostile 18]", async () => {
    await expect(openDownload({ disk, torrent, filePath: "/sys/kernel/file.bin" })).rejects.toMatchObject({
      name: "StoreError",
      code: "not_writable",
      message: expect.stringContaining("/sys/kernel/file.bin"),
    })
  })

  it.each(["EPERM", "ENOTSUP"])(
    "where there are no hard links is kept from a second one all the same: %s [hostile 18]",
    async (errno) => {
      system.linkFailure = errno
      stores.push(await openDownload({ disk, torrent, filePath }))
      await expect(openDownload({ disk, torrent, filePath })).rejects.toMatchObject({ code: "in_use" })
    },
  )
})

describe.each(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])("a file system without hard links: %s", (errno) => {
  beforeEach(() => {
    system.linkFailure = errno
  })

  async function putAll(): Promise<DocumentStore> {
    const store = await openDownload({ disk, torrent, filePath })
    stores.push(store)
    for (const index of [0, 1, 2, 3]) await store.put(index, part(index))
    return store
  }

  it("takes a download, which leaves nothing else there [E16]", async () => {
    const store = await putAll()
    await store.complete()
    expect(readdirSync(folder)).toEqual(["file.bin"])
    expect(readFileSync(filePath).equals(content)).toBe(true)
    const { bytes, release } = await store.read(3, 0, 10)
    expect(Buffer.compare(bytes, part(3).subarray(0, 10))).toBe(0)
    release()
  })

  it("keeps a file that came to have the target's name meanwhile [E16]", async () => {
    const store = await putAll()
    writeFileSync(filePath, "mine")
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(filePath, "utf8")).toBe("mine")
    rmSync(filePath)
    await store.complete()
    expect(readFileSync(filePath).equals(content)).toBe(true)
  })

  it("takes new files whole, in place of none that is there [E16]", async () => {
    await createFileAtomic(filePath, "first")
    await expect(createFileAtomic(filePath, "second")).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(filePath, "utf8")).toBe("first")
    expect(readdirSync(folder)).toEqual(["file.bin"])
  })

  it("resumes a download after a stop [E16]", async () => {
    await (await putAll()).close()
    const again = await openDownload({ disk, torrent, filePath })
    stores.push(again)
    expect(again.have.isFull).toBe(true)
    await again.complete()
    expect(readdirSync(folder)).toEqual(["file.bin"])
  })
})
