import { constants } from "node:fs"
import { join } from "node:path"
import { type FolderSource, fileSpansOf } from "../hashing/file-spans.js"
import type { Disk } from "./disk.js"
import { readSpan } from "./read-span.js"

/** More runs than these are read by one message to a thread: each run of its own costs three calls by way of Node's threads. Our choice. */
export const READ_ONE_BY_ONE = 4

/** Fills `target` from `offset` of a folder document on. `flags`: to open files with. @throws as `readSpan`. */
export async function readFolder(
  disk: Pick<Disk, "hasher" | "files">,
  source: FolderSource & { readonly flags: number },
  target: Uint8Array,
  offset: number,
): Promise<void> {
  const { layout, root, flags, aside } = source
  const spans = layout.spans(offset, target.length)
  if (spans.length > READ_ONE_BY_ONE) {
    // Where a file is missing or short, the calls below say which, and how.
    if (await disk.hasher.readFiles(fileSpansOf(source, offset, target.length), target)) return
  }
  for (const span of spans) {
    const at = layout.offsetOf(span.fileIndex) + span.fileOffset - offset
    const run = target.subarray(at, at + span.length)
    if (layout.isPadding(span.fileIndex)) run.fill(0)
    else if (aside?.has(span.fileIndex))
      await readSpan(disk.files, { path: aside.path, flags: flags | constants.O_NOFOLLOW }, run, offset + at)
    else await readSpan(disk.files, { path: join(root, layout.path(span.fileIndex)), flags }, run, span.fileOffset)
  }
}
