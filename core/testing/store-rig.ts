import { randomBytes } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect } from "vitest"
import { createHasher, type Hasher } from "../hashing/hasher.js"
import { wrappedHasher } from "../hashing/wrapped-hasher.js"
import { createDisk, type Disk } from "../store/disk.js"
import type { DocumentStore } from "../store/document-store.js"
import type { FileIdentity } from "../store/file-identity.js"
import { openDownload } from "../store/open-download.js"
import { openSeed } from "../store/open-seed.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { FakeClock } from "./fake-clock.js"
import { sha1 } from "./sha1.js"

export const RIG_PART_BYTES = 1_000
export const RIG_PART_COUNT = 10

/** A document of ten parts, the last one short, and a folder to download it into. `close` holds all descriptors to be closed. */
export class StoreRig {
  readonly folder = mkdtempSync(join(tmpdir(), "p2p-tui-store-"))
  readonly content = randomBytes(9_500)
  readonly clock = new FakeClock()
  readonly disk: Disk = createDisk({ clock: this.clock })
  readonly torrent: Torrent = torrentOf(this.content)
  readonly #stores: DocumentStore[] = []
  readonly #otherDisks: Disk[] = []

  get filePath(): string {
    return this.path("file.bin")
  }

  get partPath(): string {
    return this.path("file.bin.part")
  }

  get recordPath(): string {
    return this.path("file.bin.part.resume")
  }

  get names(): string[] {
    return readdirSync(this.folder).sort()
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  part(index: number): Buffer {
    return this.content.subarray(index * RIG_PART_BYTES, (index + 1) * RIG_PART_BYTES)
  }

  async download(torrent = this.torrent, name = "file.bin", disk = this.disk): Promise<DocumentStore> {
    return this.#keep(await openDownload({ disk, torrent, filePath: this.path(name) }))
  }

  /** As `download`, on a disk with another hasher. */
  async downloadWith(hasher: Hasher): Promise<DocumentStore> {
    const disk = createDisk({ hasher })
    this.#otherDisks.push(disk)
    return this.download(this.torrent, "file.bin", disk)
  }

  async seed(onIdentity?: (identity: FileIdentity) => void): Promise<DocumentStore> {
    const { disk, torrent, filePath } = this
    return this.#keep(await openSeed({ disk, torrent, filePath, onIdentity }))
  }

  /** Opens a download, stores these parts, and closes it. */
  async stored(...indices: readonly number[]): Promise<void> {
    const store = await this.download()
    for (const index of indices) await store.put(index, this.part(index))
    await store.close()
  }

  /** The state after a killed process: a record without the last checkpoint, and a lock without an owner. */
  async kill(store: DocumentStore): Promise<void> {
    const record = readFileSync(this.recordPath)
    await store.close()
    writeFileSync(this.recordPath, record)
  }

  /** Stores all parts at once. */
  async putAll(store: DocumentStore): Promise<void> {
    await Promise.all(Array.from({ length: RIG_PART_COUNT }, (_, index) => store.put(index, this.part(index))))
  }

  /** Stores all that is missing and completes. */
  async finish(store: DocumentStore): Promise<void> {
    await store.checkDoubtful()
    for (let index = 0; index < RIG_PART_COUNT; index++) await store.put(index, this.part(index))
    await store.complete()
    expect(Buffer.compare(readFileSync(store.filePath), this.content)).toBe(0)
  }

  async bytesOf(
    store: DocumentStore,
    partIndex: number,
    offset = 0,
    length = this.part(partIndex).length,
  ): Promise<Buffer> {
    const { bytes, release } = await store.read(partIndex, offset, length)
    const copy = Buffer.from(bytes)
    release()
    return copy
  }

  async close(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close()
    for (const disk of [this.disk, ...this.#otherDisks.splice(0)]) {
      expect(disk.files.openCount).toBe(0)
      await disk.close()
    }
    rmSync(this.folder, { recursive: true })
  }

  #keep(store: DocumentStore): DocumentStore {
    this.#stores.push(store)
    return store
  }
}

/** An open document; with parts of `RIG_PART_BYTES` by default. */
export function torrentOf(bytes: Uint8Array, partSizeBytes = RIG_PART_BYTES): Torrent {
  const digests: Buffer[] = []
  for (let start = 0; start < bytes.length; start += partSizeBytes)
    digests.push(sha1(bytes.subarray(start, start + partSizeBytes)))
  return {
    hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
    sizeBytes: bytes.length,
    partSizeBytes,
    partDigests: Buffer.concat(digests),
    name: "n",
    secret: undefined,
  }
}

/** The real hasher, with a count of the bytes it hashes. */
export function countingHasher(): Hasher & { hashedParts: number } {
  const real = createHasher({ threads: 1 })
  const counts = { hashedParts: 0 }
  const hashParts: Hasher["hashParts"] = (range) => {
    counts.hashedParts += range.toPart - range.fromPart
    return real.hashParts(range)
  }
  return Object.assign(counts, wrappedHasher(real, { hashParts }))
}
