import type { P2pError } from "../base/errors.js"
import type { DocumentOptions } from "../document/described-document.js"
import type { Document } from "../document/document.js"
import type { WantedFiles } from "../document/wanted-files.js"
import type { LibraryEntry } from "../library/library-entry.js"
import type { Torrent } from "../torrent/torrent-file.js"

/** Where a document's torrent file and its own file are. Absolute paths. */
export interface DocumentPlace {
  readonly torrentPath: string
  readonly filePath: string
  /** Addresses to begin with. */
  readonly peers?: readonly string[]
}

/** The listed document that continues, the broken one that was replaced, or neither. */
export interface Listed {
  readonly document?: Document
  readonly broken?: DocumentOptions
}

/** Which files of a folder the user has asked for; undefined: all. */
export interface Choice {
  readonly wanted: WantedFiles | undefined
}

export interface NewDownload extends Choice {
  readonly torrent: Torrent
  readonly place: DocumentPlace
  /** What stands at the target is repaired. */
  readonly repair: boolean
  /** The broken one in whose place it comes. */
  readonly replaced: DocumentOptions | undefined
}

/** A document that is known, but that nothing describes any more. */
export interface LostDocument {
  readonly entry: LibraryEntry
  readonly error: P2pError
}
