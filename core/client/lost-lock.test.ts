import { readdir, readFile, rm, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { ClientRig } from "../testing/client-rig.js"
import { untilSo } from "../testing/until-so.js"

vi.mock("../store/file-system-kind.js", async (original) => ({
  ...(await original<typeof import("../store/file-system-kind.js")>()),
  isSharedByHosts: async () => true,
}))

/** As often as an owner renews its lease. */
const RENEW_MS = 20_000

let rig: ClientRig

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  rig = await ClientRig.create()
})

afterEach(async () => {
  vi.useRealTimers()
  await rig.close()
})

/** Another machine has taken the lease that ran out while this one slept. */
async function losesLock(path: string): Promise<void> {
  const lease = JSON.parse(await readFile(path, "utf8"))
  await writeFile(path, JSON.stringify({ ...lease, pid: 77, host: "elsewhere" }))
  vi.advanceTimersByTime(RENEW_MS)
}

it("a download whose lock another process has taken fails with it, also while no part comes [E16]", async () => {
  const { seeder, leecher } = await rig.halfDone(12)
  const shown = () => leecher.snapshot().documents[0]
  await seeder.close()
  await rig.until(leecher, () => shown()?.connectedPeers === 0)
  const lock = rig.path("b", "copy.iso.part.lock")
  await losesLock(lock)
  await rig.until(leecher, () => shown()?.state === "failed")
  const message = `${lock}: this process has lost its lock and stops writing: process 77 on elsewhere has it now`
  expect(shown()?.why).toEqual({ code: "failed", error: { code: "lock_lost", message }, goesOn: false })
  await rm(lock)
})

it("a client whose folder another one has taken says so, and changes neither the list of documents nor a copy of a torrent file [E16]", async () => {
  const { client, id } = await rig.seeder("a", 2)
  const list = rig.path("a", ".p2p-tui", "documents.json")
  await untilSo(async () => (await readFile(list, "utf8").catch(() => "")).includes(id))
  await losesLock(rig.path("a", ".p2p-tui", "lock"))
  const event = await rig.event("lock_lost")
  expect(event).toMatchObject({
    level: "error",
    message: expect.stringMatching(/process 77 on elsewhere has it now; leave/),
  })
  const theirs = JSON.stringify({ version: 1, documents: [] })
  await writeFile(list, theirs)
  await client.pause(id)
  await client.remove(id)
  await client.close()
  expect(await readFile(list, "utf8")).toBe(theirs)
  expect(await readdir(rig.path("a", ".p2p-tui", "torrents"))).toEqual([id])
})
