import { randomBytes } from "node:crypto"
import { dirname, join } from "node:path"

/** A new hidden name in the folder of `path`, for what is renamed or linked to `path` when it is whole. */
export function draftBeside(path: string): string {
  return join(dirname(path), `.p2p-tui-${randomBytes(6).toString("hex")}`)
}
