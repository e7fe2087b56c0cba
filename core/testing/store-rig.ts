import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect } from "vitest"
import { createDisk, type Disk } from "../store/disk.js"
import type { DocumentStore } from "../store/document-store.js"
import type { FileIdentity } from "../store/file-identity.js"
import { openDownload } from "../store/open-download.js"
import { openSeed } from "../store/open-seed.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { FakeClock } from "./fake-clock.js"

export const RIG_PART_BYTES = 1_000

/** A document of ten parts, the last one short, and a folder to download it into. `close` holds all descriptors to be closed. */
export class StoreRig {
  readonly folder = mkdtempSync(join(tmpdir(), "p2p-tui-store-"))
  readonly content = randomBytes(9_500)
  readonly clock = new FakeClock()
  readonly disk: Disk = createDisk({ clock: this.clock })
  readonly torrent: Torrent = torrentOf(this.content)
  readonly #stores: DocumentStore[] = []

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

  async download(torrent = this.torrent, name = "file.bin"): Promise<DocumentStore> {
    return this.#keep(await openDownload({ disk: this.disk, torrent, filePath: this.path(name) }))
  }

  async seed(onIdentity?: (identity: FileIdentity) => void): Promise<DocumentStore> {
    const { disk, torrent, filePath } = this
    return this.#keep(await openSeed({ disk, torrent, filePath, onIdentity }))
  }

  /** Opens a download, stores these parts, and leaves in order. */
  async stored(...indices: readonly number[]): Promise<void> {
    const store = await this.download()
    for (const index of indices) await store.put(index, this.part(index))
    await store.close()
  }

  /** What a killed process leaves behind: a record without the last checkpoint, and nobody who holds the lock. */
  async kill(store: DocumentStore): Promise<void> {
    const record = readFileSync(this.recordPath)
    await store.close()
    writeFileSync(this.recordPath, record)
  }

  /** Stores all that is missing and completes. */
  async finish(store: DocumentStore): Promise<void> {
    await store.checkDoubtful()
    for (let index = 0; index < 10; index++) await store.put(index, this.part(index))
    await store.complete()
    expect(Buffer.compare(readFileSync(store.filePath), this.content)).toBe(0)
  }

  async bytesOf(store: DocumentStore, partIndex: number): Promise<Buffer> {
    const { bytes, release } = await store.read(partIndex, 0, this.part(partIndex).length)
    const copy = Buffer.from(bytes)
    release()
    return copy
  }

  async close(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close()
    expect(this.disk.files.openCount).toBe(0)
    await this.disk.close()
    rmSync(this.folder, { recursive: true })
  }

  #keep(store: DocumentStore): DocumentStore {
    this.#stores.push(store)
    return store
  }
}

/** An open document with parts of `RIG_PART_BYTES`. */
export function torrentOf(bytes: Uint8Array): Torrent {
  const digests: Buffer[] = []
  for (let start = 0; start < bytes.length; start += RIG_PART_BYTES)
    digests.push(createHash("sha1").update(bytes.subarray(start, start + RIG_PART_BYTES)).digest()) // biome-ignore format: one line
  return {
    hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
    sizeBytes: bytes.length,
    partSizeBytes: RIG_PART_BYTES,
    partDigests: Buffer.concat(digests),
    name: "n",
    secret: undefined,
  }
}
