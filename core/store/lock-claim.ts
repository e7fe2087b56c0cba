import { link } from "node:fs/promises"
import { errnoOf, type StoreError } from "../base/errors.js"

/** What holds a lock: a draft beside the lock's place that proves that its process lives, and is linked there. */
export interface Claim {
  /**
   * Puts the claim at the lock's place; false when the place is taken. `onLost`: the claim was removed; never called for a claim that the
   * kernel proves. Rejects with the system error.
   */
  tryPlace(path: string, onLost: (error: StoreError) => void): Promise<boolean>
  /** Is what lies at the lock's place this claim? */
  isAt(path: string): Promise<boolean>
  /** Looks for itself if its proof may have run out while this machine slept; calls `onLost` if so. Only for claims that are renewed. */
  confirm?(): Promise<void>
  /** Before the claim is taken away: settles when no renewal writes to it any more, which could write to the next owner's. */
  stopRenewing?(): Promise<void>
  /** Ends the proof and removes the draft. */
  close(): Promise<void>
}

/** The known facts about a lock's owner; `owner` is a sentence. */
export type Judgement =
  | { readonly state: "alive"; readonly owner: string }
  | { readonly state: "dead" }
  | { readonly state: "gone" }

/** What FAT and some network file systems answer to link(2). */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"])

/** The file system has no hard links. */
export class NoHardLinksError extends Error {}

/** Links `draft` to `path`; false when `path` exists. @throws NoHardLinksError */
export async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    const errno = errnoOf(error) ?? ""
    if (errno === "EEXIST") return false
    if (NO_LINKS.has(errno)) throw new NoHardLinksError(errno, { cause: error })
    throw error
  }
}
