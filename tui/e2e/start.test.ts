import { once } from "node:events"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest"
import { Playground } from "./playground.js"
import { clientCommand } from "./program.js"

/** Of JavaScript; an engine has more than a megabyte. */
const LIGHT_BYTES = 250_000

/** More than the listeners of one signal that Node takes for no leak. */
const PEERS = 12

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(() => ground.close())

it("keeps its compiled code in the user's cache, where Node can", async () => {
  const home = ground.root
  const said = ground.run(clientCommand("--version"), { HOME: home, XDG_CACHE_HOME: undefined })
  expect(await said.ended()).toBe(0)
  const [major = 0] = process.versions.node.split(".").map(Number)
  expect(existsSync(ground.path(".cache", "p2p-tui"))).toBe(major >= 22)
  expect(said.errors).toBe("")
})

it.each(["--version", "--help", "completion bash"])("loads no engine for %s", async (words) => {
  const coverage = ground.path("coverage")
  const said = ground.run(clientCommand(...words.split(" ")), { NODE_V8_COVERAGE: coverage })
  expect(await said.ended()).toBe(0)
  const [report = ""] = readdirSync(coverage)
  const { result }: { result: { url: string }[] } = JSON.parse(readFileSync(join(coverage, report), "utf8"))
  const loaded = result.map(({ url }) => url).filter((url) => url.includes("/dist/bin/"))
  expect(loaded.length).toBeGreaterThan(0)
  const sizes = loaded.map((url) => statSync(fileURLToPath(url)).size)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(LIGHT_BYTES)
})

it("writes no warning when it dials many peers at once", async () => {
  const callers = new Set<string | undefined>()
  const silent = createServer((caller) => {
    callers.add(caller.localAddress)
    caller.on("error", () => {})
  }).listen(0, "0.0.0.0")
  await once(silent, "listening")
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as AddressInfo
  await ground.tracker()
  const FileInfo = { Size: 5, PartSize: 5, Parts: ["0".repeat(40)], Hash: await ground.newDocument(), Name: "sample" }
  await writeFile(ground.path("sample.torrent.json"), JSON.stringify({ FileInfo }))
  const config = await ground.config("a", { peers: `127.0.0.[2-${PEERS + 1}]:${port}` })
  const client = ground.client(config, "download", ground.path("sample.torrent.json"), "copy")
  await expect.poll(() => callers.size).toBe(PEERS)
  client.kill("SIGTERM")
  await client.ended()
  expect(client.errors).not.toContain("Warning")
})
