import { didYouMean } from "../base/nearest.js"
import type { Command } from "./command.js"
import { CommandLineError } from "./command-line-error.js"
import { flagWithValue, usageOf } from "./parse.js"

export const help: Command = {
  name: "help",
  arguments: [{ name: "command", kind: "command", optional: true }],
  flags: [],
  summary: "this list, or all about one command",
  view: "help",
  async run(given, { report }) {
    const word = given.word("command")
    // Loaded when asked for: the table holds this command too, and a cycle of imports would be evaluated half.
    const { COMMANDS } = await import("./table.js")
    if (word === undefined) {
      report({ event: "help", lines: commandSummaries(COMMANDS), fields: { commands: COMMANDS.map(commandFields) } })
      return
    }
    const command = COMMANDS.find((candidate) => candidate.name === word.text)
    if (command === undefined) {
      const hint = didYouMean(
        word.text,
        COMMANDS.map((candidate) => candidate.name),
      )
      throw new CommandLineError("unknown_command", `there is no command "${word.text}"${hint}`, word.span)
    }
    report({ event: "help", lines: commandHelp(command), fields: { commands: [commandFields(command)] } })
  },
}

export const quit: Command = {
  name: "quit",
  arguments: [],
  flags: [],
  summary: "end the client, also one of another process; unfinished downloads continue at the next start",
  async run(_given, context) {
    context.quit()
  },
}

/** One line a command: usage, then what it does. */
export function commandSummaries(commands: readonly Command[]): readonly string[] {
  const width = Math.max(...commands.map((command) => usageOf(command).length))
  return commands.map((command) => `${usageOf(command).padEnd(width)}  ${command.summary}`)
}

function commandHelp(command: Command): readonly string[] {
  return [
    usageOf(command),
    `  ${command.summary}`,
    ...command.flags.map((flag) => `  ${flagWithValue(flag)}  ${flag.summary}`),
  ]
}

function commandFields(command: Command): Record<string, unknown> {
  return { name: command.name, usage: usageOf(command), summary: command.summary }
}
