import { SHELL_COMMANDS, SHELL_LOG_LEVELS, SHELL_OPTIONS, type ShellCommand, type ShellKind } from "./shell-tables.js"

/** A text in single quotes, as fish reads it. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`

function withValue(flags: ShellCommand["flags"]): string {
  return flags.flatMap(({ name, hasValue }) => (hasValue ? [name] : [])).join(" ")
}

function verbCase({ name, flags }: ShellCommand): string {
  return `      case ${name}\n        set -g __p2p_tui_verb $word\n        set valued ${withValue(flags)}`
}

function optionLine({ name, hasValue, summary }: (typeof SHELL_OPTIONS)[number]): string {
  const values: Readonly<Record<string, string>> = {
    "--log-level": ` -x -a '${SHELL_LOG_LEVELS.join(" ")}'`,
    "--on-done": " -r -F",
  }
  const value = values[name] ?? (hasValue ? " -x" : "")
  return `complete -c p2p-tui -n '__p2p_tui_verb ""' -l ${name.slice(2)}${value} -d ${quoted(summary)}`
}

function commandLines({ name, summary, flags, kinds }: ShellCommand): readonly string[] {
  return [
    `complete -c p2p-tui -n '__p2p_tui_verb ""' -a ${name} -d ${quoted(summary)}`,
    ...flags.map(
      (flag) =>
        `complete -c p2p-tui -n '__p2p_tui_verb ${name}' -l ${flag.name.slice(2)}${flag.hasValue ? " -x" : ""} -d ${quoted(flag.summary)}`,
    ),
    ...kinds.map((kind, at) => `complete -c p2p-tui -n '__p2p_tui_at ${name} ${at}' ${wordsOf(kind)}`),
  ]
}

function wordsOf(kind: ShellKind): string {
  if (kind === "files") return "-F"
  return kind === "documents" ? "-a '(__p2p_tui_documents)'" : `-a '${kind.join(" ")}'`
}

/** The completion script of fish. The names of documents are data in it: fish quotes what it inserts. */
export const FISH_SCRIPT = `# fish completion of p2p-tui: p2p-tui completion fish | source
function __p2p_tui_walk
  set -g __p2p_tui_config
  set -g __p2p_tui_verb ''
  set -g __p2p_tui_at 0
  set -l valued ${withValue(SHELL_OPTIONS)}
  set -l skip ''
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip ''
      continue
    end
    if contains -- $word $valued
      set skip 1
      continue
    end
    if string match -q -- '-*' $word
      continue
    end
    if test -n "$__p2p_tui_verb"
      set -g __p2p_tui_at (math $__p2p_tui_at + 1)
      continue
    end
    switch $word
${SHELL_COMMANDS.map(verbCase).join("\n")}
      case '*'
        set -g __p2p_tui_config (string replace -r '^~/' "$HOME/" -- $word)
    end
  end
end
function __p2p_tui_verb
  __p2p_tui_walk
  test "$__p2p_tui_verb" = "$argv[1]"
end
function __p2p_tui_at
  __p2p_tui_verb $argv[1]; and test $__p2p_tui_at = $argv[2]
end
function __p2p_tui_documents
  command p2p-tui $__p2p_tui_config completion documents 2>/dev/null </dev/null
end
complete -c p2p-tui -f
complete -c p2p-tui -n '__p2p_tui_verb ""; and test -z "$__p2p_tui_config"' -k -a '(__fish_complete_suffix .json)'
${[...SHELL_OPTIONS.map(optionLine), ...SHELL_COMMANDS.flatMap(commandLines)].join("\n")}
`
