import { SHELL_COMMANDS, SHELL_LOG_LEVELS, SHELL_OPTIONS, type ShellCommand } from "./shell-tables.js"
import { quoted, START, WALK } from "./shell-words.js"

function optionCase({ name, flags }: Pick<ShellCommand, "name" | "flags">): string {
  return `      ${name}) list=(${flags.map(described).join(" ")}) ;;`
}

/** As `_describe` takes it. */
function described({ name, summary }: { readonly name: string; readonly summary: string }): string {
  return quoted(`${name}:${summary}`)
}

/** The completion script of zsh. The names of documents are data in it: zsh quotes what it inserts. */
export const ZSH_SCRIPT = `#compdef p2p-tui
# zsh completion of p2p-tui: eval "$(p2p-tui completion zsh)" after compinit
_p2p_tui() {
  local kind i at=0
  local ${START}
  local -a list
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
${WALK}
  done
  if [[ $config == \\~/* ]]; then config=$HOME/\${config#\\~/}; fi
  if [[ $skip == --log-level ]]; then list=(${SHELL_LOG_LEVELS.join(" ")})
  elif [[ $skip == --on-done ]]; then _command_names; return
  elif [[ -n $skip ]]; then return
  elif [[ $PREFIX == -* ]]; then
    case $verb in
${[...SHELL_COMMANDS.map(optionCase), optionCase({ name: "*", flags: SHELL_OPTIONS })].join("\n")}
    esac
    _describe -o option list
    return
  elif [[ -z $verb ]]; then
    list=(
${SHELL_COMMANDS.map((each) => `      ${described(each)}`).join("\n")}
    )
    _describe -t commands command list
    if [[ -z $config ]]; then _files -g '*.json(-.)'; fi
    return
  else
    list=(\${=kinds})
    kind=\${list[at + 1]}
    list=()
    case $kind in
      documents) list=("\${(@f)$(command p2p-tui \${config:+"$config"} completion documents 2>/dev/null </dev/null)}") ;;
      files) _files; return ;;
      *) list=(\${(s:,:)kind}) ;;
    esac
  fi
  list=("\${(@)list:#}")
  compadd -- "\${list[@]}"
}
if [[ $funcstack[1] == _p2p_tui ]]; then _p2p_tui "$@"; else compdef _p2p_tui p2p-tui; fi
`
