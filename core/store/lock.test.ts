import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { hostname } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { untilSo } from "../testing/until-so.js"
import { acquireLock, guardPathOf } from "./lock.js"

let folder: string
let path: string
const children: ChildProcess[] = []
const servers: Server[] = []

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  path = join(folder, "x.lock")
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
  for (const server of servers.splice(0)) server.close()
})

const namesLeft = () => readdirSync(folder)
const inUse = { name: "CommandError", code: "in_use" }

/** The state after a killed process at `place`: a socket without a listener. */
async function leaveStale(place: string): Promise<void> {
  const server = createServer().listen(`${folder}/s`)
  await once(server, "listening")
  linkSync(`${folder}/s`, place)
  server.close()
  await once(server, "close")
}

/** A process that holds the lock at `path`, started by `command`. Resolves when it does. */
async function holder(...command: readonly string[]): Promise<ChildProcess> {
  const module = new URL("../../dist/core/store/lock.js", import.meta.url).href
  const script = `
    import { acquireLock } from ${JSON.stringify(module)}
    await acquireLock(${JSON.stringify(path)})
    console.log("locked")
    setInterval(() => undefined, 1000)`
  const [file = "", ...args] = [...command, process.execPath, "--input-type=module", "-e", script]
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] })
  children.push(child)
  await once(child.stdout, "data")
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL")
  await once(child, "exit")
}

describe("a lock", () => {
  it("is held by one at a time and leaves nothing behind [hostile 16]", async () => {
    const lock = await acquireLock(path)
    expect(namesLeft()).toEqual(["x.lock"])
    await expect(acquireLock(path)).rejects.toMatchObject(inUse)
    await lock.release()
    await lock.release()
    expect(namesLeft()).toEqual([])
    await (await acquireLock(path)).release()
  })

  it("names its owner to a refused process, and only its user may ask", async () => {
    const lock = await acquireLock(path)
    await expect(acquireLock(path)).rejects.toThrow(`process ${process.pid} on ${hostname()}, which still runs`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await lock.release()
  })

  it("is taken over from a process that was killed [hostile 16]", async () => {
    const child = await holder()
    // It has half a second to say its name, which a busy machine may not give it.
    const refusal = () =>
      acquireLock(path).then(
        () => "",
        ({ message }) => String(message),
      )
    await untilSo(async () => (await refusal()).includes(`process ${child.pid}`))
    await kill(child)
    await (await acquireLock(path)).release()
    expect(namesLeft()).toEqual([])
  })

  it("is held by a process that is stopped, which can't say its name", async () => {
    const child = await holder()
    child.kill("SIGSTOP")
    await expect(acquireLock(path)).rejects.toThrow("a process that still runs")
  })

  it.runIf(process.platform === "linux")(
    "is taken over from a process that ended and is still listed [hostile 16]",
    async () => {
      // The shell becomes a program that does not look at its child's end; the child is the holder.
      const { pid: parent } = await holder("sh", "-c", '"$@" & exec sleep 60', "sh")
      const pid = Number(readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim())
      process.kill(pid, "SIGKILL")
      while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) await new Promise(setImmediate)
      await (await acquireLock(path)).release()
    },
  )

  it.each([
    ["the rest of a lock that a power failure cut short", () => execFileSync("touch", ["-d", "1 minute ago", path])],
  ])("is taken over from %s in its place [hostile 7]", async (_, put) => {
    put()
    await (await acquireLock(path)).release()
    expect(namesLeft()).toEqual([])
  })

  it.each([
    ["a fifo", () => execFileSync("mkfifo", [path])],
    ["a link to nowhere", () => execFileSync("ln", ["-s", "nowhere", path])],
  ])("does not touch %s in its place, which belongs to another program [A3]", async (_, put) => {
    put()
    await expect(acquireLock(path)).rejects.toMatchObject({ code: "in_use" })
    expect(namesLeft()).toEqual(["x.lock"])
  })

  it("goes to exactly one of many processes that find it stale [hostile 16]", async () => {
    for (let round = 0; round < 50; round++) {
      await leaveStale(path)
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path)))
      const winners = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
      expect(winners).toHaveLength(1)
      expect(namesLeft()).toEqual(["x.lock"])
      await winners[0]?.release()
    }
  })

  it("goes to exactly one of many processes that start at the same moment [P1]", async () => {
    for (let round = 0; round < 50; round++) {
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path)))
      const winners = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
      expect(winners).toHaveLength(1)
      await winners[0]?.release()
    }
  })

  it("released twice does not release the next one's", async () => {
    const first = await acquireLock(path)
    await first.release()
    await acquireLock(path)
    await first.release()
    await expect(acquireLock(path)).rejects.toMatchObject(inUse)
  })

  it("is taken over although the process that was to take it over was killed, too", async () => {
    await leaveStale(path)
    await leaveStale(guardPathOf(path))
    await acquireLock(path)
    expect(namesLeft()).toEqual(["x.lock"])
  })

  it("does not delete the lock of a process that took it after it was deleted by hand", async () => {
    const lock = await acquireLock(path)
    rmSync(path)
    const next = await acquireLock(path)
    await lock.release()
    await expect(acquireLock(path)).rejects.toMatchObject(inUse)
    await next.release()
  })

  it.each([
    ["a long folder", () => join(folder, ...Array.from({ length: 30 }, () => "long folder"))],
    ["a long folder of long names", () => join(folder, "f".repeat(200))],
  ])("is held in %s, where a socket's address does not reach [P1]", async (_, make) => {
    const deep = make()
    mkdirSync(deep, { recursive: true })
    for (const name of ["x.lock", `${"n".repeat(250)}.lock`]) {
      const place = join(deep, name)
      const lock = await acquireLock(place)
      expect(statSync(place).isSocket()).toBe(true)
      await expect(acquireLock(place)).rejects.toMatchObject(inUse)
      await lock.release()
      expect(readdirSync(deep)).toEqual([])
      await leaveStale(place)
      await (await acquireLock(place)).release()
    }
  })

  it("holds no descriptor and no timer after its release", async () => {
    const resources = () => process.getActiveResourcesInfo().filter((kind) => /Pipe|Timeout/.test(kind)).length
    const before = resources()
    const lock = await acquireLock(path)
    await acquireLock(path).catch(() => undefined)
    await lock.release()
    await new Promise(setImmediate)
    expect(resources()).toBeLessThanOrEqual(before)
  })
})

describe.runIf(spawnSync("unshare", ["-u", "-p", "-f", "true"]).status === 0)("in containers of one machine", () => {
  it("is held whatever process ids and host name the other has [P1]", async () => {
    await holder("unshare", "-p", "-f", "-u", "-n", "--kill-child", "--mount-proc", "--")
    await expect(acquireLock(path)).rejects.toMatchObject(inUse)
  })

  it("is taken over from one with another host name that was killed [P1]", async () => {
    const renamed = ["unshare", "-u", "--", "sh", "-c", 'hostname elsewhere; exec "$@"', "sh"]
    await kill(await holder(...renamed))
    await (await acquireLock(path)).release()
    expect(namesLeft()).toEqual([])
  })
})
