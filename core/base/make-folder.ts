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
  const above = dirname(path)
  try {
    return await makeOne(path, mode)
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
  }
  // Another process may have made it since.
  if (!(await isFolder(above))) await makeFolder(above, mode)
  await makeOne(path, mode)
}

async function makeOne(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    if (errnoOf(error) !== "EEXIST" || !(await isFolder(path))) throw error
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
