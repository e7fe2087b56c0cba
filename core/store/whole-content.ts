import { StoreError } from "../base/errors.js"
import type { HashSource } from "../hashing/hash-file.js"
import type { FileIdentity } from "./file-identity.js"

/** Shortest time between two checks of a served file, ms; an unused file is not checked. */
export const RECHECK_MS = 1000

/** A file that was read looks like another than the one that was verified: `changesIn` says what that means. */
export class LooksOther extends StoreError {}

/** A finished document that is served: one file, or the files of one folder. */
export interface WholeContent {
  /** Absolute. */
  readonly path: string
  /** No file of it is kept aside. */
  readonly isWhole: boolean
  /** As it was when its parts were verified. */
  readonly identity: FileIdentity
  readonly source: HashSource
  /** Its current identity. Rejects with the system error. */
  identify(): Promise<FileIdentity>
  /** The same content, verified as it looks now. */
  as(identity: FileIdentity): WholeContent
  /**
   * Undefined while it is the verified one; its current identity when that has the same size and may be the same content.
   * @throws StoreError "file_changed" when it can't be. Cheap within a second of the last check.
   */
  otherIdentity(): Promise<FileIdentity | undefined>
  /** Is it, at this moment, the one that was verified? @throws StoreError "file_changed" as `otherIdentity`. */
  isSame(): Promise<boolean>
  /**
   * Checks the files that hold bytes [offset, offset + length), each at most once a second. Parts of a changed file are removed from the
   * served ones; resolves to the error of that file. For a single file, `otherIdentity` detects a change.
   */
  changesIn(offset: number, length: number): Promise<StoreError | undefined>
  /** True where `readInto` checks the files that it reads bytes [offset, offset + length) from: `changesIn` need not be asked before it. */
  checksReads(offset: number, length: number): boolean
  /**
   * Fills `target` from `offset` on. Rejects with the system error, with StoreError "file_changed" when there are fewer bytes, or with
   * `LooksOther` where it checks files.
   */
  readInto(target: Uint8Array, offset: number): Promise<void>
  /** From now on nothing of it is served. `how`: words for the user. */
  declareChanged(how: string, cause?: unknown): Promise<StoreError>
  /** Closes its descriptors. */
  forget(): Promise<void>
}
