import { access, chmod, constants } from "node:fs/promises"
import { join } from "node:path"
import { reasonOf } from "../base/errno-words.js"
import { ConfigError, errnoOf } from "../base/errors.js"
import { makeFolder } from "../base/make-folder.js"
import { storeErrorOf } from "../store/disk-errors.js"
import { acquireLock } from "../store/lock.js"

/** The state folder names every document and every peer that was met. */
const STATE_MODE = 0o700

/** The persistent state of a client, as long as no other one works on it. */
export interface OwnedFolder {
  /** Absolute path of the client's persistent state. */
  readonly stateFolder: string
  /** Aborted with a StoreError "lock_lost" once another client may work on it. */
  readonly lost: AbortSignal
  /** Before anything in it is replaced or deleted. Rejects with `lost.reason`; costs nothing unless this machine may have slept. */
  readonly confirm: () => Promise<void>
}

/** A service folder that no other client works on. */
export interface TakenFolder extends OwnedFolder {
  /** May be called twice. Rejects with a StoreError when the disk fails. */
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
  const ownFolder = join(folders.serviceFolder, ".p2p-tui")
  const stateFolder = folders.stateFolder ?? ownFolder
  const isDefault = stateFolder === ownFolder
  await prepareFolders(folders.serviceFolder, stateFolder, isDefault)
  const fail = (error: unknown): never => {
    throw storeErrorOf(error, stateFolder, 0)
  }
  const lock = await acquireLock(join(stateFolder, "lock")).catch(fail)
  // The disk may have gone meanwhile: the lock that stays there is stale for the next start.
  return { stateFolder, lost: lock.lost, confirm: () => lock.confirm(), release: () => lock.release().catch(fail) }
}

/** A folder of another user, or of a file system without modes, is used as it is. */
function ignoreRefusal(error: unknown): void {
  if (errnoOf(error) === undefined) throw error
}

async function prepareFolders(serviceFolder: string, stateFolder: string, isDefault: boolean): Promise<void> {
  try {
    await access(serviceFolder, constants.R_OK | constants.X_OK)
  } catch (cause) {
    throw new ConfigError(
      "bad_service_folder",
      `self.service: ${serviceFolder}: ${errnoOf(cause) === "ENOENT" ? "no such folder" : `can't be read: ${reasonOf(cause)}`}`,
      { cause },
    )
  }
  try {
    await makeFolder(stateFolder, STATE_MODE)
    await access(stateFolder, constants.W_OK)
    // One of an earlier version; a folder that the config names has the mode that its user gave it.
    if (isDefault) await chmod(stateFolder, STATE_MODE).catch(ignoreRefusal)
  } catch (cause) {
    const key = isDefault ? "self.service" : "state"
    throw new ConfigError("bad_service_folder", `${key}: ${stateFolder}: can't be written: ${reasonOf(cause)}`, {
      cause,
    })
  }
}
