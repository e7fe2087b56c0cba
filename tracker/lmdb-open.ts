import { spawn } from "node:child_process"
import { once } from "node:events"
import { access, constants, rename } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { open, type RootDatabase } from "lmdb"
import type { Logger } from "pino"
import { ConfigError, errnoOf } from "../core/errors.js"
import { makeFolder } from "../core/make-folder.js"

/** The number is the layout's version: a later one lives beside it. */
const FILE_NAME = "tracker-1.lmdb"

/**
 * Opens the store in `folder`, made if missing. A damaged one is set aside under another name and said so, and a fresh
 * one takes its place: a tracker that serves is worth more than the documents' list, which their holders bring back
 * (hostile.md 44). Rejects with a ConfigError when the folder can't be used.
 */
export async function openLmdb(folder: string, log: Logger, isChecked = false): Promise<RootDatabase> {
  await makeUsable(folder)
  const path = join(folder, FILE_NAME)
  if (!isChecked && (await exists(path)) && !(await isSound(path))) await setAside(path, log)
  return open({ path, noSubdir: true, maxDbs: 4 })
}

async function makeUsable(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700)
    await access(folder, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw new ConfigError("bad_data_folder", `the data folder ${folder} can't be used (${errnoOf(error) ?? error})`, {
      cause: error,
    })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    // Not there, or not to be seen: opening it will say more.
    return false
  }
}

/** Reads the file in a process of its own, because a damaged one may take its reader with it. */
async function isSound(path: string): Promise<boolean> {
  const child = spawn(process.execPath, [checkProgram(), path], { stdio: "ignore" })
  const [status] = await once(child, "exit")
  return status === 0
}

/** The compiled program, also when this file itself runs from source (vitest). */
function checkProgram(): string {
  const compiled = import.meta.url.endsWith(".ts") ? "../dist/tracker/lmdb-check.js" : "./lmdb-check.js"
  return fileURLToPath(new URL(compiled, import.meta.url))
}

async function setAside(path: string, log: Logger): Promise<void> {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(":", "")}`
  await rename(path, aside)
  log.error({ file: aside }, "the store was damaged and is set aside; documents come back as their holders announce")
}
