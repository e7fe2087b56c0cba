import { execFileSync, spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { ask, post, type Reply, self } from "../testing/requests.js"
import { onTrackerStage, TrackerProgram } from "../testing/tracker-program.js"

/** A limit on the size of files stands for a full disk: LMDB sees EFBIG where it would see ENOSPC (util-linux). */
const canLimit = spawnSync("prlimit", ["--version"]).status === 0

let folder: string

onTrackerStage((path) => {
  folder = path
})

describe.skipIf(!canLimit)("a disk that is full", () => {
  const ready = (url: string) => ask(`${url}/ready`, { method: "GET" })
  // A write that was cut short before the limit is EIO to LMDB.
  const message = expect.stringMatching(/^the store takes no writes: (EFBIG|EIO)$/)
  const notReady = { error: { code: "not_ready", message } }
  const fill = async (url: string, hashes: string[]): Promise<Reply> => {
    for (let number = 0; number < 5_000; number++) {
      const reply = await post(`${url}/hash`, self(1))
      if (reply.status !== 200) return reply
      hashes.push((reply.body as { hash: string }).hash)
    }
    throw new Error("the disk did not get full")
  }

  it.each([
    ["one process", []],
    ["workers", ["--workers", "2"]],
  ])(
    "answers registrations with 503 and all else as before, until there is room: %s [S3, S15]",
    async (_what, more) => {
      const args = ["127.0.0.1", "0", "--data", folder, ...more]
      const program = TrackerProgram.launch(args, { wrapper: ["prlimit", "--fsize=57344:unlimited"] })
      const url = await program.url()
      const hashes: string[] = []
      const refused = await fill(url, hashes)
      expect(refused).toMatchObject({ status: 503, body: { error: { code: "store_away" } } })
      expect(refused.headers["retry-after"]).toBeDefined()
      // The other worker was not refused anything yet.
      if (more.length === 0) expect(await ready(url)).toMatchObject({ status: 503, body: notReady })
      for (const hash of hashes.slice(-20)) {
        const reply = await post(`${url}/peers`, { hash, ...self(2) })
        // Workers hear of each other's peers by way of the disk.
        expect(reply).toMatchObject({ status: 200, body: more.length === 0 ? { total: 2 } : {} })
      }
      for (const pid of [program.child.pid, ...workersOf(program)])
        execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited:unlimited"])
      await untilSo(async () => (await post(`${url}/hash`, self(3))).status === 200)
      await untilSo(async () => (await ready(url)).status === 200)
      await untilSo(async () => {
        await post(`${url}/hash`, self(3))
        return program.messages.includes("the store works again")
      })
      expect(program.messages.filter((message) => message.includes("can't be written")).length).toBeLessThanOrEqual(
        1 + workersOf(program).length,
      )
      expect(await program.end("SIGTERM")).toBe(0)

      const again = TrackerProgram.launch(args)
      const againUrl = await again.url()
      for (const hash of hashes)
        expect(await post(`${againUrl}/peers`, { hash, ...self(2), limit: 0 })).toMatchObject({ status: 200 })
    },
  )

  function workersOf({ child }: TrackerProgram): string[] {
    const listed = spawnSync("ps", ["-o", "pid=", "--ppid", String(child.pid)], { encoding: "utf8" })
    return listed.stdout.split("\n").flatMap((line) => line.trim() || [])
  }
})
