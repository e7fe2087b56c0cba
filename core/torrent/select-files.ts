import picomatch from "picomatch"
import { CommandError } from "../base/errors.js"
import { FileSelection } from "./file-selection.js"
import { MAX_PATH_BYTES } from "./folder-bounds.js"
import type { FolderLayout } from "./folder-layout.js"

/** Hidden files are files like any other. */
const OPTIONS = { dot: true, windows: false } as const

/** Longest pattern, UTF-16 units: twice the longest path. Our choice. */
const MAX_PATTERN_LENGTH = 2 * MAX_PATH_BYTES

/** Patterns that are compared with every path; more are refused, so that 300,000 files take seconds. Paths of files are not counted. Our choice. */
const MAX_PATTERNS = 100

/** Paths of the folder that the error of a pattern without a match names. */
const NAMED_PATHS = 3

/**
 * The files whose path ("a/b/c") matches one of the patterns or is one of them: "*" stays within a folder, "**" does not. `patterns`: as the
 * user wrote them, at least one.
 * @throws CommandError "no_such_file" for a pattern that matches nothing, "bad_argument" for one that is empty or too long, or for too many.
 */
export function selectFiles(layout: FolderLayout, patterns: readonly string[]): FileSelection {
  const paths = pathsOf(layout)
  const wanted = new Set<number>()
  let comparedCount = 0
  for (const pattern of patterns) {
    const given = requireUsable(pattern)
    const file = isPlain(given) ? paths.get(given) : undefined
    if (file !== undefined) {
      wanted.add(file)
      continue
    }
    if (++comparedCount > MAX_PATTERNS)
      throw new CommandError("bad_argument", `there are more than ${MAX_PATTERNS} patterns for files`)
    if (!addMatches(given, paths, wanted)) throw matchesNothing(pattern, [...paths.keys()])
  }
  return new FileSelection(layout, (index) => wanted.has(index))
}

/** False when nothing matches. */
function addMatches(pattern: string, paths: ReadonlyMap<string, number>, wanted: Set<number>): boolean {
  const matches = matcherOf(pattern)
  let isAny = false
  for (const [path, index] of paths) {
    if ((isAny && wanted.has(index)) || !matches(path)) continue
    isAny = true
    wanted.add(index)
  }
  return isAny
}

/** The index of each file by its path, in the form that patterns are compared in. No two paths are the same in it. */
function pathsOf(layout: FolderLayout): ReadonlyMap<string, number> {
  const paths = new Map<string, number>()
  for (let index = 0; index < layout.entryCount; index++)
    if (!layout.isPadding(index)) paths.set(comparable(layout.path(index)), index)
  return paths
}

/** Keyboards and file systems write one letter as one code point or as two. */
function comparable(text: string): string {
  return text.normalize("NFC")
}

function requireUsable(pattern: string): string {
  const given = comparable(pattern)
  if (given === "") throw new CommandError("bad_argument", "a pattern for files is empty")
  if (given.length > MAX_PATTERN_LENGTH)
    throw new CommandError(
      "bad_argument",
      `a pattern for files has ${given.length} characters, at most ${MAX_PATTERN_LENGTH}`,
    )
  return given
}

/** Without an operator it matches the file of that path alone. */
function isPlain(pattern: string): boolean {
  return !/[*?[\]{}\\]/.test(pattern)
}

function matcherOf(pattern: string): (path: string) => boolean {
  const given = requireUsable(pattern)
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
  const hint = better === undefined ? `; it has ${namesOf(paths)}` : `; "${better}" does`
  return new CommandError("no_such_file", `no file of the folder matches "${pattern}"${hint}`)
}

function namesOf(paths: readonly string[]): string {
  const named = paths.slice(0, NAMED_PATHS).join(", ")
  return paths.length > NAMED_PATHS ? `${named} and ${paths.length - NAMED_PATHS} more` : named
}
