import { isLink } from "../../core/index.js"
import { didYouMean } from "../base/nearest.js"
import { Arguments, type GivenFlags } from "./arguments.js"
import type { Command, FlagSpec } from "./command.js"
import { CommandLineError, type Span } from "./command-line-error.js"
import type { Word } from "./words.js"

export interface ParsedCommand {
  readonly command: Command
  readonly given: Arguments
}

/**
 * Finds the command and binds its arguments. `words` has at least one. Options may stand anywhere after the command;
 * "--" ends them. Throws CommandLineError: unknown_command, unknown_option, missing_argument, extra_argument.
 */
export function parseCommand(words: readonly Word[], table: readonly Command[]): ParsedCommand {
  const [verb, ...rest] = words
  if (verb === undefined) throw new CommandLineError("missing_command", "no command was given", undefined)
  const command = table.find((candidate) => candidate.name === verb.text)
  // A link that was pasted alone.
  if (command === undefined && isLink(verb.text)) return parseCommand([{ ...verb, text: "download" }, ...words], table)
  if (command === undefined) {
    const names = table.map((candidate) => candidate.name)
    const hint = didYouMean(verb.text, names)
    throw new CommandLineError(
      "unknown_command",
      `unknown command "${verb.text}"${hint || '; "help" lists them'}`,
      verb.span,
    )
  }
  if (asksForHelp(rest)) return helpOn(verb, table)
  const { positional, flags } = separate(rest, command)
  checkCount(command, positional, words)
  const missing = command.flags.find(({ name, required }) => required === true && !flags.has(name))
  if (missing !== undefined)
    throw new CommandLineError("missing_argument", `${missing.name} is missing: ${usageOf(command)}`, afterLast(words))
  return { command, given: new Arguments(command.arguments, positional, flags) }
}

/** "upload --help" asks as "help upload" does, whatever else stands there. */
function asksForHelp(words: readonly Word[]): boolean {
  const end = words.findIndex(({ text }) => text === "--")
  return words.slice(0, end === -1 ? undefined : end).some(({ text }) => text === "--help" || text === "-h")
}

function helpOn(verb: Word, table: readonly Command[]): ParsedCommand {
  const help = table.find(({ name }) => name === "help")
  if (help === undefined) throw new RangeError("the table has no help")
  return { command: help, given: new Arguments(help.arguments, [verb], new Map()) }
}

/** "upload <path_to_file> [path_to_torrent] [--open]", "download <torrent_or_link> [path_to_file] [--only <glob>]…" */
export function usageOf(command: Command): string {
  const words = command.arguments.map((spec) => (spec.optional === true ? `[${spec.name}]` : `<${spec.name}>`))
  return [command.name, ...words, ...command.flags.map(usageOfFlag)].join(" ")
}

function usageOfFlag(flag: FlagSpec): string {
  const usage = flag.required === true ? flagWithValue(flag) : `[${flagWithValue(flag)}]`
  return flag.isRepeatable === true ? `${usage}…` : usage
}

/** "--peers <n>" */
export function flagWithValue({ name, value }: FlagSpec): string {
  return value === undefined ? name : `${name} <${value}>`
}

function separate(words: readonly Word[], command: Command): { positional: readonly Word[]; flags: GivenFlags } {
  const positional: Word[] = []
  const flags = new Map<string, Word[]>()
  let optionsEnded = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === undefined) break
    if (optionsEnded || !word.text.startsWith("--")) positional.push(word)
    else if (word.text === "--") optionsEnded = true
    else {
      const { flag, value } = flagOf(word, command)
      // "--peers 3" and "--peers=3"
      const given = flag.value === undefined ? word : (value ?? valueAfter(words, at++, flag, command))
      const before = flags.get(flag.name)
      if (before === undefined) flags.set(flag.name, [given])
      else before.push(given)
    }
  }
  return { positional, flags }
}

function flagOf(word: Word, command: Command): { readonly flag: FlagSpec; readonly value: Word | undefined } {
  const equals = word.text.indexOf("=")
  const name = equals === -1 ? word.text : word.text.slice(0, equals)
  const flag = command.flags.find((candidate) => candidate.name === name)
  if (flag === undefined || (flag.value === undefined && equals !== -1)) throw unknownOption(word, command)
  return { flag, value: equals === -1 ? undefined : { text: word.text.slice(equals + 1), span: word.span } }
}

function valueAfter(words: readonly Word[], at: number, flag: FlagSpec, command: Command): Word {
  const value = words[at + 1]
  if (value !== undefined && !value.text.startsWith("--")) return value
  throw new CommandLineError("missing_argument", `${flag.name} needs a value: ${usageOf(command)}`, words[at]?.span)
}

function unknownOption(word: Word, command: Command): CommandLineError {
  const names = command.flags.map((flag) => flag.name)
  const hint = didYouMean(word.text, names)
  return new CommandLineError("unknown_option", `${command.name} has no option "${word.text}"${hint}`, word.span)
}

function checkCount(command: Command, positional: readonly Word[], words: readonly Word[]): void {
  const missing = command.arguments.find((spec, index) => spec.optional !== true && positional[index] === undefined)
  if (missing !== undefined) {
    const what = missing.kind === "document" ? "which document?" : `${missing.name} is missing:`
    throw new CommandLineError("missing_argument", `${what} ${usageOf(command)}`, afterLast(words))
  }
  const extra = positional[command.arguments.length]
  if (extra !== undefined) {
    throw new CommandLineError(
      "extra_argument",
      `"${extra.text}" is one word too many: ${usageOf(command)}`,
      extra.span,
    )
  }
}

function afterLast(words: readonly Word[]): Span | undefined {
  const last = words.at(-1)?.span
  return last === undefined ? undefined : { start: last.end + 1, end: last.end + 2 }
}
