import { constants } from "node:fs"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { StoreError } from "../base/errors.js"
import { formatCount } from "../base/format-bytes.js"
import { type FolderSource, fileSpansOf } from "../hashing/file-spans.js"
import type { FolderStats } from "../hashing/folder-stats.js"
import type { HashSource } from "../hashing/hash-file.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Disk } from "./disk.js"
import { type FileIdentity, sameContent, sameIdentity } from "./file-identity.js"
import { sameStamp, stampOf } from "./file-stamp.js"
import { type FolderLook, filesOfOtherSize, lookAtFolder } from "./folder-look.js"
import type { KeptAside } from "./kept-aside.js"
import { READ_ONE_BY_ONE, readFolder } from "./read-folder.js"
import { changedWords, goneWords } from "./shared-file-words.js"
import { statsIfThere } from "./unfinished-file.js"
import { LooksOther, RECHECK_MS, type WholeContent } from "./whole-content.js"

/** More files than these are looked at by one message to a thread: each look of its own goes by way of Node's threads. Our choice. */
const LOOK_ONE_BY_ONE = 4

/** Knows the parts of the document, and removes parts that are not good any more from the served ones. */
export interface FolderVerifier {
  /** Hashes the parts that touch bytes [offset, offset + length) of the document; differing ones are not served any more. Resolves to their number. */
  verify(source: HashSource, offset: number, length: number): Promise<number>
  /** Takes those parts away without a look. */
  withdraw(offset: number, length: number): void
}

export interface WholeFolderParts extends FolderLook {
  readonly disk: Disk
  readonly path: string
  readonly layout: FolderLayout
  readonly verifier: FolderVerifier
  /** Of a folder of which not all files are wanted. */
  readonly kept?: KeptAside | undefined
}

/**
 * A finished folder that is served. Each file is checked when it is read: an edited, replaced or deleted one makes its parts unavailable,
 * and the others are still served.
 */
export class WholeFolder implements WholeContent {
  readonly path: string
  readonly identity: FileIdentity
  readonly source: FolderSource & { readonly kind: "folder" }
  readonly #parts: WholeFolderParts
  readonly #stats: FolderStats
  /** When each file was checked last, by the disk's clock. */
  readonly #lookedAtMs: Float64Array
  /** Looks that run, by the offset of their range. */
  readonly #looking = new Map<number, Promise<StoreError | undefined>>()
  readonly #verifying = new Map<number, Promise<StoreError | undefined>>()
  #looked: FolderLook | undefined

  constructor(parts: WholeFolderParts) {
    this.path = parts.path
    this.identity = parts.identity
    const { path: root, layout, kept: aside } = parts
    this.source = { kind: "folder", root, layout, isGrowing: false, aside }
    this.#parts = parts
    this.#stats = parts.stats
    this.#lookedAtMs = new Float64Array(parts.layout.entryCount).fill(Number.NEGATIVE_INFINITY)
  }

  get isWhole(): boolean {
    return this.#parts.kept?.isEmpty !== false
  }

  async identify(): Promise<FileIdentity> {
    const { disk, layout } = this.#parts
    this.#looked = await lookAtFolder(disk.hasher, this.path, layout, {
      followLinks: true,
      asidePath: this.#parts.kept?.path,
    })
    return this.#looked.identity
  }

  as(identity: FileIdentity): WholeContent {
    const look = this.#looked && sameIdentity(this.#looked.identity, identity) ? this.#looked : this.#parts
    return new WholeFolder({ ...this.#parts, stats: look.stats, aside: look.aside, identity })
  }

  /** Its files are checked one by one, when they are read. */
  async otherIdentity(): Promise<FileIdentity | undefined> {
    return undefined
  }

  async isSame(): Promise<boolean> {
    return sameContent(await this.identify(), this.identity)
  }

  checksReads(offset: number, length: number): boolean {
    const { layout, kept } = this.#parts
    return kept === undefined && layout.spans(offset, length).length > READ_ONE_BY_ONE
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    const { disk } = this.#parts
    if (this.checksReads(offset, target.length)) return this.#readAndCheck(target, offset)
    await readFolder(disk, { ...this.source, flags: FLAGS }, target, offset)
  }

  async changesIn(offset: number, length: number): Promise<StoreError | undefined> {
    const looking = this.#looking.get(offset) ?? this.#changesIn(this.#dueIn(offset, length), offset, length)
    if (looking === undefined) return undefined
    this.#looking.set(offset, looking)
    try {
      return await looking
    } finally {
      this.#looking.delete(offset)
    }
  }

  /** Takes away the parts of files that are missing or have another size: a file that grew has good parts all the same. */
  withdrawOtherSizes(): void {
    const { layout, kept } = this.#parts
    for (const fileIndex of filesOfOtherSize(layout, this.#stats, (index) => kept?.has(index) === true))
      this.#withdraw(fileIndex)
  }

  async declareChanged(how: string, cause?: unknown): Promise<StoreError> {
    await this.forget()
    return new StoreError("file_changed", `${this.path}: ${changedWords(how)}`, { cause })
  }

  async forget(): Promise<void> {
    const { disk, kept } = this.#parts
    await disk.files.forgetBelow(this.path)
    if (kept) await disk.files.forget(kept.path)
  }

  /** Many files are read and looked at by one message to a thread. */
  async #readAndCheck(target: Uint8Array, offset: number): Promise<void> {
    const { disk, layout } = this.#parts
    const now = disk.clock.now()
    const seen = await disk.hasher.readFiles(fileSpansOf(this.source, offset, target.length), target)
    let isOther = false
    for (const [row, { fileIndex }] of layout.spans(offset, target.length).entries()) {
      if (layout.isPadding(fileIndex)) continue
      const isSame = seen !== undefined && this.#stats.isSameRow(fileIndex, seen, row)
      // `changesIn` looks at a file that changed after its last look, however short that is ago.
      this.#lookedAtMs[fileIndex] = isSame ? now : Number.NEGATIVE_INFINITY
      isOther ||= !isSame
    }
    if (isOther) throw new LooksOther("file_differs", `${this.path}: it changes while it is shared`)
  }

  #pathOf(fileIndex: number): string {
    return join(this.path, this.#parts.layout.path(fileIndex))
  }

  /** Files in that range that were not looked at just now. */
  #dueIn(offset: number, length: number): number[] {
    const { layout, disk } = this.#parts
    const now = disk.clock.now()
    const files = layout.spans(offset, length).map(({ fileIndex }) => fileIndex)
    return files.filter((index) => !layout.isPadding(index) && this.#isDue(index, now))
  }

  #isDue(fileIndex: number, now: number): boolean {
    return now - (this.#lookedAtMs[fileIndex] ?? now) >= RECHECK_MS
  }

  #changesIn(due: readonly number[], offset: number, length: number): Promise<StoreError | undefined> | undefined {
    const { kept } = this.#parts
    const files = kept === undefined ? due : due.filter((index) => !kept.has(index))
    const isAsideDue = files.length < due.length
    if (isAsideDue)
      return this.#asideChange(offset, length).then(async (change) => (await this.#lookAtAll(files)) ?? change)
    return due.length === 0 ? undefined : this.#lookAtAll(due)
  }

  /** The file beside the folder is one of this program: where it changed, each part that is read from it is hashed before. */
  async #asideChange(offset: number, length: number): Promise<StoreError | undefined> {
    const { kept, aside, verifier, disk } = this.#parts
    if (kept === undefined) return undefined
    const now = await statsIfThere(kept.path).catch(() => undefined)
    if (now !== undefined && aside !== undefined && sameStamp(stampOf(now), stampOf(aside))) return undefined
    await disk.files.forget(kept.path)
    const badCount = await verifier.verify(this.source, offset, length)
    if (badCount === 0) return undefined
    return new StoreError(
      "file_differs",
      `${kept.path}: ${changedWords(`${formatCount(badCount)} of its parts are not what they were`)}`,
    )
  }

  async #lookAtAll(due: readonly number[]): Promise<StoreError | undefined> {
    let change: StoreError | undefined
    for (const fileIndex of due.length > LOOK_ONE_BY_ONE ? await this.#otherThanBefore(due) : due)
      change = (await this.#changeOf(fileIndex)) ?? change
    return change
  }

  /** Those of many files that are not as they were, by one message to a thread. */
  async #otherThanBefore(files: readonly number[]): Promise<readonly number[]> {
    const { disk, layout } = this.#parts
    const now = disk.clock.now()
    const paths = files.map((index) => layout.path(index))
    const seen = await disk.hasher.folderStats({ root: this.path, paths, followLinks: true }).catch(() => undefined)
    return files.filter((index, row) => {
      const isSame = seen !== undefined && this.#stats.isSameRow(index, seen, row)
      if (isSame) this.#lookedAtMs[index] = now
      return !isSame
    })
  }

  async #changeOf(fileIndex: number): Promise<StoreError | undefined> {
    const { disk, layout } = this.#parts
    const now = disk.clock.now()
    if (!this.#isDue(fileIndex, now)) return undefined
    const stats = await stat(this.#pathOf(fileIndex)).catch((cause: Error) => cause)
    if (stats instanceof Error || !stats.isFile() || stats.size !== layout.sizeOf(fileIndex)) {
      this.#withdraw(fileIndex)
      return this.#differs(fileIndex, stats instanceof Error ? goneWords(stats) : changedWords("its size differs"))
    }
    if (!this.#stats.isSame(fileIndex, stats)) {
      const verifying = this.#verifying.get(fileIndex) ?? this.#verify(fileIndex)
      this.#verifying.set(fileIndex, verifying)
      return verifying
    }
    this.#lookedAtMs[fileIndex] = now
    return undefined
  }

  /** It was touched, or written to: its parts are hashed again. */
  async #verify(fileIndex: number): Promise<StoreError | undefined> {
    const { layout, verifier, disk } = this.#parts
    try {
      await disk.files.forget(this.#pathOf(fileIndex))
      const before = await stat(this.#pathOf(fileIndex))
      const badCount = await verifier.verify(this.source, layout.offsetOf(fileIndex), layout.sizeOf(fileIndex))
      this.#stats.set(fileIndex, before)
      return badCount > 0
        ? this.#differs(fileIndex, changedWords(`${formatCount(badCount)} of its parts are not what they were`))
        : undefined
    } finally {
      this.#verifying.delete(fileIndex)
    }
  }

  #withdraw(fileIndex: number): void {
    const { layout, verifier } = this.#parts
    verifier.withdraw(layout.offsetOf(fileIndex), layout.sizeOf(fileIndex))
  }

  #differs(fileIndex: number, what: string): StoreError {
    return new StoreError("file_differs", `${this.#pathOf(fileIndex)}: ${what}`)
  }
}

/** The user's own folder, which may hold links. O_NONBLOCK: opening a fifo would block until a writer opens it. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK
