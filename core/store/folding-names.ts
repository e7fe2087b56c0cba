import { lstat, open, unlink } from "node:fs/promises"
import { join } from "node:path"
import { StoreError } from "../base/errors.js"
import type { FolderLayout } from "../torrent/folder-layout.js"

/** Up to so many files nothing is written to find out. Our choice. */
const COMPARED_FIRST = 1_000

/**
 * Refuses a document with two paths that are equal on the file system of `folder`, because it ignores case. Paths that differ only in
 * Unicode normalisation are refused when the torrent file is read.
 * @throws StoreError "names_collide" that names both; rejects with system errors.
 */
export async function requireNamesApart(folder: string, layout: FolderLayout): Promise<void> {
  // To compare so many names costs more than to ask the file system.
  if (layout.entryCount > COMPARED_FIRST && !(await foldsCase(folder))) return
  const pair = equalWhenFolded(layout)
  if (pair === undefined || !(await foldsCase(folder))) return
  const what = "this file system does not tell upper from lower case"
  throw new StoreError("names_collide", `${folder}: ${what}, and the document has "${pair[0]}" beside "${pair[1]}"`)
}

/** The first two paths, of files or folders, that differ in case alone. */
export function equalWhenFolded(layout: FolderLayout): readonly [string, string] | undefined {
  const seen = new Map<string, string>()
  for (let index = 0; index < layout.entryCount; index++) {
    if (layout.isPadding(index)) continue
    const path = layout.path(index)
    for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
      const part = end === -1 ? path : path.slice(0, end)
      const folded = part.normalize("NFC").toLowerCase()
      const other = seen.get(folded)
      if (other !== undefined && other !== part) return [other, part]
      seen.set(folded, part)
      if (end === -1) break
    }
  }
  return undefined
}

/** Asks the file system itself: names say nothing of it. */
async function foldsCase(folder: string): Promise<boolean> {
  const probe = ".p2p-tui-probe"
  const handle = await open(join(folder, probe), "wx")
  try {
    await handle.close()
    return await lstat(join(folder, probe.toUpperCase())).then(
      () => true,
      () => false,
    )
  } finally {
    await unlink(join(folder, probe))
  }
}
