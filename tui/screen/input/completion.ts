import { readdirSync } from "node:fs"
import { resolve } from "node:path"
import { homeFolder } from "../../../core/index.js"
import { fixedWords } from "../../commands/argument-words.js"
import type { ArgumentKind, Command } from "../../commands/command.js"
import { COMMANDS } from "../../commands/table.js"
import { quoteWord, splitWords, type Word } from "../../commands/words.js"
import type { Choice, Fault } from "../state/state.js"
import type { TextField } from "../state/text-field.js"

export interface CompletionSources {
  readonly serviceFolder: string
  readonly documentNames: readonly string[]
}

export interface Completion {
  readonly field: TextField
  /** What there is to choose from, when there is more than one. */
  readonly choices: readonly Choice[]
  /** Why Tab did nothing, under the word that nothing begins like. */
  readonly problem?: Fault | undefined
}

/** Most choices that are offered. */
const MAX_CHOICES = 50

/** Completes the word before the cursor as far as it is certain: a command, a path, a document, an option. */
export function complete(field: TextField, sources: CompletionSources): Completion {
  const before = field.value.slice(0, field.cursor)
  const words = wordsBefore(before)
  const typed = words.at(-1)
  if (typed === undefined) return { field, choices: [] }
  const candidates = candidatesFor(words, typed, sources).filter((candidate) => candidate.startsWith(typed.text))
  const shared = commonStart(candidates)
  if (shared === undefined) return { field, choices: [], problem: nothingFound(words, typed, sources) }
  const start = typed.span?.start ?? before.length
  const completed = (text: string, isWhole: boolean): TextField => withWord(field, start, text, isWhole)
  const isEnd = (candidate: string): boolean => !candidate.endsWith("/")
  const choices =
    candidates.length > 1
      ? candidates
          .slice(0, MAX_CHOICES)
          .map((each): Choice => ({ label: lastName(each), field: completed(each, isEnd(each)) }))
      : []
  const isWhole = candidates.length === 1 && isEnd(shared)
  if (!isWhole && shared.length <= typed.text.length) return { field, choices }
  return { field: completed(shared, isWhole), choices }
}

/** Undefined where nothing is known of what belongs there. */
function nothingFound(words: readonly Word[], typed: Word, { serviceFolder }: CompletionSources): Fault | undefined {
  const { span } = typed
  if (words.length === 1) return { message: "no command begins like this", span }
  const command = COMMANDS.find(({ name }) => name === words[0]?.text)
  if (command === undefined) return { message: "no such command", span: words[0]?.span }
  if (typed.text.startsWith("--")) return { message: `${command.name} has no such option`, span }
  const kind = argumentKind(command, words)
  if (kind === "document") return { message: "no document begins like this", span }
  // A target is a new name most times, of which nothing is known.
  if (kind !== "file" && kind !== "torrent") return undefined
  // The home folder stays as it was typed: it may be unknown.
  const folder = typed.text.startsWith("~/") ? folderPart(typed.text) : folderOf(typed.text, serviceFolder)
  return { message: `no file or folder begins like this in ${folder}`, span }
}

/** The field with `text` in the place of the word that begins at `start` and ends at the cursor; a whole word has a space behind it. */
function withWord(field: TextField, start: number, text: string, isWhole: boolean): TextField {
  const rest = field.value.slice(field.cursor)
  // A space that is there already is gone over, not doubled.
  const spaced = isWhole && !rest.startsWith(" ") ? " " : ""
  const word = (isWhole ? quoteWord(text) : unfinished(text)) + spaced
  const cursor = start + word.length + (isWhole && spaced === "" ? 1 : 0)
  return { value: field.value.slice(0, start) + word + rest, cursor }
}

/** The words up to the cursor, the last one being typed (empty after a space). An open quote is taken as closed. */
function wordsBefore(before: string): readonly Word[] {
  const empty: Word = { text: "", span: { start: before.length, end: before.length } }
  for (const closing of ["", '"', "'"]) {
    try {
      const words = splitWords(before + closing)
      return closing === "" && /(^|\s)$/.test(before) ? [...words, empty] : words
    } catch {
      // Not this quote: the next one is tried, and a line that is wrong with each has no completion.
    }
  }
  return []
}

function candidatesFor(words: readonly Word[], typed: Word, sources: CompletionSources): readonly string[] {
  if (words.length === 1) return COMMANDS.map((command) => command.name)
  const command = COMMANDS.find((candidate) => candidate.name === words[0]?.text)
  if (command === undefined) return []
  if (typed.text.startsWith("--")) return command.flags.map((flag) => flag.name)
  const kind = argumentKind(command, words)
  return kind === undefined ? [] : candidatesOfKind(kind, typed.text, sources)
}

function argumentKind(command: Command, words: readonly Word[]): ArgumentKind | undefined {
  const takesValue = (word: Word | undefined) =>
    command.flags.some(({ name, value }) => value !== undefined && name === word?.text)
  if (takesValue(words.at(-2))) return undefined
  const isArgument = (word: Word, at: number) => !word.text.startsWith("--") && !takesValue(words[at])
  return command.arguments[words.slice(1, -1).filter(isArgument).length]?.kind
}

function candidatesOfKind(kind: ArgumentKind, typed: string, sources: CompletionSources): readonly string[] {
  switch (kind) {
    case "file":
      return pathCandidates(typed, sources.serviceFolder)
    case "torrent":
      return torrentCandidates(pathCandidates(typed, sources.serviceFolder), typed)
    case "target":
      // A file that is there would be refused: only the way to it is completed.
      return pathCandidates(typed, sources.serviceFolder).filter((path) => path.endsWith("/"))
    case "document":
      return sources.documentNames
    default:
      return fixedWords(kind)
  }
}

/** Names in the folder that `typed` points into, with that folder as it was typed in front; folders end in "/". */
function pathCandidates(typed: string, serviceFolder: string): readonly string[] {
  // The home folder itself: what is in it comes with the next Tab.
  if (typed === "~") return ["~/"]
  const folderTyped = folderPart(typed)
  const hidden = typed.slice(folderTyped.length).startsWith(".")
  try {
    return readdirSync(folderOf(typed, serviceFolder), { withFileTypes: true })
      .filter((entry) => hidden || !entry.name.startsWith("."))
      .map((entry) => folderTyped + entry.name + (entry.isDirectory() ? "/" : ""))
      .sort()
  } catch {
    // An unknown home folder and an unreadable folder give no choices; the command itself reports the error.
    return []
  }
}

function folderPart(typed: string): string {
  return typed.slice(0, typed.lastIndexOf("/") + 1)
}

/** The folder that a path points into while it is typed. */
function folderOf(typed: string, serviceFolder: string): string {
  const folder = folderPart(typed)
  return folder.startsWith("~/") ? resolve(homeFolder(folder), folder.slice(2)) : resolve(serviceFolder, folder)
}

/** What looks like a torrent file, and folders; everything, where nothing that begins as typed looks like one. */
function torrentCandidates(candidates: readonly string[], typed: string): readonly string[] {
  const likely = candidates.filter((path) => path.startsWith(typed) && /(\/|\.json|\.torrent)$/.test(path))
  return likely.length > 0 ? likely : candidates
}

function commonStart(candidates: readonly string[]): string | undefined {
  const [first] = candidates
  if (first === undefined) return undefined
  let length = first.length
  for (const candidate of candidates) {
    while (!candidate.startsWith(first.slice(0, length))) length--
  }
  return first.slice(0, length)
}

/** An unfinished word: quoted where it must be, with the quote left open. */
function unfinished(text: string): string {
  const quoted = quoteWord(text)
  return quoted === text ? text : quoted.slice(0, -1)
}

function lastName(candidate: string): string {
  return candidate.slice(candidate.replace(/\/$/, "").lastIndexOf("/") + 1)
}
