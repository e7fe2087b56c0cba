import { stat } from "node:fs/promises"
import { isAbsolute, join, normalize, resolve } from "node:path"
import { CommandError, ConfigError } from "../base/errors.js"
import { homeFolder } from "../base/home-folder.js"
import { hasOwnEnding } from "../torrent/safe-name.js"

/** A path as the user typed it: absolute and `~` are taken as they are, the rest is relative to the service folder. */
export function resolveUserPath(serviceFolder: string, typed: string): string {
  if (typed === "" || typed.includes("\0"))
    throw new CommandError("bad_path", "a path is empty or holds a NUL character")
  if (typed === "~" || typed.startsWith("~/")) return join(homeOf(typed), typed.slice(1))
  return isAbsolute(typed) ? normalize(typed) : resolve(serviceFolder, typed)
}

/** Without a home folder the command is rejected. */
function homeOf(typed: string): string {
  try {
    return homeFolder(typed)
  } catch (cause) {
    if (cause instanceof ConfigError) throw new CommandError(cause.code, cause.message, { cause })
    throw cause
  }
}

/** As `resolveUserPath`, for what must name a file: resolving would drop the end of "sub/", and a file called "sub" would be meant. */
export function resolveFilePath(serviceFolder: string, typed: string): string {
  const path = resolveUserPath(serviceFolder, typed)
  if (endsAsFolder(typed)) throw new CommandError("not_a_file", `${typed}: names a folder; name a file in it`)
  return path
}

/** As `resolveFilePath`; an existing folder stands for the file called `name` in it, as for `cp`. */
export async function resolveFileOrFolder(serviceFolder: string, typed: string, name: string): Promise<string> {
  const path = resolveUserPath(serviceFolder, typed)
  return (await isFolder(path)) ? join(path, name) : resolveFilePath(serviceFolder, typed)
}

/** Links followed. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    // The reader or writer of the file reports what is wrong.
    () => false,
  )
}

/** As `resolveUserPath`, for a file or folder to share: a path that ends with a separator must be a folder. */
export async function resolveSourcePath(serviceFolder: string, typed: string): Promise<string> {
  const path = resolveUserPath(serviceFolder, typed)
  return (await isFolder(path)) ? path : resolveFilePath(serviceFolder, typed)
}

/** Where the user wants a download. */
export interface TypedTarget {
  /** Absolute. */
  readonly path: string
  /** It was typed as a folder is ("sub/", "."): a file goes into that folder. */
  readonly endsAsFolder: boolean
}

/** As `resolveUserPath`, for the target of a download: a name of the files beside unfinished downloads would be taken for one of them. */
export function resolveTarget(serviceFolder: string, typed: string): TypedTarget {
  const path = resolveUserPath(serviceFolder, typed).replace(/(?<=.)\/+$/, "")
  if (hasOwnEnding(path))
    throw new CommandError("bad_path", `${typed}: ends as the files of unfinished downloads do; choose another name`)
  return { path, endsAsFolder: endsAsFolder(typed) }
}

function endsAsFolder(typed: string): boolean {
  return /(^|\/)\.{0,2}$/.test(typed)
}
