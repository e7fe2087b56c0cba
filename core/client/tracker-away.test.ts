import { afterEach, beforeEach, expect, it } from "vitest"
import type { WhyFacts } from "../api/why.js"
import { ClientRig } from "../testing/client-rig.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

it("documents that seed and download report the failure of their tracker, and when it is asked again", async () => {
  const { client: seeder, torrentPath } = await rig.seeder("a", 2)
  await seeder.close()
  rig.tracker.failWith = 503
  const again = await rig.open("a")
  await rig.until(again, () => again.snapshot().documents[0]?.why?.code === "not_findable")
  const { documents, takenAtMs } = again.snapshot()
  const problem = { code: "busy", status: 503, errno: undefined, message: expect.stringContaining("HTTP 503") }
  expect(documents[0]?.why).toMatchObject({ code: "not_findable", tracker: { state: "away", problem } })
  expect(retryAtMs(documents[0]?.why)).toBeGreaterThan(takenAtMs)
  const leecher = await rig.open("b")
  await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  const why = () => leecher.snapshot().documents[0]?.why
  await rig.until(leecher, () => why()?.code === "no_peer_known" && retryAtMs(why()) !== undefined)
  expect(why()).toMatchObject({ tracker: { state: "away", problem } })
})

function retryAtMs(why: WhyFacts | undefined): number | undefined {
  return why !== undefined && "tracker" in why ? why.tracker.problem?.retryAtMs : undefined
}
