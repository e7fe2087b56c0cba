import { once } from "node:events"
import { closeSync, openSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { StoreError } from "../base/errors.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { type HashJob, JobKind } from "./hash-jobs.js"
import { HashThread } from "./hash-thread.js"

const system = vi.hoisted(() => ({ hasNoThreads: false }))

const workers = vi.hoisted(() => [] as import("node:worker_threads").Worker[])

vi.mock("node:worker_threads", async (original) => {
  const real = await original<typeof import("node:worker_threads")>()
  class Worker extends real.Worker {
    constructor(...given: ConstructorParameters<typeof real.Worker>) {
      if (system.hasNoThreads) throw new Error("ERR_WORKER_INIT_FAILED")
      super(...given)
      workers.push(this)
    }
  }
  return { ...real, Worker }
})

const flags = vi.hoisted(() => ({ holders: 0 }))

vi.mock("../base/v8-flags.js", () => ({
  holdV8Defaults: () => {
    flags.holders++
    let isHeld = true
    return () => {
      if (isHeld) flags.holders--
      isHeld = false
    }
  },
}))

let folder: string
let fd: number
let thread: HashThread

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  writeFileSync(join(folder, "file"), new Uint8Array(10))
  fd = openSync(join(folder, "file"), "r")
  thread = new HashThread()
})

afterEach(async () => {
  await thread.close()
  closeSync(fd)
})

it("a thread that dies fails its jobs as the disk does, which ends no client, and the next job starts another [B12]", async () => {
  const job = jobOf(fd)
  const lost = thread.run(job)
  void workers[0]?.terminate()
  const failure = await lost.catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StoreError)
  expect(failure).toMatchObject({ code: "hasher_ended" })
  expect(await thread.run(job)).toHaveLength(20)
  expect(workers).toHaveLength(2)
})

it("a thread that the system does not start fails its job likewise, and the next job tries again", async () => {
  system.hasNoThreads = true
  const failure = await thread.run(jobOf(fd)).catch((error: unknown) => error)
  system.hasNoThreads = false
  expect(failure).toBeInstanceOf(StoreError)
  expect(failure).toMatchObject({ code: "hasher_ended" })
  expect([thread.load, thread.isBusy, flags.holders]).toEqual([0, false, 0])
  expect(await thread.run(jobOf(fd))).toHaveLength(20)
})

it("starts with V8's defaults, which are let go when it is ready or has ended", async () => {
  const running = thread.run(jobOf(fd))
  expect(flags.holders).toBe(1)
  await running
  expect(flags.holders).toBe(0)

  await thread.close()
  const lost = thread.run(jobOf(fd)).catch(() => undefined)
  expect(flags.holders).toBe(1)
  const exited = once(workers.at(-1) ?? expect.fail("no thread was started"), "exit")
  void workers.at(-1)?.terminate()
  await Promise.all([lost, exited])
  expect(flags.holders).toBe(0)
})

const jobOf = (fd: number): HashJob => ({
  kind: JobKind.hashParts,
  from: { fd },
  sizeBytes: 10,
  partSizeBytes: 10,
  fromPart: 0,
  toPart: 1,
})
