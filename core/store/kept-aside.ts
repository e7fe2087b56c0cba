import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { dirname } from "node:path"
import type { Aside } from "../hashing/file-spans.js"
import type { FolderStats } from "../hashing/folder-stats.js"
import type { FileSelection } from "../torrent/file-selection.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { syncFolder } from "./atomic-file.js"

const FLAGS = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Which files of a folder document have their bytes in the file beside the folder, because they are unwanted and not below it. Whether a
 * file is one of them is seen from the selection and the disk: no record of it can be wrong.
 */
export class KeptAside implements Aside {
  /** Absolute. */
  readonly path: string
  /** One byte per entry of the layout. */
  readonly #kept: Uint8Array

  constructor(path: string, layout: FolderLayout) {
    this.path = path
    this.#kept = new Uint8Array(layout.entryCount)
  }

  /** `selection`: undefined where every file is wanted. */
  static of(path: string, layout: FolderLayout, stats: FolderStats, selection: FileSelection | undefined): KeptAside {
    const aside = new KeptAside(path, layout)
    aside.keepMissing(layout, stats, (index) => selection?.has(index) === false)
    return aside
  }

  /** No file is kept here. */
  get isEmpty(): boolean {
    return !this.#kept.includes(1)
  }

  has(fileIndex: number): boolean {
    return this.#kept[fileIndex] === 1
  }

  set(fileIndex: number, isKept: boolean): void {
    this.#kept[fileIndex] = isKept ? 1 : 0
  }

  /** The files without one on disk for which `isKept` says so, and no others. */
  keepMissing(layout: FolderLayout, stats: FolderStats, isKept: (fileIndex: number) => boolean): void {
    for (let index = 0; index < layout.entryCount; index++)
      this.set(index, !layout.isPadding(index) && stats.sizeOf(index) < 0 && isKept(index))
  }

  /** Makes its bytes and its name durable, if there is one. Rejects with the system error. */
  async sync(): Promise<void> {
    const handle = await openIfThere(this.path, FLAGS)
    if (handle === undefined) return
    try {
      await handle.datasync()
    } finally {
      await handle.close()
    }
    await syncFolder(dirname(this.path))
  }
}

export async function openIfThere(path: string, flags: number) {
  return open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw error
  })
}
