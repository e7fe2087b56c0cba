import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, it } from "vitest"

const program = fileURLToPath(new URL("../dist/tracker/main.js", import.meta.url))

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL")
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

/** Starts it on a free port and waits for its first log line. */
async function launchListening(): Promise<{ child: ReturnType<typeof launch>; port: number }> {
  const child = launch("127.0.0.1", "0")
  const lines = createInterface(child.stdout)
  const [line] = await once(lines, "line")
  lines.close()
  return { child, port: JSON.parse(line).port }
}

describe("p2p-tracker", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("listens, answers, and ends in order on %s", async (signal) => {
    const { child, port } = await launchListening()
    const answer = await fetch(`http://127.0.0.1:${port}/health`)
    expect(await answer.json()).toEqual({ status: "ok" })
    const ended = end(child)
    child.kill(signal)
    expect(await ended).toMatchObject({ status: 0, stderr: "" })
  })

  it("says in one line that its port is in use, with status 2", async () => {
    const { port } = await launchListening()
    const { status, stderr } = await end(launch("127.0.0.1", String(port)))
    expect(status).toBe(2)
    expect(stderr).toMatch(new RegExp(`^p2p-tracker: 127.0.0.1 port ${port} is in use.*\n$`))
  })

  it("says in one line what is wrong with its arguments, with status 2", async () => {
    const { status, stderr } = await end(launch("127.0.0.1", "http"))
    expect(status).toBe(2)
    expect(stderr).toMatch(/^p2p-tracker: .*"http"\n$/)
  })

  it("tells its usage and version", async () => {
    expect(await end(launch("--help"))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^usage: p2p-tracker/),
    })
    expect(await end(launch("--version"))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })
})
