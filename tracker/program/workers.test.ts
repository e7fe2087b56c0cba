import cluster from "node:cluster"
import { EventEmitter } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import pino from "pino"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ask } from "../testing/requests.js"
import { onTrackerStage, TrackerProgram } from "../testing/tracker-program.js"
import { type Channel, readMetricsOfAll, startWorkers } from "./workers.js"

let folder: string

onTrackerStage((path) => {
  folder = path
})

const LISTENS = `process.send({ type: "listening", url: "http://127.0.0.1:1" })`
const ENDS = `process.on("message", ({ type }) => { if (type === "stop") process.disconnect() })`
const LIVES_ON = `process.on("disconnect", () => {}); setInterval(() => {}, 1_000)`

describe("workers", () => {
  const messages: string[] = []
  const log = pino({}, { write: (line: string) => void messages.push((JSON.parse(line) as { msg: string }).msg) })
  beforeEach(() => messages.splice(0))
  afterEach(() => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL")
    cluster.removeAllListeners("exit")
  })

  /** Workers run this program in place of the tracker. */
  async function program(...lines: string[]): Promise<void> {
    const exec = join(folder, "worker.cjs")
    await writeFile(exec, lines.join("\n"))
    cluster.setupPrimary({ exec, execArgv: [], args: [] })
  }

  it("that do not come to listen are killed, and the start fails [B16]", async () => {
    await program(LIVES_ON)
    expect(await startWorkers(2, log, { listenWithinMs: 1 })).toBe(1)
    expect(messages).toContain("a worker does not come to listen: it is killed")
  })

  it("that do not end on request are killed [B16]", async () => {
    await program(LISTENS, LIVES_ON)
    const workers = await startWorkers(2, log, { endWithinMs: 1 })
    if (typeof workers === "number") throw new Error("they ended")
    const ended = Object.values(cluster.workers ?? {})
    await workers.close()
    expect(ended.map((worker) => worker?.process.signalCode)).toEqual(["SIGKILL", "SIGKILL"])
    expect(messages.filter((message) => message === "a worker does not end: it is killed")).toHaveLength(2)
  })

  it("that can't be spoken to do not end the process that started them [B16]", async () => {
    await program(LISTENS, ENDS)
    const workers = await startWorkers(1, log)
    if (typeof workers === "number") throw new Error("it ended")
    const [worker] = Object.values(cluster.workers ?? {})
    worker?.emit("error", Object.assign(new Error("write"), { code: "EPIPE" }))
    expect(messages).toEqual(["a worker can't be started, or not be spoken to"])
    await workers.close()
    expect(worker?.process.exitCode).toBe(0)
  })
})

describe("the metrics of all workers", () => {
  class FakeChannel extends EventEmitter {
    readonly sent: unknown[] = []
    send(message: unknown): void {
      this.sent.push(message)
    }
  }
  const metrics = { contentType: "text/plain", text: "p2p_tracker_peers 1" }

  it("fail to start when none answers, and leave nothing behind [B16]", async () => {
    const channel = new FakeChannel()
    await expect(readMetricsOfAll(channel as unknown as Channel, 1)).rejects.toMatchObject({
      status: 503,
      code: "metrics_away",
    })
    expect(channel.listenerCount("message")).toBe(0)
    const again = readMetricsOfAll(channel as unknown as Channel)
    channel.emit("message", { type: "metrics", metrics })
    expect(await again).toEqual(metrics)
  })

  it("are asked for once, however many want them [B16]", async () => {
    const channel = new FakeChannel()
    const all = Array.from({ length: 20 }, () => readMetricsOfAll(channel as unknown as Channel))
    channel.emit("message", { type: "metrics", metrics })
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, () => metrics))
    expect(channel.sent).toEqual([{ type: "read_metrics" }])
  })
})

describe("a tracker of several workers whose port is taken", () => {
  it("says so once [W3]", async () => {
    const first = TrackerProgram.launch(["127.0.0.1", "0", "--store", "memory"])
    const { port } = new URL(await first.url())
    const second = TrackerProgram.launch(["127.0.0.1", port, "--data", folder, "--workers", "4"])
    expect(await second.end()).toBe(75)
    expect(second.stderr).toBe(
      `p2p-tracker: 127.0.0.1 port ${port} is in use: end what listens there, or choose another port\n`,
    )
  })
})

describe("a tracker of which one worker hangs", () => {
  it("answers /metrics with 503, and ends all the same with no process left behind [B16]", async () => {
    const program = TrackerProgram.launch(["127.0.0.1", "0", "--data", folder, "--workers", "2"])
    const url = await program.url()
    const children = await readFile(`/proc/${program.child.pid}/task/${program.child.pid}/children`, "utf8")
    const [hung = "", other = ""] = children.trim().split(" ")
    process.kill(Number(hung), "SIGSTOP")
    // Every other connection goes to the one that hangs.
    const asked = Array.from({ length: 4 }, () => ask(`${url}/metrics`, { method: "GET" }))
    expect(await Promise.race(asked)).toMatchObject({ status: 503, body: { error: { code: "metrics_away" } } })
    for (const each of asked) each.catch(() => undefined)
    expect(await program.end("SIGTERM")).toBe(0)
    for (const pid of [hung, other]) expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH")
    expect(program.messages).toContain("a worker does not end: it is killed")
  })
})
