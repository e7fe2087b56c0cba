import { appendFileSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { errnoOf } from "../../core/index.js"

/** Lines read back at most. */
const KEPT_LINES = 500

/** The command line's history, one line a command, oldest first, kept across runs. */
export interface CommandHistory {
  readonly lines: readonly string[]
  /** Adds a line. A disk that doesn't take it costs the line, nothing else. */
  remember(line: string): void
}

export function openCommandHistory(stateFolder: string): CommandHistory {
  const path = join(stateFolder, "history")
  return {
    lines: readLines(path).slice(-KEPT_LINES),
    remember: (line) => {
      try {
        appendFileSync(path, `${line.replaceAll("\n", " ")}\n`, { mode: 0o600 })
      } catch (error) {
        // A history that can't be kept must not stop the command it was about to keep.
        if (errnoOf(error) === undefined) throw error
      }
    },
  }
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return []
  }
}
