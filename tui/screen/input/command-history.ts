import { join } from "node:path"
import { appendToOwnFile, readOwnFile, writeOwnFile } from "../../base/own-file.js"

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
  if (all.length > 2 * KEPT_LINES) writeOwnFile(path, textOf(lines))
  return { lines, remember: (line) => appendToOwnFile(path, textOf([line])) }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line.replaceAll("\n", " ")}\n`).join("")
}

function readLines(path: string): readonly string[] {
  return (readOwnFile(path) ?? "").split("\n").filter((line) => line !== "")
}
