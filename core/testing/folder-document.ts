import { createHash, randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createHasher, type Hasher } from "../hashing/hasher.js"
import { wrappedHasher } from "../hashing/wrapped-hasher.js"
import { createDisk, type Disk } from "../store/disk.js"
import type { DocumentStore } from "../store/document-store.js"
import { openDownload } from "../store/open-download.js"
import { openSeed } from "../store/open-seed.js"
import { FileSelection } from "../torrent/file-selection.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { FakeClock } from "./fake-clock.js"

const PART_SIZE = 1000
const file = (path: string, sizeBytes: number, isExecutable = false) => ({
  path,
  sizeBytes,
  isPadding: false,
  isExecutable,
})
/** A folder of 6 parts: padding, an executable, an empty file, parts that run over the borders of files. */
export const FILES = [
  file("bin/run", 700, true),
  { path: ".pad/300", sizeBytes: 300, isPadding: true, isExecutable: false },
  file("data/large", 3500),
  file("data/small", 20),
  file("empty", 0),
  file("last", 1480),
]
export const layout = FolderLayout.of(FILES)
export const contents = new Map(
  FILES.map(({ path, sizeBytes, isPadding }) => [path, isPadding ? Buffer.alloc(sizeBytes) : randomBytes(sizeBytes)]),
)
const document = Buffer.concat([...contents.values()])
const PART_COUNT = 6
/** The bytes of a part. */
export const part = (index: number) => Uint8Array.from(document.subarray(index * PART_SIZE, (index + 1) * PART_SIZE))
const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest()
export const all = Array.from({ length: PART_COUNT }, (_, index) => index)

/** An open document; give it a Secret to make it private. */
export const folderTorrent: Torrent = {
  hash: "0f0e0d0c-0b0a-4908-8706-050403020100",
  sizeBytes: layout.sizeBytes,
  partSizeBytes: PART_SIZE,
  partDigests: Uint8Array.from(Buffer.concat(all.map((index) => sha1(part(index))))),
  name: "folder",
  files: layout,
  secret: undefined,
}

/** Why the folder is not the document, or undefined. */
export function faultOf(folder: string): string | undefined {
  for (const { path, isPadding } of FILES) {
    const place = join(folder, path)
    if (isPadding && existsSync(place)) return `padding was written: ${path}`
    if (!isPadding && !readFileSync(place).equals(contents.get(path) ?? Buffer.alloc(1))) return `other bytes: ${path}`
  }
  return undefined
}

/** The finished folder, as a user brings it. */
export function bringFolder(target: string): void {
  for (const { path, isPadding } of FILES) {
    if (isPadding) continue
    mkdirSync(dirname(join(target, path)), { recursive: true })
    writeFileSync(join(target, path), contents.get(path) ?? "")
  }
}

/** Stores of the folder document below a folder of their own, on a fake clock. */
export class FolderRig {
  readonly base = mkdtempSync(join(tmpdir(), "folder-rig-"))
  readonly target = join(this.base, "folder")
  readonly clock = new FakeClock()
  /** Slices of parts that were hashed on disk. */
  hashedSlices = 0
  /** Files that were synced one by one, in order. */
  readonly syncedFiles: string[] = []
  /** Writes that are done on disk, answered or not. */
  writeCount = 0
  /** The answer to a write that was done waits for it. */
  writesAnswered: Promise<void> = Promise.resolve()
  readonly #disks: Disk[] = []
  readonly #stores: DocumentStore[] = []

  disk(): Disk {
    const hasher = createHasher()
    const hashParts: Hasher["hashParts"] = (range) => {
      this.hashedSlices++
      return hasher.hashParts(range)
    }
    const syncFiles: Hasher["syncFiles"] = async (files) => {
      await hasher.syncFiles(files)
      this.syncedFiles.push(...files.files)
    }
    const verifyAndWrite: Hasher["verifyAndWrite"] = async (write) => {
      const right = await hasher.verifyAndWrite(write)
      this.writeCount++
      await this.writesAnswered
      return right
    }
    const changed = wrappedHasher(hasher, { hashParts, syncFiles, verifyAndWrite })
    const disk = createDisk({ clock: this.clock, hasher: changed })
    this.#disks.push(disk)
    return disk
  }

  async download(torrent: Torrent = folderTorrent, selection?: FileSelection): Promise<DocumentStore> {
    return this.#kept(await openDownload({ disk: this.disk(), torrent, filePath: this.target, selection }))
  }

  async seed(remembered?: DocumentStore["identity"], selection?: FileSelection): Promise<DocumentStore> {
    const [disk, filePath] = [this.disk(), this.target]
    return this.#kept(await openSeed({ disk, torrent: folderTorrent, filePath, remembered, selection }))
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close()
    for (const disk of this.#disks) await disk.close()
    rmSync(this.base, { recursive: true })
  }

  #kept(store: DocumentStore): DocumentStore {
    this.#stores.push(store)
    return store
  }
}

/** The files of the folder document with these paths. */
export function selected(...paths: readonly string[]): FileSelection {
  return new FileSelection(layout, (index) => paths.includes(layout.path(index)))
}

/** Puts parts into a store, and returns the result of each. */
export async function putParts(store: DocumentStore, ...indices: readonly number[]): Promise<readonly string[]> {
  const outcomes: string[] = []
  for (const index of indices) outcomes.push(await store.put(index, part(index)))
  return outcomes
}

/** Reads a whole part of a store; true when its bytes are right. */
export async function readsRight(store: DocumentStore, index: number): Promise<boolean> {
  const { bytes, release } = await store.read(index, 0, part(index).length)
  const isRight = Buffer.compare(bytes, part(index)) === 0
  release()
  return isRight
}
