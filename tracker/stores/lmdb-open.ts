import { spawn } from "node:child_process"
import { once } from "node:events"
import { access, constants, mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { open, type RootDatabase } from "lmdb"
import type { Logger } from "pino"
import { reasonOf } from "../../core/base/errno-words.js"
import { ConfigError, errnoOf } from "../../core/base/errors.js"
import { makeFolder } from "../../core/base/make-folder.js"
import { TryAgainError } from "../base/try-again-error.js"
import { type CheckEnd, judge } from "./lmdb-verdict.js"
import { setAside } from "./set-aside.js"

/** The number is the layout's version: a later one lives beside it. */
const FILE_NAME = "tracker-1.lmdb"

/** A check reads some 100 MB; a disk that takes longer hangs. */
const CHECK_TIMEOUT_MS = 120_000

/** What is wrong with the name of a folder; whatever else is wrong with it may be mended without another command line. */
const WRONG_NAMES = ["EEXIST", "ENOTDIR", "ENAMETOOLONG", "EINVAL", "ELOOP"]

/**
 * Opens the store in `folder`, made if missing. A damaged one is set aside under another name and said so, and a fresh
 * one takes its place: a tracker that serves is worth more than the documents' list, which their holders bring back
 * by registering them again. Rejects with a ConfigError when the folder can't be used, and leaves a file alone of which it can't tell.
 */
export async function openLmdb(folder: string, log: Logger, isChecked = false): Promise<RootDatabase> {
  const path = join(folder, FILE_NAME)
  await makeUsable(folder, path)
  if (!isChecked && (await exists(path))) await checkOrSetAside(path, log)
  try {
    return open({ path, noSubdir: true, maxDbs: 4 })
  } catch (error) {
    throw cantBeUsed(path, error)
  }
}

/** For whatever LMDB throws while a store is opened. */
export function cantBeUsed(what: string, error: unknown): TryAgainError {
  const why = error instanceof Error ? error.message : String(error)
  return new TryAgainError(
    "bad_data_folder",
    `the store ${what} can't be used (${why}): is it in use from another container, or another user's?`,
    { cause: error },
  )
}

async function makeUsable(folder: string, path: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700)
    await access(folder, constants.R_OK | constants.W_OK)
    // Of another user, most likely: LMDB itself would crash.
    for (const file of [path, `${path}-lock`])
      if (await exists(file)) await access(file, constants.R_OK | constants.W_OK)
  } catch (error) {
    const code = errnoOf(error) ?? String(error)
    const isWrong = WRONG_NAMES.includes(code)
    throw new (isWrong ? ConfigError : TryAgainError)(
      "bad_data_folder",
      `the data folder ${folder} can't be used: ${reasonOf(error)}`,
      { cause: error },
    )
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

/** The file is read in a process of its own, because a damaged one may take its reader with it. */
async function checkOrSetAside(path: string, log: Logger): Promise<void> {
  const seen = await stat(path)
  switch (await judge(() => runCheck(path), checkFreshFile)) {
    case "sound":
      return
    case "damaged": {
      const aside = await setAside(path, seen)
      // Another process was faster, and may have begun a new one already.
      if (aside === undefined) return checkOrSetAside(path, log)
      log.error(
        { file: aside },
        "the store was damaged and is set aside; documents come back as their holders announce",
      )
      return
    }
    default:
      throw new TryAgainError(
        "store_not_checked",
        `the store ${path} could not be checked (no threads, memory or rights?): it is left alone`,
      )
  }
}

async function checkFreshFile(): Promise<CheckEnd> {
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(tmpdir(), "p2p-tracker-check-"))
    return await runCheck("--self-test", folder)
  } catch {
    // No room for temporary files: nothing is shown about the store.
    return { status: null, signal: null }
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function runCheck(...args: string[]): Promise<CheckEnd> {
  const child = spawn(process.execPath, [checkProgram(), ...args], {
    stdio: "ignore",
    timeout: CHECK_TIMEOUT_MS,
    killSignal: "SIGKILL",
  })
  try {
    const [status, signal] = await once(child, "exit")
    return { status, signal }
  } catch {
    // It could not be started (EAGAIN, ENOMEM).
    return { status: null, signal: null }
  }
}

/** The compiled program, also when this file itself runs from source (vitest). */
function checkProgram(): string {
  const compiled = import.meta.url.endsWith(".ts") ? "../../dist/tracker/stores/lmdb-check.js" : "./lmdb-check.js"
  return fileURLToPath(new URL(compiled, import.meta.url))
}
