import picomatch from "picomatch"
import { CommandError } from "../base/errors.js"
import type { Steps } from "../base/steps.js"
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

/** Paths that are compared in one step. Our choice: some milliseconds. */
const COMPARED_AT_ONCE = 4_096

/**
 * The files whose path ("a/b/c") matches one of the patterns or is one of them, in steps: "*" stays within a folder, "**" does not. `patterns`:
 * as the user wrote them, at least one.
 * @throws CommandError "no_such_file" for a pattern that matches nothing, "bad_argument" for one that is empty or too long, or for too many.
 */
export function* selectingFiles(layout: FolderLayout, patterns: readonly string[]): Steps<FileSelection> {
  const plain = yield* plainFiles(layout, new Set(patterns.map(comparable).filter(isPlain)))
  const marks = new Uint8Array(layout.entryCount)
  let comparedCount = 0
  for (const pattern of patterns) {
    const given = requireUsable(pattern)
    const file = plain.get(given)
    if (file !== undefined) {
      marks[file] = 1
      continue
    }
    if (++comparedCount > MAX_PATTERNS)
      throw new CommandError("bad_argument", `there are more than ${MAX_PATTERNS} patterns for files`)
    if (!(yield* addingMatches(layout, matcherOf(given), marks))) throw yield* matchesNothing(pattern, layout)
  }
  return FileSelection.of(layout, marks)
}

/** The index of the file of each of these paths that is one. No two paths of a folder are the same in the form that is compared. */
function* plainFiles(layout: FolderLayout, paths: ReadonlySet<string>): Steps<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (let index = 0; index < layout.entryCount && found.size < paths.size; index++) {
    if (index % COMPARED_AT_ONCE === 0) yield
    const path = comparable(layout.path(index))
    if (!layout.isPadding(index) && paths.has(path)) found.set(path, index)
  }
  return found
}

/** False when nothing matches. */
function* addingMatches(layout: FolderLayout, matches: (path: string) => boolean, marks: Uint8Array): Steps<boolean> {
  let isAny = false
  for (let index = 0; index < layout.entryCount; index++) {
    if (index % COMPARED_AT_ONCE === 0) yield
    if (layout.isPadding(index) || (isAny && marks[index] === 1) || !matches(comparable(layout.path(index)))) continue
    isAny = true
    marks[index] = 1
  }
  return isAny
}

const NOT_ASCII = /[^\0-\x7f]/

/** Keyboards and file systems write one letter as one code point or as two. */
function comparable(text: string): string {
  return NOT_ASCII.test(text) ? text.normalize("NFC") : text
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

function* matchesNothing(pattern: string, layout: FolderLayout): Steps<CommandError> {
  const likely = [`${pattern.replace(/\/+$/, "")}/**`, `**/${pattern}`].filter(
    (each) => each.length <= MAX_PATTERN_LENGTH,
  )
  for (const better of likely)
    if (yield* addingMatches(layout, matcherOf(better), new Uint8Array(layout.entryCount)))
      return new CommandError("no_such_file", `no file of the folder matches "${pattern}"; "${better}" does`)
  return new CommandError("no_such_file", `no file of the folder matches "${pattern}"; it has ${namesOf(layout)}`)
}

function namesOf(layout: FolderLayout): string {
  const named: string[] = []
  for (let index = 0; index < layout.entryCount && named.length < NAMED_PATHS; index++)
    if (!layout.isPadding(index)) named.push(comparable(layout.path(index)))
  const more = layout.fileCount - named.length
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ")
}
