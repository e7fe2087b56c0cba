import { SHELL_COMMANDS, SHELL_OPTIONS, type ShellCommand, type ShellKind } from "./shell-tables.js"

/** What bash and zsh spell alike. `word` is a word of the line without its quotes. */

/** The variables that `WALK` sets, and what they are before the command. */
export const START = `flags='${namesOf(SHELL_OPTIONS)}' valued=' ${withValue(SHELL_OPTIONS)} ' kinds='' word='' verb='' config='' skip=''`

/** In a loop over the words before the cursor: `verb` is the command, `at` counts its arguments, `skip` is an option that waits for its value. */
export const WALK = `    if [[ -n $skip ]]; then skip=''; continue; fi
    if [[ $valued == *" $word "* ]]; then skip=$word; continue; fi
    if [[ $word == -* ]]; then continue; fi
    if [[ -n $verb ]]; then at=$((at + 1)); continue; fi
    case $word in
${casesOf(SHELL_COMMANDS)}
      *) config=$word; continue ;;
    esac
    verb=$word`

export function namesOf(given: readonly { readonly name: string }[]): string {
  return given.map(({ name }) => name).join(" ")
}

function withValue(flags: ShellCommand["flags"]): string {
  return namesOf(flags.filter(({ hasValue }) => hasValue))
}

function casesOf(commands: readonly ShellCommand[]): string {
  return commands
    .map(
      ({ name, flags, kinds }) =>
        `      ${name}) flags='${namesOf(flags)}' valued=' ${withValue(flags)} ' kinds='${kinds.map(kindWord).join(" ")}' ;;`,
    )
    .join("\n")
}

function kindWord(kind: ShellKind): string {
  return typeof kind === "string" ? kind : kind.join(",")
}

/** A text in single quotes, as bash and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
