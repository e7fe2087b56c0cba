import { OPTIONS } from "./usage.js"

/** Shells that have a completion script. */
export const SHELLS = ["bash", "zsh", "fish"] as const
export type Shell = (typeof SHELLS)[number]

const STORES = "disk memory redis:// redis-cluster://"

/** One option, as a shell completes it. */
interface ShellOption {
  /** "--store" */
  readonly name: string
  readonly hasValue: boolean
  readonly summary: string
}

const SHELL_OPTIONS: readonly ShellOption[] = OPTIONS.map(({ usage, summary }) => ({
  name: /--[a-z-]+/.exec(usage)?.[0] ?? usage,
  hasValue: usage.includes("<"),
  summary,
}))

/** The completion script of a shell. */
export function completionScript(shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]()
}

const named = (options: readonly ShellOption[]): string => options.map(({ name }) => name).join(" ")

const withValue = (): string =>
  SHELL_OPTIONS.filter(({ hasValue }) => hasValue)
    .map(({ name }) => name)
    .join(" | ")

function bashScript(): string {
  return `# bash completion of p2p-tracker: eval "$(p2p-tracker completion bash)"
_p2p_tracker() {
  local IFS=$' \\t\\n' cur=\${COMP_WORDS[COMP_CWORD]} words=''
  COMPREPLY=()
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    --store) words='${STORES}' ;;
    --data | --token-file) compopt -o default; return ;;
    ${withValue()}) return ;;
    *) if [[ $cur == -* ]]; then words='${named(SHELL_OPTIONS)}'; fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
# Older ones, as that of macOS, lack what this takes.
if ((BASH_VERSINFO[0] * 10 + BASH_VERSINFO[1] >= 44)); then complete -F _p2p_tracker p2p-tracker; fi
`
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function zshScript(): string {
  const described = SHELL_OPTIONS.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`)
  return `#compdef p2p-tracker
# zsh completion of p2p-tracker: eval "$(p2p-tracker completion zsh)" after compinit
_p2p_tracker() {
  local -a list
  case \${words[CURRENT - 1]} in
    --store) compadd -- ${STORES}; return ;;
    --data) _files -/; return ;;
    --token-file) _files; return ;;
    ${withValue()}) return ;;
  esac
  list=(
${described.join("\n")}
  )
  _describe -o option list
}
if [[ $funcstack[1] == _p2p_tracker ]]; then _p2p_tracker "$@"; else compdef _p2p_tracker p2p-tracker; fi
`
}

function fishScript(): string {
  const values: Readonly<Record<string, string>> = {
    "--store": ` -x -a '${STORES}'`,
    "--data": " -x -a '(__fish_complete_directories)'",
    "--token-file": " -r -F",
  }
  const lines = SHELL_OPTIONS.map(({ name, hasValue, summary }) => {
    const value = values[name] ?? (hasValue ? " -x" : "")
    return `complete -c p2p-tracker -l ${name.slice(2)}${value} -d '${summary.replace(/[\\']/g, "\\$&")}'`
  })
  return `# fish completion of p2p-tracker: p2p-tracker completion fish | source
complete -c p2p-tracker -f
${lines.join("\n")}
`
}
