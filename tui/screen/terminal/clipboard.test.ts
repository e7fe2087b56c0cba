import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { copyText } from "./clipboard.js"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "p2p-tui-clipboard-"))
})
afterEach(() => rm(folder, { recursive: true }))

/** A tmux that keeps what it is given, and refuses the words that `refused` matches. */
async function fakeTmux(refused: string): Promise<Record<string, string>> {
  const script = `#!/bin/sh\ncase "$*" in ${refused}) exit 1;; esac\ncat > "${folder}/buffer"\n`
  await writeFile(join(folder, "tmux"), script)
  await chmod(join(folder, "tmux"), 0o755)
  return { TMUX: "/tmp/tmux", PATH: `${folder}:${process.env["PATH"]}` }
}

async function copied(environment: Record<string, string>) {
  const sent: string[] = []
  const where = await copyText("/a b/é", { environment, send: (sequence) => sent.push(sequence) })
  return { where, sent: sent.join("") }
}

const OSC_52 = `\u001b]52;c;${Buffer.from("/a b/é").toString("base64")}\u0007`

describe("a copied text", () => {
  it.each([["none"], ["*-w*"]])(
    "is in tmux's buffer inside of tmux, an old one too (refuses %s) [U9]",
    async (refused) => {
      expect(await copied(await fakeTmux(refused))).toEqual({ where: "tmux", sent: "" })
      expect(await readFile(join(folder, "buffer"), "utf8")).toBe("/a b/é")
    },
  )

  it("goes to the terminal when tmux does not take it, and where there is none [U9]", async () => {
    expect(await copied(await fakeTmux("*"))).toEqual({ where: "terminal", sent: OSC_52 })
    expect(await copied({ TMUX: "/tmp/tmux", PATH: folder })).toEqual({ where: "terminal", sent: OSC_52 })
    expect(await copied({})).toEqual({ where: "terminal", sent: OSC_52 })
  })

  it("goes through GNU screen to its terminal [U9]", async () => {
    expect((await copied({ STY: "1.pts" })).sent).toBe(`\u001bP${OSC_52}\u001b\\`)
  })
})
