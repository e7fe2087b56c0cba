import { Bitfield } from "./bitfield.js"
import type { FolderLayout } from "./folder-layout.js"
import type { Lengths } from "./lengths.js"

/** The files of a folder document that its user wants. Padding is never among them. */
export class FileSelection {
  readonly #layout: FolderLayout
  /** One byte per entry, 1 for a wanted file: a folder may have 500,000 of them. */
  readonly #wanted: Uint8Array
  /** Wanted files, empty ones among them. */
  readonly fileCount: number
  /** Bytes of the wanted files; the parts that hold them may have more. */
  readonly sizeBytes: number

  constructor(layout: FolderLayout, isWanted: (fileIndex: number) => boolean) {
    this.#layout = layout
    this.#wanted = new Uint8Array(layout.entryCount)
    let fileCount = 0
    let sizeBytes = 0
    for (let index = 0; index < layout.entryCount; index++) {
      if (layout.isPadding(index) || !isWanted(index)) continue
      this.#wanted[index] = 1
      fileCount++
      sizeBytes += layout.sizeOf(index)
    }
    this.fileCount = fileCount
    this.sizeBytes = sizeBytes
  }

  /** `marks`: 1 for a wanted entry, padding not counted. */
  static of(layout: FolderLayout, marks: Uint8Array): FileSelection {
    return new FileSelection(layout, (index) => marks[index] === 1)
  }

  /** The selection whose `encoded` form this is; undefined for the form of another layout. */
  static decode(layout: FolderLayout, encoded: string): FileSelection | undefined {
    const set = Bitfield.fromBytes(layout.entryCount, Buffer.from(encoded, "base64"))
    return set && new FileSelection(layout, (index) => set.has(index))
  }

  /** One bit per entry, in base64: 50 kB for 300,000 files. */
  get encoded(): string {
    const set = new Bitfield(this.#wanted.length)
    for (const [index, wanted] of this.#wanted.entries()) if (wanted === 1) set.add(index)
    return Buffer.from(set.bytes).toString("base64")
  }

  /** Every file is wanted. */
  get isWhole(): boolean {
    return this.fileCount === this.#layout.fileCount
  }

  /** Every file of another selection of the same folder is in this one. */
  hasAllOf(other: FileSelection): boolean {
    return other.#wanted.every((wanted, index) => wanted === 0 || this.has(index))
  }

  has(fileIndex: number): boolean {
    return this.#wanted[fileIndex] === 1
  }

  /** The parts that hold a byte of a wanted file; `lengths` are those of the document. Takes one step per file and part. */
  parts(lengths: Lengths): Bitfield {
    const parts = new Bitfield(lengths.partCount)
    let next = 0
    for (let index = 0; index < this.#wanted.length; index++) {
      const from = this.#layout.offsetOf(index)
      const end = this.#layout.offsetOf(index + 1)
      if (!this.has(index) || end === from) continue
      next = Math.max(next, Math.floor(from / lengths.partSizeBytes))
      for (; next * lengths.partSizeBytes < end; next++) parts.add(next)
    }
    return parts
  }
}
