import picomatch from "picomatch"
import { CommandError } from "../base/errors.js"
import { FileSelection } from "./file-selection.js"
import { MAX_PATH_BYTES } from "./folder-bounds.js"
import type { FolderLayout } from "./folder-layout.js"

/** Hidden files are files like any other. */
const OPTIONS = { dot: true, windows: false } as const

/** Longest pattern, UTF-16 units: twice the longest path. Our choice. */
const MAX_PATTERN_LENGTH = 2 * MAX_PATH_BYTES

/**
 * The files whose path ("a/b/c") matches one of the patterns or is one of them: "*" stays within a folder, "**" does not. `patterns`: as the
 * user wrote them, at least one.
 * @throws CommandError "no_such_file" for a pattern that matches nothing, "bad_argument" for one that is empty or too long.
 */
export function selectFiles(layout: FolderLayout, patterns: readonly string[]): FileSelection {
  const paths = pathsOf(layout)
  const wanted = new Set<number>()
  for (const pattern of patterns) {
    const matches = matcherOf(pattern)
    const found = [...paths].filter(([, path]) => matches(path))
    if (found.length === 0) throw matchesNothing(pattern, [...paths.values()])
    for (const [index] of found) wanted.add(index)
  }
  return new FileSelection(layout, (index) => wanted.has(index))
}

/** The paths of all files by their index, in the form that patterns are compared in. */
function pathsOf(layout: FolderLayout): ReadonlyMap<number, string> {
  const paths = new Map<number, string>()
  for (let index = 0; index < layout.entryCount; index++)
    if (!layout.isPadding(index)) paths.set(index, comparable(layout.path(index)))
  return paths
}

/** Keyboards and file systems write one letter as one code point or as two. */
function comparable(text: string): string {
  return text.normalize("NFC")
}

function matcherOf(pattern: string): (path: string) => boolean {
  const given = comparable(pattern)
  if (given === "") throw new CommandError("bad_argument", "a pattern for files is empty")
  if (given.length > MAX_PATTERN_LENGTH)
    throw new CommandError(
      "bad_argument",
      `a pattern for files has ${given.length} characters, at most ${MAX_PATTERN_LENGTH}`,
    )
  const matches = picomatch(inWordsOfPicomatch(given), OPTIONS)
  requireCompilable(matches)
  return (path) => path === given || matches(path)
}

/** A pattern becomes a regular expression of up to 30 times its length, which is compiled when it is used first. */
function requireCompilable(matches: (path: string) => boolean): void {
  try {
    matches("a")
  } catch (cause) {
    throw new CommandError("bad_argument", "a pattern for files has too many stars", { cause })
  }
}

/**
 * Nothing but stars, question marks, brackets and braces is an operator: names such as "a (1).jpg" are common, and of several patterns each adds
 * files, so that "!*.iso" would add nearly everything. Within brackets "!" negates, as in a shell.
 */
function inWordsOfPicomatch(pattern: string): string {
  return pattern.replace(/\\.|\[(!?)([^\]]*\])|[()|+@!^$]/gs, (found, negation, rest) => {
    if (rest !== undefined) return `[${negation ? "^" : ""}${rest}`
    return found.length === 1 ? `\\${found}` : found
  })
}

function matchesNothing(pattern: string, paths: readonly string[]): CommandError {
  const likely = [`${pattern.replace(/\/+$/, "")}/**`, `**/${pattern}`]
  const better = likely.find((each) => each.length <= MAX_PATTERN_LENGTH && paths.some(matcherOf(each)))
  const hint = better === undefined ? "" : `; "${better}" does`
  return new CommandError("no_such_file", `no file of the folder matches "${pattern}"${hint}`)
}
