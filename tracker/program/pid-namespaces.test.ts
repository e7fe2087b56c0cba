import { spawnSync } from "node:child_process"
import { expect, it } from "vitest"
import { onTrackerStage, TrackerProgram } from "../testing/tracker-program.js"

/** A pid namespace of its own for each, as containers have: both trackers are process 1 there (util-linux). */
const ISOLATED = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]
const [unshare = "", ...options] = ISOLATED
const canIsolate = spawnSync(unshare, [...options, "true"]).status === 0

let folder: string

onTrackerStage((path) => {
  folder = path
})

it.skipIf(!canIsolate)(
  "a second tracker in another container is refused with a sentence, the first keeps running [P5]",
  async () => {
    const args = ["127.0.0.1", "0", "--data", folder]
    const first = TrackerProgram.launch(args, { wrapper: ISOLATED })
    const url = await first.url()
    const second = TrackerProgram.launch(args, { wrapper: ISOLATED })
    expect(await second.end()).toBe(75)
    // LMDB itself prints a line of its own before it.
    expect(second.stderr).toMatch(/p2p-tracker: the store .* can't be used .*another container.*\n$/)
    expect(second.stderr).not.toMatch(/\n {4}at /)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  },
)
