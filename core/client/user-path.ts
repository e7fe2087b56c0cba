import { homedir } from "node:os"
import { isAbsolute, join, normalize, resolve } from "node:path"
import { CommandError } from "../errors.js"

/** A path as the user typed it: absolute and `~` are taken as they are, the rest is relative to the service folder. */
export function resolveUserPath(serviceFolder: string, typed: string): string {
  if (typed === "" || typed.includes("\0"))
    throw new CommandError("bad_path", "a path is empty or holds a NUL character")
  if (typed === "~" || typed.startsWith("~/")) return join(homedir(), typed.slice(1))
  return isAbsolute(typed) ? normalize(typed) : resolve(serviceFolder, typed)
}
