import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { untilSo } from "../../core/testing/until-so.js"
import type { Shell } from "../program/cli.js"
import { quoted } from "../program/shell-words.js"
import { PtyScreen } from "./pty-screen.js"

const PROMPT = "ready> "

/** What a shell reads at its start, besides the completion script as the documentation says. */
const STARTS: Readonly<Record<Shell, { readonly file: string; readonly text: string; readonly command: string }>> = {
  bash: {
    file: "bashrc",
    text: `PS1='${PROMPT}'\neval "$(p2p-tui completion bash)"\neval "$(p2p-tracker completion bash)"\n`,
    command: "exec bash --noprofile --rcfile bashrc -i",
  },
  zsh: {
    file: ".zshrc",
    text: `autoload -U compinit; compinit -u -D\nPS1='${PROMPT}'\neval "$(p2p-tui completion zsh)"\neval "$(p2p-tracker completion zsh)"\n`,
    command: "exec zsh -d -i",
  },
  fish: {
    file: "config.fish",
    text: `function fish_prompt; echo -n '${PROMPT}'; end\nfunction fish_greeting; end\np2p-tui completion fish | source\np2p-tracker completion fish | source\n`,
    command: "exec fish --no-config --private -C 'source config.fish'",
  },
}

/** A real shell in a pseudo-terminal, in which `p2p-tui` and `p2p-tracker` write their arguments to a file and do nothing else. */
export class ShellRig {
  readonly #screen: PtyScreen
  readonly #home: string
  #count = 0

  /** `home` is an empty folder, the shell's home and current folder. `asked` is what the programs do for the words of a completion. */
  constructor(shell: Shell, home: string, asked: Readonly<Record<string, readonly string[]>>) {
    this.#home = home
    mkdirSync(join(home, "bin"))
    for (const [name, command] of Object.entries(asked)) writeProgram(join(home, "bin", name), command)
    const { file, text, command } = STARTS[shell]
    writeFileSync(join(home, file), text)
    this.#screen = new PtyScreen("bin/p2p-tui.js", [], {
      columns: 200,
      rows: 50,
      // The script of node stands behind it, as words that are not looked at.
      wrapper: ["sh", "-c", `cd "$HOME" && ${command}`, "sh"],
      env: {
        PATH: `${join(home, "bin")}:${process.env["PATH"] ?? ""}`,
        HOME: home,
        ZDOTDIR: home,
        XDG_CONFIG_HOME: join(home, "config"),
        XDG_DATA_HOME: join(home, "data"),
        TERM: "xterm-256color",
        GIVEN: join(home, "given"),
      },
    })
  }

  /** Resolves when the shell takes commands. */
  ready(): Promise<void> {
    return this.#screen.until((text) => text.includes(PROMPT.trim()))
  }

  /** Types a line with a Tab at its end and Enter; resolves with the words that the program was given. */
  async given(line: string): Promise<readonly string[]> {
    const file = `${join(this.#home, "given")}.${++this.#count}`
    this.#screen.type(`${line}\t\r`)
    await untilSo(() => existsSync(file)).catch(() => {
      throw new Error(`the program was not started; in sight:\n${this.#screen.text()}`)
    })
    return readFileSync(file, "utf8").split("\0").slice(0, -1)
  }

  close(): Promise<void> {
    return this.#screen.close()
  }
}

/** A script that writes the words of each call into a numbered file; `command` answers what a completion asks. */
function writeProgram(path: string, command: readonly string[]): void {
  writeFileSync(
    path,
    `#!/bin/sh
for word; do
  if [ "$word" = completion ]; then exec ${command.map(quoted).join(" ")} "$@"; fi
done
count=1
while [ -e "$GIVEN.$count" ]; do count=$((count + 1)); done
if [ $# -gt 0 ]; then printf '%s\\0' "$@"; fi >"$GIVEN.draft"
mv "$GIVEN.draft" "$GIVEN.$count"
`,
  )
  chmodSync(path, 0o755)
}
