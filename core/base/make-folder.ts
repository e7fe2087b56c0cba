import { mkdir, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { errnoOf } from "./errors.js"

/**
 * Makes a folder and those above it, if missing. Rejects with the system error. Node's own recursive mkdir never ends where a
 * file system refuses new names with ENOENT, as /proc does.
 *
 * `mode`: of the folders that are made, by default 0o777 less the process's umask.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    const above = dirname(path)
    if (errnoOf(error) === "EEXIST" && (await isFolder(path))) return
    if (errnoOf(error) !== "ENOENT" || (await isFolder(above))) throw error
    await makeFolder(above, mode)
    await makeFolder(path, mode)
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false
    throw error
  }
}
