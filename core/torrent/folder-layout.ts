/** One entry of a folder document (docs/engine/file-formats.md#folders). */
export interface FolderFile {
  /** Components joined by "/", each a safe name; for padding the path in the torrent file. */
  readonly path: string
  readonly sizeBytes: number
  /** Zeros that are part of the document but of no file (BEP 47, attr "p"). */
  readonly isPadding: boolean
  /** BEP 47, attr "x". */
  readonly isExecutable: boolean
}

/** A run of a document's bytes that stands in one file. */
export interface Span {
  readonly fileIndex: number
  readonly fileOffset: number
  /** Bytes, never 0. */
  readonly length: number
}

/** Entries for which a layout under construction has room at first. Our choice. */
const FIRST_ENTRIES = 64

const PADDING = 1
const EXECUTABLE = 2

interface LayoutColumns {
  readonly paths: readonly string[]
  readonly offsets: Float64Array
  readonly attributes: Uint8Array
  readonly fileCount: number
}

/**
 * Where the bytes of a folder document stand: its files one after the other. Offsets are bytes of the document. Typed arrays, because a
 * folder may have 500,000 files.
 */
export class FolderLayout {
  readonly #paths: readonly string[]
  /** One more than there are files: the last is the size of the document. */
  readonly #offsets: Float64Array
  readonly #attributes: Uint8Array

  /** Files without padding. */
  readonly fileCount: number

  /** `FolderLayoutBuilder` makes them. */
  constructor({ paths, offsets, attributes, fileCount }: LayoutColumns) {
    this.#paths = paths
    this.#offsets = offsets
    this.#attributes = attributes
    this.fileCount = fileCount
  }

  /** Builds the layout of files that were checked; their sizes add up to a safe integer. */
  static of(files: readonly FolderFile[]): FolderLayout {
    const builder = new FolderLayoutBuilder()
    for (const file of files) builder.add(file)
    return builder.build()
  }

  /** Entries, padding among them. */
  get entryCount(): number {
    return this.#paths.length
  }

  get sizeBytes(): number {
    return this.#offsets[this.#paths.length] ?? 0
  }

  /** The entry with this index, 0-based, < entryCount. */
  entry(fileIndex: number): FolderFile {
    return {
      path: this.path(fileIndex),
      sizeBytes: this.sizeOf(fileIndex),
      isPadding: this.isPadding(fileIndex),
      isExecutable: this.isExecutable(fileIndex),
    }
  }

  path(fileIndex: number): string {
    return this.#paths[fileIndex] ?? ""
  }

  /** Offset of the file's first byte in the document. */
  offsetOf(fileIndex: number): number {
    return this.#offsets[fileIndex] ?? 0
  }

  sizeOf(fileIndex: number): number {
    return this.offsetOf(fileIndex + 1) - this.offsetOf(fileIndex)
  }

  isPadding(fileIndex: number): boolean {
    return ((this.#attributes[fileIndex] ?? 0) & PADDING) !== 0
  }

  isExecutable(fileIndex: number): boolean {
    return ((this.#attributes[fileIndex] ?? 0) & EXECUTABLE) !== 0
  }

  /** The files that hold the document's bytes [offset, offset + length), in order, including padding, without empty files. */
  spans(offset: number, length: number): Span[] {
    const spans: Span[] = []
    const end = Math.min(offset + length, this.sizeBytes)
    for (let fileIndex = this.#fileAt(offset), at = offset; at < end; fileIndex++) {
      const fileEnd = Math.min(this.offsetOf(fileIndex + 1), end)
      if (fileEnd === at) continue
      spans.push({ fileIndex, fileOffset: at - this.offsetOf(fileIndex), length: fileEnd - at })
      at = fileEnd
    }
    return spans
  }

  /** The first file that ends behind `offset`. */
  #fileAt(offset: number): number {
    let low = 0
    let high = this.#paths.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.offsetOf(middle + 1) > offset) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Takes the entries of a layout one by one: of 500,000 no list has to be made. */
export class FolderLayoutBuilder {
  readonly #paths: string[] = []
  #offsets = new Float64Array(FIRST_ENTRIES + 1)
  #attributes = new Uint8Array(FIRST_ENTRIES)
  #fileCount = 0

  /** Entries so far. */
  get count(): number {
    return this.#paths.length
  }

  /** Of a file that was checked; the sizes of all add up to a safe integer. */
  add({ path, sizeBytes, isPadding, isExecutable }: FolderFile): void {
    const index = this.#paths.push(path) - 1
    if (index === this.#attributes.length) this.#makeRoom()
    this.#offsets[index + 1] = (this.#offsets[index] ?? 0) + sizeBytes
    this.#attributes[index] = (isPadding ? PADDING : 0) | (isExecutable ? EXECUTABLE : 0)
    if (!isPadding) this.#fileCount++
  }

  build(): FolderLayout {
    const count = this.#paths.length
    return new FolderLayout({
      paths: this.#paths,
      offsets: this.#offsets.slice(0, count + 1),
      attributes: this.#attributes.slice(0, count),
      fileCount: this.#fileCount,
    })
  }

  #makeRoom(): void {
    const [offsets, attributes] = [this.#offsets, this.#attributes]
    this.#offsets = new Float64Array(2 * attributes.length + 1)
    this.#offsets.set(offsets)
    this.#attributes = new Uint8Array(2 * attributes.length)
    this.#attributes.set(attributes)
  }
}

/** BEP 47: "p" for padding, "x" for an executable file, undefined for any other. */
export function attributeOf(files: FolderLayout, fileIndex: number): string | undefined {
  if (files.isPadding(fileIndex)) return "p"
  return files.isExecutable(fileIndex) ? "x" : undefined
}
