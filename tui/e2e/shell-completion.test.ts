import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { SHELLS } from "../program/cli.js"
import { ShellRig } from "../testing/shell-rig.js"
import { areInstalled } from "./foreign-programs.js"
import { Playground } from "./playground.js"
import { clientCommand, trackerCommand } from "./program.js"

/** Every question is a program that starts, which takes seconds where other programs have the processor. */
const PATIENCE_MS = 120_000

let ground: Playground
let rig: ShellRig | undefined

beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(async () => {
  await rig?.close()
  rig = undefined
  await ground.close()
})

/** Names as a torrent file of a stranger may have them: what would run, expand or end the word if a shell read it as code. */
const HOSTILE = [
  "a0 two  blanks",
  "a1'quo\"tes'",
  "a2$(touch PWNED)",
  "a3`touch PWNED`",
  "a4;touch PWNED;",
  "a5&touch PWNED|touch PWNED>PWNED",
  "a6$HOME$[1+1]$((1+1))",
  "a7*?[a-z]{x,y}",
  "a8!!^x^y!touch",
  "a9~k=l:m@n,o%p#q",
  "b0\\back\\\\slash\\",
  "b1 漢字 ä 🎉",
  "b2<(touch PWNED)",
  "b3 # comment",
  "b4'; touch PWNED; '",
  'b5"; touch PWNED; "',
  "b6 ends with a blank ",
  "b7!",
  'b8"',
]

/** Names that would be options: such a document is named by its id. What else can't be typed is no name of a document (core/torrent). */
const OPTIONS = ["-rf", "--help"]

const idOf = (index: number): string => `${String(index).padStart(8, "0")}-0000-4000-8000-000000000000`

/** Puts the torrent file of an empty document of each name into the service folder of a client, which takes them up. */
function offer(folder: string, names: readonly string[]): void {
  mkdirSync(folder, { recursive: true })
  for (const [index, name] of names.entries()) {
    const info = { Size: 1, PartSize: 1, Parts: ["0".repeat(40)], Hash: idOf(index), Name: name }
    writeFileSync(join(folder, `${index}.torrent.json`), JSON.stringify({ FileInfo: info }))
  }
}

async function askedWords(config: string): Promise<readonly string[]> {
  const asked = ground.client(config, "completion", "documents")
  expect(await asked.ended()).toBe(0)
  expect(asked.errors).toBe("")
  return asked.lines
}

describe("the names that a shell gets", { timeout: PATIENCE_MS }, () => {
  it("are those of the running client's documents; what would be an option is named by its id [S16]", async () => {
    await ground.serving("a", { lan: false })
    offer(ground.path("a"), [...HOSTILE, ...OPTIONS])
    const words = () => askedWords(ground.path("a.json"))
    const expected = [...HOSTILE, ...OPTIONS.map((_, index) => idOf(HOSTILE.length + index))].sort()
    await expect.poll(async () => [...(await words())].sort(), { timeout: PATIENCE_MS }).toEqual(expected)
  })

  it("are none where no client runs, the config is wrong or there is none: nothing is printed, started or made", async () => {
    const config = await ground.config("b")
    expect(await askedWords(config)).toEqual([])
    expect(existsSync(ground.path("b", ".p2p-tui"))).toBe(false)
    writeFileSync(ground.path("wrong.json"), "{")
    expect(await askedWords(ground.path("wrong.json"))).toEqual([])
    expect(await askedWords(ground.path("missing.json"))).toEqual([])
    const asked = ground.run(clientCommand("completion", "documents"), { HOME: ground.path("b") })
    expect([await asked.ended(), asked.lines, asked.errors]).toEqual([0, [], ""])
    expect(existsSync(ground.path("b", "p2p-tui"))).toBe(false)
  })
})

/** The beginning of a word, as a user of a shell may have typed it. */
const BEGINNINGS = [(text: string) => text, (text: string) => `'${text}`, (text: string) => `"${text}`]

describe.each(SHELLS)("%s", (shell) => {
  const installed = areInstalled(shell)

  async function shellWith(client: readonly string[]): Promise<(line: string) => Promise<readonly string[]>> {
    mkdirSync(ground.path("home"))
    const started = new ShellRig(shell, ground.path("home"), { "p2p-tui": client, "p2p-tracker": trackerCommand() })
    rig = started
    await started.ready()
    return (line) => started.given(line)
  }

  it.skipIf(!installed)("never reads a name as code, bare or in quotes [S16]", { timeout: PATIENCE_MS }, async () => {
    const names = ground.path("names")
    writeFileSync(names, HOSTILE.map((name) => `${name}\n`).join(""))
    // The script is the program's, the names are written down: a program less for every Tab.
    const [node = "", script = ""] = clientCommand()
    const command = `case $* in *documents) exec cat ${names} ;; *) exec ${node} ${script} "$@" ;; esac`
    const given = await shellWith(["sh", "-c", command, "sh"])
    for (const begin of BEGINNINGS)
      for (const name of HOSTILE)
        expect(await given(`p2p-tui resume ${begin(name.slice(0, 2))}`)).toEqual(["resume", name])
    expect(existsSync(ground.path("home", "PWNED"))).toBe(false)
  })

  it.skipIf(!installed)(
    "completes commands, options, their values, files and documents of the running client",
    { timeout: PATIENCE_MS },
    async () => {
      await ground.serving("a", { lan: false })
      offer(ground.path("a"), ["one document"])
      await expect.poll(() => askedWords(ground.path("a.json")), { timeout: PATIENCE_MS }).toEqual(["one document"])
      const given = await shellWith(clientCommand())
      const home = ground.path("home")
      for (const file of ["big file.iso", "my.json"]) writeFileSync(join(home, file), "")
      const config = ground.path("a.json")
      expect(await given("p2p-tui upl")).toEqual(["upload"])
      expect(await given("p2p-tui --dae")).toEqual(["--daemon"])
      expect(await given("p2p-tui --log-level wa")).toEqual(["--log-level", "warn"])
      expect(await given("p2p-tui --peers a:1 rech")).toEqual(["--peers", "a:1", "recheck"])
      expect(await given("p2p-tui my")).toEqual(["my.json"])
      expect(await given("p2p-tui upload big")).toEqual(["upload", "big file.iso"])
      expect(await given("p2p-tui upload x --op")).toEqual(["upload", "x", "--open"])
      expect(await given("p2p-tui wait x --pe")).toEqual(["wait", "x", "--peers"])
      expect(await given("p2p-tui limit do")).toEqual(["limit", "down"])
      expect(await given("p2p-tui theme hi")).toEqual(["theme", "high-contrast"])
      expect(await given("p2p-tui help upl")).toEqual(["help", "upload"])
      // A client that takes 2 s to answer, as on a busy machine, is not waited for.
      const limit = [config, "limit", "down", "1MB/s", "one document"]
      await expect.poll(() => given(`p2p-tui ${config} limit down 1MB/s on`), { timeout: PATIENCE_MS }).toEqual(limit)
      await expect
        .poll(() => given(`p2p-tui ${config} peers one\\ d`), { timeout: PATIENCE_MS })
        .toEqual([config, "peers", "one document"])
      expect(await given("p2p-tui ./no.json peers on")).toEqual(["./no.json", "peers", "on"])
      mkdirSync(join(home, "store folder"))
      expect(await given("p2p-tracker --store mem")).toEqual(["--store", "memory"])
      expect(await given("p2p-tracker --log-r")).toEqual(["--log-requests"])
      expect(await given("p2p-tracker --workers 2 --token-file big")).toEqual([
        "--workers",
        "2",
        "--token-file",
        "big file.iso",
      ])
      expect((await given("p2p-tracker --data sto"))[1]).toMatch(/^store folder\/?$/)
    },
  )
})
