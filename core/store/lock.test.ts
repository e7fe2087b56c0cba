import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { acquireLock } from "./lock.js"

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"))
  path = join(folder, "x.lock")
})

afterEach(() => rmSync(folder, { recursive: true }))

const owner = () => JSON.parse(readFileSync(path, "utf8"))

it("is held by one at a time and leaves nothing behind (hostile.md 16)", async () => {
  const lock = await acquireLock(path)
  await expect(acquireLock(path)).rejects.toMatchObject({ name: "CommandError", code: "in_use" })
  await lock.release()
  await lock.release()
  expect(readdirSync(folder)).toEqual([])
  await (await acquireLock(path)).release()
})

it("is taken over from a process that was killed (hostile.md 16)", async () => {
  const module = new URL("../../dist/core/store/lock.js", import.meta.url).href
  const script = `
    import { acquireLock } from ${JSON.stringify(module)}
    await acquireLock(${JSON.stringify(path)})
    console.log("locked")
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] })
  await once(child.stdout, "data")
  await expect(acquireLock(path)).rejects.toThrow(`process ${child.pid}`)
  child.kill("SIGKILL")
  await once(child, "exit")
  await (await acquireLock(path)).release()
  expect(readdirSync(folder)).toEqual([])
})

it.runIf(process.platform === "linux")(
  "is taken over from a process that ended and is still listed (hostile.md 16)",
  async () => {
    // The shell becomes a program that looks at no child's end, and only then its child ends.
    const parent = spawn("bash", ["-c", "cat <&3 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit", "pipe"],
    })
    try {
      const [said] = await once(parent.stdout ?? parent, "data")
      const pid = Number(String(said))
      const nameOf = (id = 0) => readFileSync(`/proc/${id}/comm`, "utf8").trim()
      while (nameOf(parent.pid) !== "sleep") await new Promise(setImmediate)
      parent.stdio[3]?.destroy()
      const statOf = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
      while (statOf()[0] !== "Z") await new Promise(setImmediate)
      await acquireLock(path)
      writeFileSync(path, JSON.stringify({ ...owner(), pid, started: statOf()[19] }))
      await acquireLock(path)
      expect(readdirSync(folder)).toEqual(["x.lock"])
    } finally {
      parent.kill("SIGKILL")
    }
  },
)

it.each([
  ["whose pid was given to another process", () => ({ ...owner(), started: "1" })],
  ["of an earlier boot", () => ({ ...owner(), boot: "earlier" })],
])("is taken over from a process %s (hostile.md 16)", async (_, changed) => {
  await acquireLock(path)
  writeFileSync(path, JSON.stringify(changed()))
  await acquireLock(path)
  expect(readdirSync(folder)).toEqual(["x.lock"])
})

it("is taken over when it was cut short by a power failure", async () => {
  for (const text of ["", "{", "null", '{"pid":"x"}']) {
    writeFileSync(path, text)
    await (await acquireLock(path)).release()
  }
})

it("is taken over from a fifo in its place, without waiting for its writer (hostile.md 7)", async () => {
  execFileSync("mkfifo", [path])
  await (await acquireLock(path)).release()
  expect(readdirSync(folder)).toEqual([])
})

it("of another machine is left alone", async () => {
  await acquireLock(path)
  writeFileSync(path, JSON.stringify({ ...owner(), host: "elsewhere" }))
  await expect(acquireLock(path)).rejects.toThrow(/elsewhere.*delete it/)
})

it("goes to exactly one of many who find it stale (hostile.md 16)", async () => {
  for (let round = 0; round < 50; round++) {
    const first = await acquireLock(path)
    writeFileSync(path, JSON.stringify({ ...owner(), started: "1" }))
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLock(path)))
    const winners = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
    expect(winners).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(["x.lock"])
    await winners[0]?.release()
    await first.release()
  }
})

it("released twice does not release the next one's", async () => {
  const first = await acquireLock(path)
  await first.release()
  await acquireLock(path)
  await first.release()
  await expect(acquireLock(path)).rejects.toMatchObject({ code: "in_use" })
})

it("is taken over although the process that was to take it over was killed, too", async () => {
  await acquireLock(path)
  const dead = JSON.stringify({ ...owner(), started: "1" })
  writeFileSync(path, dead)
  writeFileSync(`${path}.takeover`, dead)
  await acquireLock(path)
  expect(readdirSync(folder)).toEqual(["x.lock"])
})

it("does not delete the lock of somebody who took it after it was deleted by hand", async () => {
  const lock = await acquireLock(path)
  writeFileSync(path, "another")
  await lock.release()
  expect(readFileSync(path, "utf8")).toBe("another")
})
