import { didYouMean } from "../base/nearest.js"
import { Arguments } from "./arguments.js"
import type { Command } from "./command.js"
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
  return { command: help, given: new Arguments(help.arguments, [verb], new Set()) }
}

/** "upload <path_to_file> <path_to_torrent> [--open]" */
export function usageOf(command: Command): string {
  const words = command.arguments.map((spec) => (spec.optional === true ? `[${spec.name}]` : `<${spec.name}>`))
  return [command.name, ...words, ...command.flags.map((flag) => `[${flag.name}]`)].join(" ")
}

function separate(
  words: readonly Word[],
  command: Command,
): { positional: readonly Word[]; flags: ReadonlySet<string> } {
  const positional: Word[] = []
  const flags = new Set<string>()
  let optionsEnded = false
  for (const word of words) {
    if (optionsEnded || !word.text.startsWith("--")) positional.push(word)
    else if (word.text === "--") optionsEnded = true
    else if (command.flags.some((flag) => flag.name === word.text)) flags.add(word.text)
    else throw unknownOption(word, command)
  }
  return { positional, flags }
}

function unknownOption(word: Word, command: Command): CommandLineError {
  const names = command.flags.map((flag) => flag.name)
  const hint = didYouMean(word.text, names)
  return new CommandLineError("unknown_option", `${command.name} has no option "${word.text}"${hint}`, word.span)
}

function checkCount(command: Command, positional: readonly Word[], words: readonly Word[]): void {
  const missing = command.arguments.find((spec, index) => spec.optional !== true && positional[index] === undefined)
  if (missing !== undefined) {
    throw new CommandLineError("missing_argument", `${missing.name} is missing: ${usageOf(command)}`, afterLast(words))
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
