import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { errnoOf } from "../../../core/index.js"

/** Lines read back at most; a file of twice as many is cut to these. */
const KEPT_LINES = 500

/** The command line's history, one line a command, oldest first, kept across runs. */
export interface CommandHistory {
  readonly lines: readonly string[]
  /** Adds a line. A disk that doesn't take it costs the line, nothing else. */
  remember(line: string): void
}

export function openCommandHistory(stateFolder: string): CommandHistory {
  const path = join(stateFolder, "history")
  const all = readLines(path)
  const lines = all.slice(-KEPT_LINES)
  if (all.length > 2 * KEPT_LINES) keep(() => writeFileSync(path, textOf(lines), { mode: 0o600 }))
  return { lines, remember: (line) => keep(() => appendFileSync(path, textOf([line]), { mode: 0o600 })) }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line.replaceAll("\n", " ")}\n`).join("")
}

function keep(write: () => void): void {
  try {
    write()
  } catch (error) {
    // A history that can't be kept must not stop the command it was about to keep.
    if (errnoOf(error) === undefined) throw error
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
