import type { HashSource } from "../hashing/hash-file.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import type { FileStamp } from "./file-stamp.js"
import type { OnMoved } from "./move-aside.js"
import type { PartPlace } from "./part-place.js"
import type { WholeContent } from "./whole-content.js"

/** Where one byte is set before a part is written. */
export interface Mark {
  readonly fd: number
  readonly offset: number
}

/**
 * The bytes of an unfinished download on disk: one file, or the files of one folder. `GrowingDocument` decides when they are synced and
 * recorded. Rejects with system errors.
 */
export interface GrowingContent {
  /** Absolute path of the `.part` file or folder. */
  readonly path: string
  readonly source: HashSource
  /** Writes a part, after its mark; false when its digest differs. `lane`: see `PartWrite`. */
  write(lane: number, bytes: Uint8Array, place: PartPlace, mark: Mark): Promise<boolean>
  /** Fills `target` from `offset` of the document on. @throws StoreError "file_changed" when the file is shorter. */
  readInto(target: Uint8Array, offset: number): Promise<void>
  /** Not all of the document is wanted: its record stays beside the finished content. */
  readonly isPartial: boolean
  /**
   * Other files of a folder are wanted than before; undefined: all. `have`: the parts on disk. No part is written meanwhile.
   * `onMoved`: see `moveIn`. @throws StoreError "file_changed" when bytes of those parts are gone; CommandError "disk_full" where there is
   * too little room: nothing was changed then.
   */
  select(selection: FileSelection | undefined, have: Bitfield, onMoved: OnMoved): Promise<void>
  /** Makes all that was written durable. */
  sync(): Promise<void>
  /**
   * Stamp by which the next start detects later writes. Undefined when it is unknown: then all claimed parts are hashed.
   * `isLast`: no write follows, so that checking many files pays off.
   * @throws StoreError "file_changed" when the file is gone, cut or replaced.
   */
  stamp(isLast: boolean): Promise<{ readonly stamp: FileStamp; readonly isExact: boolean }>
  /**
   * All wanted parts are present, those in `have`. Adds the final name where two names are possible, never in place of another file, and then calls `onNamed`; calls
   * `sync`; removes the name again if that fails.
   * @throws CommandError "target_exists"; StoreError "file_changed" as `stamp`.
   */
  finish(sync: () => Promise<void>, onNamed: () => void, have: Bitfield): Promise<void>
  /** After `finish`: it bears its final name alone. Calls `onNamed` where `finish` did not. The folder is not synced. */
  release(onNamed: () => void): Promise<WholeContent>
  /** Makes the bytes worthless before the record goes: no byte is left that might be believed without it. */
  empty(): Promise<void>
  /** Deletes what `empty` left. */
  delete(): Promise<void>
  /** Closes its descriptors. */
  forget(): Promise<void>
}
