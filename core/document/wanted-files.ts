import type { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import { bytesOfParts, type Lengths } from "../torrent/lengths.js"

/** The wanted files of a folder document of which not all are wanted, and their parts. */
export class WantedFiles {
  /** The patterns, as typed; empty when files were chosen one by one. */
  readonly only: readonly string[]
  readonly files: FileSelection
  readonly parts: Bitfield
  readonly partBytes: number

  constructor(only: readonly string[], files: FileSelection, lengths: Lengths) {
    this.only = only
    this.files = files
    this.parts = files.parts(lengths)
    this.partBytes = bytesOfParts(lengths, this.parts)
  }
}
