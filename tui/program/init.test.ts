import { readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { PassThrough, Readable } from "node:stream"
import { describe, expect, it } from "vitest"
import { loadConfig } from "../config/config.js"
import { inEmptyHome } from "../testing/empty-home.js"
import { runInit } from "./init.js"

let home: string

inEmptyHome((path) => {
  home = path
})

async function init(answers: string, path?: string): Promise<string> {
  const stdout = new PassThrough()
  await runInit(path, { stdin: Readable.from([answers]), stdout, signal: new AbortController().signal })
  return String(stdout.read())
}

describe("init", () => {
  it("writes a config that loads, from what it proposes, also without any input", async () => {
    const said = await init("")
    expect(said.match(/\[[^\]]*\]: /g)).toHaveLength(3)
    const path = join(home, ".config", "p2p-tui", "config.json")
    expect(said).toContain(`written to ${path}\nstart the client: p2p-tui\n`)
    const config = await loadConfig(path)
    expect(config).toMatchObject({ serviceFolder: join(home, "p2p-tui"), listen: { port: 7001 }, trackers: [] })
  })

  it("takes three answers", async () => {
    const path = join(home, "lab.json")
    expect(await init("~/shared\r\n7055\ntracker.lab:5000\n", path)).toContain(`start the client: p2p-tui ${path}\n`)
    expect(await loadConfig(path)).toMatchObject({
      ...{ serviceFolder: join(home, "shared"), listen: { port: 7055 } },
      trackers: [{ host: "tracker.lab", port: 5000 }],
    })
    const here = join(home, "here.json")
    await init("\n\nhere\n", here)
    expect((await loadConfig(here)).trackers).toMatchObject([{ port: 7101 }])
  })

  it.each([
    ["\nabc\n\n", /self\.port is null; allowed: a whole number/],
    ["\n70000\n\n", /self\.port is 70000; allowed/],
    ["\n\nnowhere\n", 'the tracker is "nowhere"; allowed: "host:port", "here" or "none"'],
    ["\n\nftp://a:1\n", /tracker\.host: "ftp:\/\/" is not spoken/],
  ])("refuses the answers %j, and writes nothing", async (answers, message) => {
    const path = join(home, "bad.json")
    await expect(init(answers, path)).rejects.toThrow(message)
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" })
  })

  it("never replaces a config", async () => {
    const path = join(home, "mine.json")
    await writeFile(path, "mine")
    await expect(init("", path)).rejects.toMatchObject({ code: "target_exists" })
    expect(await readFile(path, "utf8")).toBe("mine")
  })

  it("that is interrupted writes nothing", async () => {
    const ending = new AbortController()
    const [stdin, stdout, path] = [new PassThrough(), new PassThrough(), join(home, "none.json")]
    const running = expect(runInit(path, { stdin, stdout, signal: ending.signal })).rejects.toMatchObject({
      code: "interrupted",
    })
    ending.abort()
    await running
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" })
  })

  it.runIf(process.platform === "linux")("ends where a file system takes no names", async () => {
    await expect(init("", "/proc/p2p-tui/config.json")).rejects.toMatchObject({ code: "bad_config" })
  })
})
