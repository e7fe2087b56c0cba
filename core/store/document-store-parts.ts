import type { Bitfield } from "../torrent/bitfield.js"
import type { Lengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { Disk } from "./disk.js"
import type { FileIdentity } from "./file-identity.js"
import type { GrowingDocument } from "./growing-document.js"
import type { WholeContent } from "./whole-content.js"

/** The components of a `DocumentStore`. */
export interface DocumentStoreParts {
  readonly disk: Disk
  readonly torrent: Torrent
  readonly lengths: Lengths
  readonly filePath: string
  readonly have: Bitfield
  /** An unfinished download, or a file that has its own name. */
  readonly file: GrowingDocument | WholeContent
  /** Parts of an unfinished download that may be there; see `checkDoubtful`. 0-based, ascending. None by default. */
  readonly doubtful?: readonly number[]
  /** Parts that hold a byte of a wanted file; undefined: all parts. */
  readonly wanted?: Bitfield | undefined
  /** Why the resume record was not believed, one sentence. */
  readonly recordProblem?: string | undefined
  /** Receives the identity to store after a served file was hashed again. */
  readonly onIdentity?: ((identity: FileIdentity) => void) | undefined
}
