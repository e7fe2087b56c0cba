import { open, rename, rm, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { errnoOf } from "../../core/base/errors.js"

/** Distinguishes a file from another one that took its name. */
export interface FileIdentity {
  readonly dev: number
  readonly ino: number
}

/**
 * Renames a damaged file to a name of its own beside it, for good when it resolves, and returns that. Undefined when `seen` is not what
 * is there any more: another process has set it aside meanwhile, and begun a sound one. Never overwrites a file.
 */
export async function setAside(path: string, seen: FileIdentity, now = new Date()): Promise<string | undefined> {
  const aside = await takeName(`${path}.damaged-${now.toISOString().replaceAll(":", "")}`)
  const { dev, ino } = await stat(path)
  if (dev !== seen.dev || ino !== seen.ino) {
    await rm(aside)
    return undefined
  }
  await rename(path, aside)
  await syncFolder(dirname(path))
  return aside
}

/** Creates an empty file under a free name, because rename replaces an existing file. */
async function takeName(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`
    try {
      await (await open(name, "wx", 0o600)).close()
      return name
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error
    }
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder, and syncs names without fsync.
  if (process.platform === "win32") return
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
