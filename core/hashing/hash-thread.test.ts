import { closeSync, openSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { StoreError } from "../base/errors.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { JobKind } from "./hash-jobs.js"
import { HashThread } from "./hash-thread.js"

const workers = vi.hoisted(() => [] as import("node:worker_threads").Worker[])

vi.mock("node:worker_threads", async (original) => {
  const real = await original<typeof import("node:worker_threads")>()
  class Worker extends real.Worker {
    constructor(...given: ConstructorParameters<typeof real.Worker>) {
      super(...given)
      workers.push(this)
    }
  }
  return { ...real, Worker }
})

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
  const job = { kind: JobKind.hashParts, from: { fd }, sizeBytes: 10, partSizeBytes: 10, fromPart: 0, toPart: 1 }
  const lost = thread.run(job)
  void workers[0]?.terminate()
  const failure = await lost.catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StoreError)
  expect(failure).toMatchObject({ code: "hasher_ended" })
  expect(await thread.run(job)).toHaveLength(20)
  expect(workers).toHaveLength(2)
})
