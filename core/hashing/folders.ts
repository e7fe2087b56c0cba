import { lstatSync, mkdirSync } from "node:fs"
import { errnoOf } from "../base/errors.js"

const FOLDER_MODE = 0o777

/** Folders below a growing one, each checked once: a link placed in it must not lead out of it. */
export class Folders {
  readonly root: string
  readonly #known = new Set<string>([""])

  constructor(root: string) {
    this.root = root
  }

  /** @throws ENOENT, or ELOOP where something else than a folder is. */
  require(folder: string): void {
    if (this.#known.has(folder)) return
    this.require(folderOf(folder))
    const path = below(this.root, folder)
    if (!lstatSync(path).isDirectory()) throw notAFolder(path)
    this.#known.add(folder)
  }

  /** As `require`, and makes what is missing. */
  make(folder: string): void {
    if (this.#known.has(folder)) return
    this.make(folderOf(folder))
    const path = below(this.root, folder)
    // Looked at first: most are there, and a refused mkdir costs ten times a look.
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) this.#makeMissing(path)
    else if (!stats.isDirectory()) throw notAFolder(path)
    this.#known.add(folder)
  }

  #makeMissing(path: string): void {
    try {
      mkdirSync(path, FOLDER_MODE)
    } catch (error) {
      // Another thread was faster, or another program.
      if (errnoOf(error) !== "EEXIST") throw error
      if (!lstatSync(path).isDirectory()) throw notAFolder(path)
    }
  }
}

/** The path of a file or folder below `root`. Paths in a document are in normal form: `join` would only parse them, for a tenth of the time of a small file. */
export function below(root: string, path: string): string {
  return `${root}/${path}`
}

/** The folder that holds this file or folder; "" is the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")))
}

function notAFolder(path: string): Error {
  return Object.assign(new Error(`ELOOP: a link or a file stands in the place of a folder, '${path}'`), {
    code: "ELOOP",
    path,
  })
}
