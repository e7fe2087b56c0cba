import { execFile } from "node:child_process"
import { promisify } from "node:util"

const run = promisify(execFile)

/**
 * Makes all data written to the file system of `path` durable in one call (syncfs, by coreutils' `sync --file-system`; Node has none).
 * False where the command is missing: the caller then syncs file by file, which also shows which one fails.
 */
export async function syncFileSystem(path: string): Promise<boolean> {
  try {
    await run("sync", ["--file-system", path])
    return true
  } catch {
    return false
  }
}
