import { randomUUID } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { StoreError } from "../../core/index.js"
import { leakWarnings } from "../../core/testing/leak-warnings.js"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { untilSo } from "../../core/testing/until-so.js"
import { ExitCode } from "../base/exit-codes.js"
import { Journal } from "../commands/journal.js"
import type { Failure, Report } from "../commands/report.js"
import type { Audience } from "../commands/session.js"
import { FakeClient, fakeDocument } from "../testing/fake-client.js"
import { downloadBegun } from "../testing/line-rig.js"
import { callOwner } from "./call-owner.js"
import { ControlLink } from "./control-link.js"
import { ControlServer } from "./control-server.js"
import { RemoteRun } from "./remote-run.js"
import { attachedScreen } from "./screen-place.js"

let state: string
let client: FakeClient
let server: ControlServer
let followerCount: number
const onQuit = vi.fn()
const never = new AbortController().signal

inTemporaryFolder((path) => {
  state = join(path, "state")
})
beforeEach(async () => {
  await mkdir(state, { mode: 0o700 })
  onQuit.mockReset()
  client = new FakeClient()
  const journal = new Journal()
  const follow = journal.follow
  followerCount = 0
  vi.spyOn(journal, "follow").mockImplementation((listener) => {
    followerCount++
    const stop = follow(listener)
    return () => {
      followerCount--
      stop()
    }
  })
  const about = { stateFolder: state, serviceFolder: "/files", version: "p2p-tui 1.0.0", isBrief: false }
  server = await ControlServer.open({ ...about, journal, onQuit })
})
afterEach(async () => {
  await server.leave()
  server.hangUp()
})

async function call(): Promise<ControlLink> {
  const link = await callOwner(state)
  if (!(link instanceof ControlLink)) throw new Error(link.why)
  return link
}

/** A process that gives commands, and what it says. */
async function caller(quitting: AbortSignal = never) {
  const link = await call()
  const ready = await link.begin({ version: "p2p-tui 1.0.0", notes: "own", folder: "/elsewhere" }, never)
  expect(ready?.ready.event).toBe("ready")
  const reports: Report[] = []
  const failures: Failure[] = []
  const audience: Audience = {
    report: (each) => void reports.push(each),
    failure: (each) => void failures.push(each),
  }
  const run = new RemoteRun(link, audience, quitting, () => {})
  return { run, reports, failures }
}

it("lets callers wait until the client serves", async () => {
  const waiting = caller()
  server.serve(client)
  const { run, reports } = await waiting
  expect(await run.run("list")).toBe(true)
  expect(reports.at(-1)).toMatchObject({ event: "list" })
  run.close()
})

it("says to callers that wait when the client ends before it serves", async () => {
  const link = await call()
  const answer = link.begin({ version: "p2p-tui 1.0.0", notes: "own" }, never)
  await server.leave()
  server.hangUp()
  expect(await answer).toBeUndefined()
})

it("leaves no listener behind, however a caller ends", async () => {
  server.serve(client)
  client.showDocument(fakeDocument())
  for (const words of [["list"], ["download", "/x.json"], ["pause", "none"]]) {
    const { run } = await caller()
    await run.run(words)
    run.close()
  }
  const screens = await call()
  await screens.begin({ version: "p2p-tui 1.0.0", notes: "none" }, never)
  const screen = await attachedScreen(screens)
  expect(screen?.view.snapshot()).toEqual(client.snapshot())
  screens.close()
  await untilSo(() => client.listenerCount === 0 && followerCount === 0)
})

it("waits for many downloads of one caller without a warning about a memory leak", async () => {
  const warnings = leakWarnings()
  server.serve(client)
  const { run } = await caller()
  for (let index = 0; index < 12; index++) await run.run(["download", `/${index}.json`])
  await untilSo(() => client.downloads.size === 12)
  expect(warnings()).toEqual([])
  run.close()
})

it("has a failed download end with its code", async () => {
  server.serve(client)
  const { run, failures } = await caller()
  await run.run(["download", "/x.json", "copy"])
  const download = await downloadBegun(client, "/x.json")
  const settled = run.settled()
  download.fail(new StoreError("disk_full", "no room"))
  await settled
  expect(run.exitCode).toBe(ExitCode.disk)
  expect(failures).toEqual([{ code: "disk_full", message: "no room", isLogged: true }])
  run.close()
})

it("goes on with what an interrupted caller has begun", async () => {
  server.serve(client)
  const ending = new AbortController()
  const { run, reports } = await caller(ending.signal)
  await run.run(["download", "/x.json", "copy"])
  const settled = run.settled()
  ending.abort()
  await settled
  expect(run.isUnfinished).toBe(true)
  expect(reports.at(-1)).toMatchObject({ event: "left_running", fields: { pid: process.pid } })
  run.close()
  expect(client.calls).toContain("download /x.json /elsewhere/copy")
})

it("does not end the hashing for an upload whose caller has gone", async () => {
  server.serve(client)
  let hashing: AbortSignal | undefined
  let finish: () => void = () => {}
  client.onUpload = (_, signal) => {
    hashing = signal
    return new Promise((resolve) => {
      finish = resolve
    })
  }
  const { run } = await caller()
  void run.run(["upload", "/a", "/a.json"])
  await untilSo(() => hashing !== undefined)
  run.close()
  await untilSo(() => server.busyCount === 0)
  expect(hashing?.aborted).toBe(false)
  finish()
  await server.leave()
  expect(hashing?.aborted).toBe(true)
})

it("ends for one that says quit, after the answer", async () => {
  server.serve(client)
  const { run } = await caller()
  onQuit.mockImplementation(() => void server.leave().then(() => server.hangUp()))
  expect(await run.run("quit")).toBe(true)
  await run.settled()
  expect(onQuit).toHaveBeenCalledOnce()
  expect(run.exitCode).toBe(ExitCode.ok)
})

it("waits for callers that are busy before it finishes, and lets no new ones in", async () => {
  server.serve(client)
  const { run } = await caller()
  let isFinished = false
  const finished = server.finish(never).then(() => {
    isFinished = true
  })
  expect(await callOwner(state)).toMatchObject({ mayPass: true })
  expect(await run.run(["limit"])).toBe(true)
  expect(isFinished).toBe(false)
  run.close()
  await finished
})

it("refuses a command that is too long, without sending it", async () => {
  server.serve(client)
  const { run, failures } = await caller()
  expect(await run.run(["upload", "x".repeat(600_000), randomUUID()])).toBe(false)
  expect(failures).toMatchObject([{ code: "line_too_long" }])
  expect(run.exitCode).toBe(ExitCode.command)
  run.close()
})
