import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { stat } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { untilSo } from "../testing/until-so.js"
import { acquireLock, type Lock } from "./lock.js"

const system = vi.hoisted(() => ({
  isShared: true,
  hasLinks: true,
  container: undefined as string | undefined,
  /** Renewals that stand still until it is resolved. */
  renewing: undefined as Promise<void> | undefined,
  isRenewing: false,
}))
vi.mock("./file-system-kind.js", () => ({ isSharedByHosts: async () => system.isShared }))
vi.mock("./process-identity.js", async (importOriginal) => {
  const real = await importOriginal<typeof import("./process-identity.js")>()
  const thisProcess: typeof real.thisProcess = async () => {
    const { container, ...self } = { ...(await real.thisProcess()), container: system.container }
    return container === undefined ? self : { ...self, pids: container, host: container }
  }
  return { ...real, thisProcess }
})
vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>()
  const link: typeof real.link = async (from, to) => {
    if (system.hasLinks) return real.link(from, to)
    throw Object.assign(new Error("no links here"), { code: "EPERM" })
  }
  const writeFile = async (...args: Parameters<typeof real.writeFile>): Promise<void> => {
    if (system.renewing !== undefined && JSON.stringify(args[2]).includes('"r+"')) {
      system.isRenewing = true
      await system.renewing
    }
    return real.writeFile(...args)
  }
  return { ...real, link, writeFile }
})

let folder: string
let path: string
const locks: Lock[] = []

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  path = join(folder, "x.lock")
  Object.assign(system, { container: undefined, renewing: undefined, isRenewing: false })
})

afterEach(async () => {
  vi.useRealTimers()
  for (const lock of locks.splice(0)) await lock.release()
})

async function acquire(): Promise<Lock> {
  const lock = await acquireLock(path)
  locks.push(lock)
  return lock
}

const inUse = { name: "CommandError", code: "in_use" }
const owner = () => JSON.parse(readFileSync(path, "utf8"))

/** Sets when the file was last written. */
function age(seconds: number): void {
  const then = Date.now() / 1_000 - seconds
  utimesSync(path, then, then)
}

describe.each([
  ["shared by hosts", { isShared: true, hasLinks: true }],
  ["without sockets and hard links", { isShared: false, hasLinks: false }],
])("a lock on a file system %s", (_, kind) => {
  beforeEach(() => {
    Object.assign(system, kind)
  })

  it("is held by one at a time and leaves nothing behind", async () => {
    const lock = await acquire()
    expect(readdirSync(folder)).toEqual(["x.lock"])
    await expect(acquire()).rejects.toThrow(`process ${process.pid} on `)
    await lock.release()
    await lock.release()
    expect(readdirSync(folder)).toEqual([])
    await acquire()
  })

  it("goes to exactly one of many processes that start at the same moment [P1]", async () => {
    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled(Array.from({ length: 10 }, acquire))
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
      for (const lock of locks.splice(0)) await lock.release()
      expect(readdirSync(folder)).toEqual([])
    }
  })

  it.each([
    ["free", "has ended", { started: "1" }, 0],
    ["held", "runs in another container and renewed it", { pids: "pid:[1]" }, 60],
    ["free", "ran in another container and has not renewed it", { pids: "pid:[1]" }, 100],
  ] as const)("is %s when its owner %s [P1]", async (state, _, changed, seconds) => {
    const lock = await acquire()
    const text = JSON.stringify({ ...owner(), ...changed })
    await lock.release()
    writeFileSync(path, text)
    age(seconds)
    if (state === "held") await expect(acquire()).rejects.toThrow(/for \d+ s more/)
    else await acquire()
  })

  it("is held while its text is written, and free when it was cut short by a power failure", async () => {
    for (const text of ["", "{", '{"pid":', '{"pid":"x"}']) {
      writeFileSync(path, text)
      await expect(acquire()).rejects.toMatchObject(inUse)
      age(10)
      await (await acquire()).release()
    }
  })

  it("is renewed as long as its owner runs [P1]", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    const lock = await acquire()
    age(60)
    const before = statSync(path).mtimeMs
    vi.advanceTimersByTime(20_000)
    await untilSo(() => statSync(path).mtimeMs > before)
    await lock.release()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("is released when its renewal has ended, which could write to the next owner's", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    const lock = await acquire()
    let goOn = (): void => undefined
    system.renewing = new Promise((resolve) => {
      goOn = resolve
    })
    vi.advanceTimersByTime(20_000)
    await untilSo(() => system.isRenewing)
    const released = lock.release()
    // Long enough for a release that waits for nothing.
    for (let turn = 0; turn < 100; turn++) await stat(folder)
    expect(readdirSync(folder)).toEqual(["x.lock"])
    goOn()
    await released
    expect(readdirSync(folder)).toEqual([])
  })

  it("that ran out while its owner slept goes to the next process, and the owner is notified to stop [E16]", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    system.container = "first"
    const first = await acquire()
    age(100)
    system.container = "second"
    const second = await acquire()
    const text = readFileSync(path, "utf8")
    const before = statSync(path).mtimeMs
    age(60)
    // The first one wakes.
    vi.advanceTimersByTime(20_000)
    await untilSo(() => first.lost.aborted && statSync(path).mtimeMs >= before)
    expect(first.lost.reason).toMatchObject({
      ...{ name: "StoreError", code: "lock_lost" },
      message: `${path}: this process has lost its lock and stops writing: process ${process.pid} on second has it now`,
    })
    expect(second.lost.aborted).toBe(false)
    expect(vi.getTimerCount()).toBe(1)
    await first.release()
    expect(readFileSync(path, "utf8")).toBe(text)
  })

  it("that was deleted is lost, and one that is released is not [E16]", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    const released = await acquire()
    await released.release()
    const lock = await acquire()
    rmSync(path)
    vi.advanceTimersByTime(20_000)
    await untilSo(() => lock.lost.aborted)
    expect(lock.lost.reason.message).toMatch(/it was deleted$/)
    expect(released.lost.aborted).toBe(false)
  })

  it("that was taken over is not renewed in the next owner's name", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    const lock = await acquire()
    writeFileSync(path, "another")
    vi.advanceTimersByTime(20_000)
    await lock.release()
    expect(readFileSync(path, "utf8")).toBe("another")
    rmSync(path)
  })
})

describe("a foreign file with the name of a lock", () => {
  it("is not read to its end, however long it is [V1]", async () => {
    Object.assign(system, { isShared: false, hasLinks: true })
    writeFileSync(path, "my own notes")
    truncateSync(path, 600 * 1024 * 1024)
    age(1_000)
    await expect(acquire()).rejects.toThrow(/no lock of this program; move it away/)
    rmSync(path)
  })

  it("is never deleted [A3]", async () => {
    Object.assign(system, { isShared: false, hasLinks: true })
    writeFileSync(path, "my own notes")
    age(1_000)
    await expect(acquire()).rejects.toThrow(/no lock of this program; move it away/)
    expect(readFileSync(path, "utf8")).toBe("my own notes")
    rmSync(path)
  })
})

describe("a lock of another machine", () => {
  it.each([
    ["is held for a lease on a file system that both use", true],
    ["is free on a file system that only this one can use: its machine was started anew", false],
  ])("%s", async (_, isShared) => {
    Object.assign(system, { isShared, hasLinks: false })
    const lock = await acquire()
    const text = JSON.stringify({ ...owner(), boot: "another" })
    await lock.release()
    writeFileSync(path, text)
    if (isShared) await expect(acquire()).rejects.toThrow(/for \d+ s more/)
    else await acquire()
  })

  it("that is a socket can't be judged where hosts share the file system", async () => {
    Object.assign(system, { isShared: true, hasLinks: true })
    const server = createServer().listen(path)
    await new Promise((resolve) => server.once("listening", resolve))
    await expect(acquire()).rejects.toMatchObject(inUse)
    server.close()
  })
})
