import { closeSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { freePort } from "../../core/testing/free-port.js"
import { untilSo } from "../../core/testing/until-so.js"
import { ask, post, self } from "../testing/requests.js"
import { onTrackerStage, TrackerProgram } from "../testing/tracker-program.js"

let folder: string
const descriptors: number[] = []
onTrackerStage((path) => {
  folder = path
})

afterEach(async () => {
  for (const fd of descriptors.splice(0)) closeSync(fd)
})

function full(): number {
  const fd = openSync("/dev/full", "w")
  descriptors.push(fd)
  return fd
}

async function launchUnread(stdio: ("pipe" | number)[], ...more: string[]) {
  const port = await freePort()
  const args = ["127.0.0.1", String(port), "--data", folder, "--log-requests", "1", ...more]
  const program = TrackerProgram.launch(args, { stdio: ["ignore", ...stdio] })
  const url = `http://127.0.0.1:${port}`
  await untilSo(() =>
    ask(`${url}/health`, { method: "GET" }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  )
  return { program, url }
}

describe("a tracker whose log can't be written", () => {
  it.each([
    ["one process", []],
    ["workers", ["--workers", "2"]],
  ])("serves, says so once on stderr, and ends in order: %s [S5]", async (_what, more) => {
    const { program, url } = await launchUnread([full(), "pipe"], ...more)
    for (let number = 0; number < 50; number++) expect((await post(`${url}/hash`, self(1))).status).toBe(200)
    expect(await program.end("SIGTERM")).toBe(0)
    const said = program.stderr.trim().split("\n")
    expect(said).toHaveLength(more.length === 0 ? 1 : 3)
    for (const line of said) expect(line).toMatch(/^p2p-tracker: the log can't be written \(ENOSPC\)/)
  })

  it("serves when stderr can't be written either [S5]", async () => {
    const { program, url } = await launchUnread([full(), full()])
    expect((await post(`${url}/hash`, self(1))).status).toBe(200)
    expect(await program.end("SIGTERM")).toBe(0)
  })

  it("does not wait for a reader that has stopped reading, and ends in order [S5]", async () => {
    const { program, url } = await launchUnread(["pipe", "pipe"])
    program.child.stdout?.pause()
    // 140 bytes a line: more than what a pipe or a socket takes.
    for (let round = 0; round < 25; round++)
      await Promise.all(Array.from({ length: 100 }, () => ask(`${url}/health`, { method: "GET" })))
    program.child.kill("SIGTERM")
    await untilSo(() => program.hasEnded)
    expect(program.child.exitCode).toBe(0)
    program.child.stdout?.resume()
  })

  it("shows a bad command line in its exit status when nothing can be printed [S5]", async () => {
    expect(await TrackerProgram.launch(["--nonsense"], { stdio: ["ignore", "pipe", full()] }).end()).toBe(2)
    expect(await TrackerProgram.launch(["--help"], { stdio: ["ignore", full(), "pipe"] }).end()).toBe(1)
  })

  it("writes a file from where it stands", async () => {
    const file = join(folder, "log")
    const fd = openSync(file, "w")
    descriptors.push(fd)
    const { program } = await launchUnread([fd, "pipe"])
    expect(await program.end("SIGTERM")).toBe(0)
    const lines = readFileSync(file, "utf8").trim().split("\n")
    expect(JSON.parse(lines[0] ?? "").msg).toMatch(/listens on/)
    expect(JSON.parse(lines.at(-1) ?? "").msg).toBe("stopped")
  })
})
