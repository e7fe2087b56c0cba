import { access, constants } from "node:fs/promises"
import { join } from "node:path"
import { ConfigError, errnoOf } from "../errors.js"
import { makeFolder } from "../make-folder.js"
import { storeErrorOf } from "../store/disk-errors.js"
import { acquireLock } from "../store/lock.js"

/** A service folder that no other client works on. */
export interface TakenFolder {
  /** Absolute; where the client keeps what it must remember. */
  readonly stateFolder: string
  /** May be called twice. */
  release(): Promise<void>
}

/**
 * Makes the state folder and takes its lock, before anything else is written there.
 * @throws ConfigError when the folders can't be used; CommandError "in_use" when another client works on them; StoreError when the disk fails.
 */
export async function takeFolder(folders: {
  readonly serviceFolder: string
  readonly stateFolder?: string
}): Promise<TakenFolder> {
  const stateFolder = folders.stateFolder ?? join(folders.serviceFolder, ".p2p-tui")
  await prepareFolders(folders.serviceFolder, stateFolder)
  try {
    const lock = await acquireLock(join(stateFolder, "lock"))
    return { stateFolder, release: () => lock.release() }
  } catch (error) {
    throw storeErrorOf(error, stateFolder, 0)
  }
}

async function prepareFolders(serviceFolder: string, stateFolder: string): Promise<void> {
  try {
    await access(serviceFolder, constants.R_OK | constants.X_OK)
  } catch (cause) {
    throw new ConfigError(
      "bad_service_folder",
      `self.service: ${serviceFolder}: ${errnoOf(cause) === "ENOENT" ? "no such folder" : "can't be read"}`,
      { cause },
    )
  }
  try {
    await makeFolder(stateFolder)
    await access(stateFolder, constants.W_OK)
  } catch (cause) {
    throw new ConfigError(
      "bad_service_folder",
      `self.service: ${stateFolder}: can't be written (${errnoOf(cause) ?? "unknown error"})`,
      { cause },
    )
  }
}
