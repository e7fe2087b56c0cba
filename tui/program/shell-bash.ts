import { SHELL_COMMANDS, SHELL_LOG_LEVELS } from "./shell-tables.js"
import { namesOf, START, WALK } from "./shell-words.js"

/** The completion script of bash. The names of documents are data in it: compared and quoted, never evaluated. */
export const BASH_SCRIPT = `# bash completion of p2p-tui: eval "$(p2p-tui completion bash)"

# REPLY: a word without its quotes. open: the quote that is not closed yet; head: what stands before it. Nothing is expanded.
_p2p_tui_plain() {
  local text=$1 char
  REPLY='' open='' head='' closed=''
  while [[ -n $text ]]; do
    char=\${text:0:1} text=\${text:1}
    if [[ $open != \\' && $char == \\\\ ]]; then
      REPLY+=\${text:0:1} text=\${text:1}
    elif [[ -n $open && $char == "$open" ]]; then
      open='' closed=1
    elif [[ -z $open && $char == [\\"\\'] ]]; then
      open=$char head=$REPLY
    else
      REPLY+=$char
    fi
  done
}

# REPLY: a text as it is typed here, after the open quote if there is one, so that bash expands nothing of it.
_p2p_tui_quoted() {
  local text=$1 char
  REPLY=''
  while [[ -n $text ]]; do
    char=\${text:0:1} text=\${text:1}
    case \${open:-n}$char in
      n[[:alnum:]_./,+%-]) ;;
      n*) char=\\\\$char ;;
      \\'\\') char="'\\\\''" ;;
      \\"\\!) char='"\\!"' ;;
      \\"[\\\\\\"\\$\\\`]) char=\\\\$char ;;
    esac
    REPLY+=$char
  done
  # Readline closes the quote, but not behind a sign that is the quote.
  case \${open:-n}$1 in
    \\'*\\') REPLY=\${REPLY%\\'} ;;
    \\"*\\") REPLY=\${REPLY%??}'"\\"' ;;
    \\"*!) REPLY+=\\" ;;
  esac
}

_p2p_tui() {
  local IFS=$' \\t\\n' REPLY open head closed plain name piece at=0 kind='' i
  local ${START}
  local line=\${COMP_LINE:0:COMP_POINT}
  local -a list=() typed=()
  COMPREPLY=()
  # bash cuts words at : = @ too; what stands together is one word.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=\${COMP_WORDS[i]}
    if [[ i -eq 0 || $line == [[:space:]]* ]]; then
      line=\${line#"\${line%%[![:space:]]*}"}
      typed+=('')
    fi
    if [[ i -eq COMP_CWORD ]]; then piece=$line; fi
    line=\${line#"$piece"}
    if [[ i -lt COMP_CWORD || $piece == [:=@]* ]]; then typed[-1]+=$piece; fi
  done
  if [[ $piece == [:=@]* ]]; then piece=''; fi
  _p2p_tui_plain "\${typed[-1]}"
  local before=$REPLY
  _p2p_tui_plain "\${typed[-1]}$piece"
  if [[ -z $open && -n $closed ]]; then return; fi
  plain=$REPLY
  # What readline leaves as it stands.
  local start=\${head} opened=$open
  if [[ -z $open ]]; then start=$before; fi
  for ((i = 1; i < \${#typed[@]} - 1; i++)); do
    _p2p_tui_plain "\${typed[i]}"
    word=$REPLY
${WALK}
  done
  open=$opened
  if [[ $config == \\~/* ]]; then config=$HOME/\${config#\\~/}; fi
  if [[ $skip == --log-level ]]; then list=(${SHELL_LOG_LEVELS.join(" ")})
  elif [[ $skip == --on-done ]]; then kind=files
  elif [[ -n $skip ]]; then return
  elif [[ $plain == -* ]]; then read -ra list <<<"$flags"
  elif [[ -z $verb ]]; then
    list=(${namesOf(SHELL_COMMANDS)})
    if [[ -z $config && $plain == [./~]* ]]; then kind=files; fi
  else
    read -ra list <<<"$kinds"
    kind=\${list[at]:-}
    case $kind in
      documents) mapfile -t list < <(command p2p-tui \${config:+"$config"} completion documents 2>/dev/null </dev/null) ;;
      files) ;;
      *) IFS=, read -ra list <<<"$kind" ;;
    esac
  fi
  if [[ $kind == files ]]; then compopt -o default; return; fi
  for name in "\${list[@]}"; do
    if [[ $name == "$plain"* ]]; then
      _p2p_tui_quoted "\${name#"$start"}"
      COMPREPLY+=("$REPLY")
    fi
  done
  if [[ -z $verb && -z $config && -z $skip && \${#COMPREPLY[@]} -eq 0 ]]; then compopt -o default; fi
}
# Older ones, as that of macOS, lack what this takes.
if ((BASH_VERSINFO[0] * 10 + BASH_VERSINFO[1] >= 44)); then complete -F _p2p_tui p2p-tui; fi
`
