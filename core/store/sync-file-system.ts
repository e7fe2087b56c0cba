import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

/**
 * Makes all that was written to the file system of `path` durable, in one call (syncfs, by coreutils' `sync --file-system`; Node has none).
 * False where that is not to be had: the caller syncs file by file then, which also tells which one fails.
 */
export async function syncFileSystem(path: string): Promise<boolean> {
  try {
    await run("sync", ["--file-system", path])
    return true
  } catch {
    return false
  }
}
