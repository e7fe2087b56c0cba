import { StoreError } from "../base/errors.js"
import type { HashSource } from "../hashing/hash-file.js"
import type { Hasher } from "../hashing/hasher.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { Lengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { type CheckHooks, checkParts } from "./check-parts.js"
import type { Disk } from "./disk.js"
import { storeErrorOf } from "./disk-errors.js"
import { sameIdentity } from "./file-identity.js"
import type { GrowingDocument } from "./growing-document.js"
import type { WholeContent } from "./whole-content.js"

/** Hashes the data on disk of one document. */
export class PartChecks {
  readonly #hasher: Hasher
  readonly #torrent: Torrent
  readonly #lengths: Lengths

  constructor(parts: { readonly disk: Disk; readonly torrent: Torrent; readonly lengths: Lengths }) {
    this.#hasher = parts.disk.hasher
    this.#torrent = parts.torrent
    this.#lengths = parts.lengths
  }

  /** Hashes finished content, corrects `have`, and resolves to it as it is now. @throws StoreError "file_changed" when it changes meanwhile. */
  async whole(content: WholeContent, hooks: CheckHooks, have: Bitfield): Promise<WholeContent> {
    const { path } = content
    try {
      const identity = await content.identify()
      await this.#all(content.source, hooks, have)
      if (!sameIdentity(identity, await content.identify()))
        throw new StoreError("file_changed", `${path}: it changed while it was checked`)
      return content.as(identity)
    } catch (error) {
      throw storeErrorOf(error, path, 0)
    }
  }

  /** Hashes an unfinished document, and corrects `have` and its record. No part may be written meanwhile. @throws StoreError. */
  async growing(document: GrowingDocument, hooks: CheckHooks, have: Bitfield): Promise<void> {
    const { content } = document
    try {
      await this.#all(content.source, hooks, have)
      // Twice, so that no older checkpoint claims a part that was found damaged.
      await document.checkpoint()
      await document.checkpoint()
    } catch (error) {
      throw storeErrorOf(error, content.path, 0)
    }
  }

  /** Hashes parts of an unfinished document that may be there: good ones are adopted. Ends early, without an error, when it is aborted. @throws StoreError. */
  async doubtful(
    document: GrowingDocument,
    partIndices: readonly number[],
    signal: AbortSignal,
    onPart: (partIndex: number, good: boolean) => void,
  ): Promise<void> {
    const { content } = document
    try {
      await this.some(content.source, partIndices, { signal }, (partIndex, good) => {
        if (signal.aborted) return
        if (good) document.adopt(partIndex)
        else document.lose(partIndex)
        onPart(partIndex, good)
      })
    } catch (error) {
      if (!signal.aborted) throw storeErrorOf(error, content.path, 0)
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
    const hasher = this.#hasher
    await checkParts({ ...hooks, source, lengths: this.#lengths, partDigests, partIndices, hasher, onPart })
  }

  async #all(source: HashSource, hooks: CheckHooks, have: Bitfield): Promise<void> {
    const all = Array.from({ length: this.#lengths.partCount }, (_, partIndex) => partIndex)
    await this.some(source, all, hooks, (index, good) => (good ? have.add(index) : have.remove(index)))
  }
}
