import { lstat } from "node:fs/promises"
import { isAbsolute, join } from "node:path"
import { type Client, CommandError, errnoOf, homeFolder, isLink, P2pError } from "../../core/index.js"
import type { Arguments } from "./arguments.js"
import type { ArgumentKind, Command } from "./command.js"

/** Where the relative paths of a command begin. */
export interface PathBase {
  /** The service folder on the screen and in line mode; the current folder of a command from a shell. */
  readonly folder: string
  /** An input that is not below `folder` is looked for here. */
  readonly serviceFolder: string
}

type Documents = Pick<Client, "find" | "snapshot">

/**
 * The arguments with every path made absolute, so that what the command says of them holds wherever it is read. Links stay as they are.
 * @throws CommandError "no_such_file" for an input that is in neither folder.
 */
export async function resolvePaths(
  given: Arguments,
  command: Command,
  base: PathBase,
  documents: Documents,
): Promise<Arguments> {
  const resolved = new Map<string, string>()
  for (const { name, kind } of command.arguments) {
    const typed = given.optional(name)
    if (typed !== undefined) resolved.set(name, await resolvePath(typed, kind, base, documents))
  }
  return given.with(resolved)
}

async function resolvePath(typed: string, kind: ArgumentKind, base: PathBase, documents: Documents): Promise<string> {
  switch (kind) {
    case "file":
    case "torrent":
      return inputPath(typed, base)
    case "target":
      return isRelative(typed) ? below(base.folder, typed) : expanded(typed)
    case "document":
      return documentWord(typed, base, documents)
    default:
      return typed
  }
}

async function inputPath(typed: string, { folder, serviceFolder }: PathBase): Promise<string> {
  if (!isRelative(typed)) return expanded(typed)
  const here = below(folder, typed)
  if (await isThere(here)) return here
  if (isLink(typed) || isNoPath(typed)) return typed
  if (folder === serviceFolder) return here
  const there = below(serviceFolder, typed)
  if (await isThere(there)) return there
  throw new CommandError("no_such_file", `${here}: no such file, nor is it in the service folder ${serviceFolder}`)
}

/** A name, an id or a path below the service folder as it is; else the absolute path, if a document has it. */
function documentWord(typed: string, { folder }: PathBase, documents: Documents): string {
  if (!isRelative(typed)) return expanded(typed)
  try {
    documents.find(typed)
    return typed
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    const path = below(folder, typed)
    const isPath = documents.snapshot().documents.some((each) => each.filePath === path || each.torrentPath === path)
    return isPath ? path : typed
  }
}

/** Not so: a path from the root or the home folder, and what the engine refuses as no path. */
function isRelative(typed: string): boolean {
  return !isAbsolute(typed) && !/^~(\/|$)/.test(typed) && typed !== "" && !typed.includes("\0")
}

/** Web addresses, bare info hashes, and the word for standard input. */
function isNoPath(typed: string): boolean {
  return /^(?:[a-z][a-z\d+.-]*:|-$|[\da-z]{32,64}$)/i.test(typed)
}

/** `typed` keeps an end that names a folder, which the engine refuses for a file. */
function below(folder: string, typed: string): string {
  return /(^|\/)\.{1,2}$/.test(typed) ? `${folder}/${typed}` : join(folder, typed)
}

function expanded(typed: string): string {
  if (!typed.startsWith("~")) return typed
  try {
    return homeFolder(typed) + typed.slice(1)
  } catch (error) {
    // The command itself is refused for that.
    if (error instanceof P2pError) return typed
    throw error
  }
}

/** Also when it is unknown: the command itself reports why. */
function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => errnoOf(error) !== "ENOENT" && errnoOf(error) !== "ENOTDIR",
  )
}
