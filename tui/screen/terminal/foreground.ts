import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** How long `ps` may take to answer. */
const PS_TIMEOUT_MS = 2_000

/**
 * Does the shell's job control let this process read from its terminal and set its modes? In the background (`p2p-tui … &`) either of
 * both stops it.
 */
export function isInForeground(): boolean {
  try {
    return process.platform === "linux" ? isForegroundIn(readFileSync("/proc/self/stat", "latin1")) : isForegroundOfPs()
  } catch {
    // Without /proc and ps: as almost every start is.
    return true
  }
}

/** proc(5): the process group (field 5) is that of the terminal (field 8); -1 stands there without one. */
function isForegroundIn(stat: string): boolean {
  // From field 3 on; the second is the program's name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[2] === fields[5]
}

/** POSIX systems mark the foreground group with a plus. */
function isForegroundOfPs(): boolean {
  const words = ["-o", "stat=", "-p", String(process.pid)]
  return execFileSync("ps", words, { encoding: "latin1", timeout: PS_TIMEOUT_MS }).includes("+")
}
