import type { Dirent } from "node:fs"
import { readdir, realpath, stat } from "node:fs/promises"
import { join } from "node:path"
import { reasonOf } from "../base/errno-words.js"
import { CommandError, errnoOf } from "../base/errors.js"
import { MAX_FOLDER_ENTRIES, pathFault } from "../torrent/folder-bounds.js"
import { unreadable } from "./disk-errors.js"

export interface WalkedFolder {
  /** Of regular files and of links that lead to one, below the root, components joined by "/". */
  readonly paths: readonly string[]
  /** Folders in which there is nothing. */
  readonly emptyFolders: number
}

/** Where the walk is. */
interface Place {
  /** Path below the root; none for the root itself. */
  readonly names: readonly string[]
  /** Real paths of this folder, and of those in which the links stand that led here. */
  readonly realPaths: readonly string[]
}

/**
 * Lists the files of a folder, hidden ones too. A link to a file is listed as one, a link to a folder is walked into.
 * @throws CommandError that names the first path in the way: "not_a_file" for a special file, a dangling link, or a link to a folder that it lies
 * in; "not_readable", "no_such_file", "bad_path" for a name that no torrent file may hold, "file_too_large".
 */
export async function walkFolder(root: string, signal?: AbortSignal): Promise<WalkedFolder> {
  const walk = new Walk(root, signal)
  await walk.folder({ names: [], realPaths: [await readOr(root, () => realpath(root))] })
  return walk
}

class Walk implements WalkedFolder {
  readonly paths: string[] = []
  emptyFolders = 0
  readonly #root: string
  readonly #signal: AbortSignal | undefined

  constructor(root: string, signal: AbortSignal | undefined) {
    this.#root = root
    this.#signal = signal
  }

  async folder(place: Place): Promise<void> {
    this.#signal?.throwIfAborted()
    const path = join(this.#root, ...place.names)
    const entries = await readOr(path, () => readdir(path, { withFileTypes: true }))
    if (entries.length === 0 && place.names.length > 0) this.emptyFolders++
    // Nearly the order of a torrent file, so that sorting 300,000 paths later is a short step.
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const names = [...place.names, entry.name]
      const fault = pathFault(names)
      if (fault !== undefined) throw this.#refused("bad_path", names, `it can't be shared: ${fault}`)
      await this.#entry(entry, { ...place, names })
    }
  }

  async #entry(entry: Dirent, { names, realPaths }: Place): Promise<void> {
    if (entry.isFile()) this.#file(names)
    else if (entry.isDirectory()) await this.folder({ names, realPaths: below(realPaths, entry.name) })
    else if (entry.isSymbolicLink()) await this.#link(names, realPaths)
    else throw this.#refused("not_a_file", names, `it is ${kindOf(entry)}; only files and folders can be shared`)
  }

  #file(names: readonly string[]): void {
    if (this.paths.length >= MAX_FOLDER_ENTRIES) {
      const what = `${this.#root}: it holds more than ${MAX_FOLDER_ENTRIES} files, which are shared at most`
      throw new CommandError("file_too_large", what)
    }
    this.paths.push(names.join("/"))
  }

  async #link(names: readonly string[], realPaths: readonly string[]): Promise<void> {
    const path = join(this.#root, ...names)
    const target = await stat(path).catch((cause: unknown) => {
      const dangles = errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR"
      if (dangles) throw this.#refused("not_a_file", names, "it is a link that leads nowhere")
      throw this.#refused("not_a_file", names, `it is a link that can't be followed: ${reasonOf(cause)}`)
    })
    if (target.isFile()) this.#file(names)
    else if (target.isDirectory()) {
      const real = await readOr(path, () => realpath(path))
      const isLoop = realPaths.some((each) => each === real || each.startsWith(real === "/" ? real : `${real}/`))
      if (isLoop) throw this.#refused("not_a_file", names, "it is a link to a folder that it lies in")
      await this.folder({ names, realPaths: [...realPaths, real] })
    } else throw this.#refused("not_a_file", names, `it is a link to ${kindOf(target)}; only files can be shared`)
  }

  #refused(code: string, names: readonly string[], what: string): CommandError {
    return new CommandError(code, `${join(this.#root, ...names)}: ${what}`)
  }
}

function below(realPaths: readonly string[], name: string): string[] {
  return [...realPaths.slice(0, -1), join(realPaths.at(-1) ?? "", name)]
}

function kindOf(entry: Pick<Dirent, "isSocket" | "isFIFO" | "isBlockDevice" | "isCharacterDevice">): string {
  if (entry.isSocket()) return "a socket"
  if (entry.isFIFO()) return "a pipe"
  return entry.isBlockDevice() || entry.isCharacterDevice() ? "a device" : "a special file"
}

async function readOr<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw unreadable(path, cause)
  }
}
