import { StoreError } from "../base/errors.js"
import type { HashSource } from "../hashing/hash-file.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { Lengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { type CheckHooks, checkParts } from "./check-parts.js"
import type { Disk } from "./disk.js"
import { storeErrorOf } from "./disk-errors.js"
import { identityOf, sameIdentity } from "./file-identity.js"
import { READ_FLAGS, WRITE_FLAGS } from "./file-io.js"
import type { GrowingFile } from "./growing-file.js"
import { WholeFile } from "./whole-file.js"

/** Hashes what is on disk of one document. */
export class PartChecks {
  readonly #disk: Disk
  readonly #torrent: Torrent
  readonly #lengths: Lengths

  constructor(parts: { readonly disk: Disk; readonly torrent: Torrent; readonly lengths: Lengths }) {
    this.#disk = parts.disk
    this.#torrent = parts.torrent
    this.#lengths = parts.lengths
  }

  /** Hashes a finished file, corrects `have`, and resolves to the file as it is now. @throws StoreError "file_changed" when it changes meanwhile. */
  async whole(path: string, hooks: CheckHooks, have: Bitfield): Promise<WholeFile> {
    try {
      const identity = await identityOf(path)
      await this.#all({ kind: "file", path, flags: READ_FLAGS }, hooks, have)
      if (!sameIdentity(identity, await identityOf(path)))
        throw new StoreError("file_changed", `${path}: it changed while it was checked`)
      return new WholeFile(this.#disk, path, identity)
    } catch (error) {
      throw storeErrorOf(error, path, 0)
    }
  }

  /** Hashes an unfinished file, and corrects `have` and its record. No part may be written meanwhile. @throws StoreError. */
  async growing(file: GrowingFile, hooks: CheckHooks, have: Bitfield): Promise<void> {
    try {
      await this.#all({ kind: "file", path: file.partPath, flags: WRITE_FLAGS }, hooks, have)
      // Twice, so that no older checkpoint claims a part that was found damaged.
      await file.checkpoint()
      await file.checkpoint()
    } catch (error) {
      throw storeErrorOf(error, file.partPath, 0)
    }
  }

  /** Hashes some parts (0-based, ascending). Rejects with the system error. */
  async some(
    source: HashSource,
    partIndices: readonly number[],
    hooks: CheckHooks,
    onPart: (partIndex: number, good: boolean) => void,
  ): Promise<void> {
    const { partDigests } = this.#torrent
    const { hasher } = this.#disk
    await checkParts({ ...hooks, source, lengths: this.#lengths, partDigests, partIndices, hasher, onPart })
  }

  async #all(source: HashSource, hooks: CheckHooks, have: Bitfield): Promise<void> {
    const all = Array.from({ length: this.#lengths.partCount }, (_, partIndex) => partIndex)
    await this.some(source, all, hooks, (index, good) => (good ? have.add(index) : have.remove(index)))
  }
}
