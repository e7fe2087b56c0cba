import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, it } from "vitest"
import { createTrackerClient } from "../core/announce/tracker-client.js"
import { inTemporaryFolder } from "../core/testing/temporary-folder.js"
import { untilSo } from "../core/testing/until-so.js"

const program = fileURLToPath(new URL("../dist/bin/p2p-tracker.js", import.meta.url))

let folder: string
const running: ChildProcess[] = []
inTemporaryFolder((path) => {
  folder = path
})

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill("SIGKILL")
    await once(child, "exit")
  }
})

function launch(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  running.push(child)
  return child
}

async function end(child: ReturnType<typeof launch>): Promise<{ status: number; stdout: string; stderr: string }> {
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (chunk) => {
    stdout += chunk
  })
  child.stderr.on("data", (chunk) => {
    stderr += chunk
  })
  const [status] = await once(child, "close")
  return { status, stdout, stderr }
}

/** Starts it on a free port and waits until it says that it listens. */
async function launchListening(
  ...args: string[]
): Promise<{ child: ReturnType<typeof launch>; port: number; url: string }> {
  const child = launch("127.0.0.1", "0", "--data", folder, ...args)
  for await (const line of createInterface(child.stdout)) {
    const { port } = JSON.parse(line)
    if (port !== undefined) return { child, port, url: `http://127.0.0.1:${port}` }
  }
  throw new Error("the tracker ended before it listened")
}

const us = { listeningHost: "0.0.0.0", listeningPort: 7001 }

describe("p2p-tracker", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("listens, answers, and ends in order on %s", async (signal) => {
    const { child, url } = await launchListening()
    const answer = await fetch(`${url}/health`)
    expect(await answer.json()).toEqual({ status: "ok" })
    const ended = end(child)
    child.kill(signal)
    expect(await ended).toMatchObject({ status: 0, stderr: "" })
  })

  it("opens no debugger on SIGUSR1 [S14]", async () => {
    const { child, url } = await launchListening()
    const ended = end(child)
    child.kill("SIGUSR1")
    expect((await fetch(`${url}/health`)).status).toBe(200)
    child.kill("SIGTERM")
    expect(await ended).toMatchObject({ status: 0, stderr: "" })
  })

  it("says in one line that its port is in use, with a status that means: try again [P7]", async () => {
    const { port } = await launchListening()
    const { status, stderr } = await end(launch("127.0.0.1", String(port), "--store", "memory"))
    expect(status).toBe(75)
    expect(stderr).toMatch(new RegExp(`^p2p-tracker: 127.0.0.1 port ${port} is in use.*\n$`))
  })

  it.each([
    ["its arguments", ["127.0.0.1", "http"], /"http"/],
    ["a proxy", ["--store", "memory", "--proxy", "10.0.0.0/33"], /10\.0\.0\.0\/33/],
    ["its data folder", ["--data", "/dev/null/x"], /\/dev\/null\/x/],
  ])("says in one line what is wrong with %s, with status 2", async (_what, args, named) => {
    const { status, stderr } = await end(launch(...args))
    expect(status).toBe(2)
    expect(stderr).toMatch(/^p2p-tracker: .*\n$/)
    expect(stderr).toMatch(named)
  })

  it.each([
    ["an address that is not up yet", ["192.0.2.1", "0", "--store", "memory"], /192\.0\.2\.1/],
    ["a data folder where nothing can be made", ["127.0.0.1", "0", "--data", "/proc/x"], /\/proc\/x/],
  ])("asks to be tried again for %s [P7]", async (_what, args, named) => {
    const { status, stderr } = await end(launch(...args))
    expect(status).toBe(75)
    expect(stderr).toMatch(/^p2p-tracker: .*\n$/)
    expect(stderr).toMatch(named)
  })

  it("prints its usage and version", async () => {
    expect(await end(launch("--help"))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^usage: p2p-tracker/),
    })
    expect(await end(launch("--version"))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })

  it("forgets no document that it answered for when it is killed in mid-load [hostile 44]", async () => {
    const { child, url } = await launchListening()
    const client = createTrackerClient({ url })
    const acknowledged: string[] = []
    // Four at a time without end; the kill comes after the hundredth answer, with others under way.
    const load = Array.from({ length: 4 }, async () => {
      for (;;) {
        acknowledged.push(await client.register(us))
        if (acknowledged.length === 100) child.kill("SIGKILL")
      }
    })
    for (const { status } of await Promise.allSettled(load)) expect(status).toBe("rejected")
    expect(acknowledged.length).toBeGreaterThanOrEqual(100)
    const again = createTrackerClient({ url: (await launchListening()).url })
    for (const hash of acknowledged) await again.announce({ ...us, hash })
  })

  it("sets a damaged store aside and serves [hostile 44]", async () => {
    await writeFile(join(folder, "tracker-1.lmdb"), Buffer.alloc(64 * 1024, "damaged"))
    const { url } = await launchListening()
    await createTrackerClient({ url }).register(us)
    expect(await readdir(folder)).toContainEqual(expect.stringMatching(/^tracker-1\.lmdb\.damaged-/))
  })

  it.each(["SIGINT", "SIGTERM"] as const)(
    "runs several workers as one tracker, and ends them in order on %s",
    async (signal) => {
      const { child, url } = await launchListening("--workers", "2")
      const clients = Array.from({ length: 6 }, () => createTrackerClient({ url }))
      const hashes = await Promise.all(clients.map((client) => client.register(us)))
      // Whichever worker answers.
      for (const hash of hashes) for (const client of clients) await client.announce({ ...us, hash })
      const metrics = await (await fetch(`${url}/metrics`)).text()
      expect(metrics).toContain('p2p_tracker_requests_total{path="/hash",status="200"} 6')
      expect(metrics).toContain('p2p_tracker_announces_total{protocol="json"} 36')
      expect(metrics).toContain("p2p_tracker_documents 6")
      const ended = end(child)
      child.kill(signal)
      expect(await ended).toMatchObject({ status: 0, stderr: "" })
    },
  )

  it("says once, and in one line each, what keeps its workers from listening", async () => {
    const { port } = await launchListening()
    const { status, stderr } = await end(launch("127.0.0.1", String(port), "--data", folder, "--workers", "2"))
    expect(status).toBe(75)
    for (const line of stderr.trim().split("\n")) expect(line).toMatch(/^p2p-tracker: .* is in use/)
  })

  it("replaces a worker that is killed", async () => {
    const { child, url } = await launchListening("--workers", "2")
    const lines = createInterface(child.stdout)
    const workers = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8")).trim().split(" ")
    const [killed = ""] = workers
    process.kill(Number(killed), "SIGKILL")
    for await (const line of lines) if (line.includes("is replaced")) break
    await createTrackerClient({ url }).register(us)
  })

  it("shows one swarm with another tracker on the same data", async () => {
    const [one, other] = [await launchListening(), await launchListening()]
    const hash = await createTrackerClient({ url: one.url }).register(us)
    const client = createTrackerClient({ url: other.url })
    await untilSo(async () =>
      (await client.announce({ ...us, listeningPort: 7002, hash })).peers.some(({ port }) => port === 7001),
    )
  })
})
