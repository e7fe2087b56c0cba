import type { Shell } from "./cli.js"
import { BASH_SCRIPT } from "./shell-bash.js"
import { FISH_SCRIPT } from "./shell-fish.js"
import { ZSH_SCRIPT } from "./shell-zsh.js"

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH_SCRIPT, zsh: ZSH_SCRIPT, fish: FISH_SCRIPT }

/** The completion script of a shell, made from the program's own tables of commands and options. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]
}
