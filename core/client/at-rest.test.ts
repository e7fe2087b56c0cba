import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { type Clock, systemClock } from "../base/clock.js"
import { ClientRig } from "../testing/client-rig.js"

/** Timers up to this delay are a client's periodic ones, ms; those for trackers are longer. */
const LONGEST_BEAT_MS = 1_000
/** Beats that are waited for. */
const running = new Set<object>()

const clock: Clock = {
  ...systemClock,
  after(waitMs, act) {
    const beat = {}
    if (waitMs <= LONGEST_BEAT_MS) running.add(beat)
    const stop = systemClock.after(waitMs, () => {
      running.delete(beat)
      act()
    })
    return () => {
      running.delete(beat)
      stop()
    }
  },
}

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create({ clock })
})

afterEach(async () => {
  await rig.close()
  running.clear()
})

it("clients that move nothing run no timer that beats, though they have moved something before", async () => {
  const seeder = await rig.open("a")
  await writeFile(rig.path("a", "disc.iso"), randomBytes(1_000_000))
  const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  await expect.poll(() => running.size).toBe(0)
  const leecher = await rig.open("b")
  const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  expect(running.size).toBeGreaterThan(0)
  await done
  await expect.poll(() => running.size).toBe(0)
  expect(leecher.snapshot()).toMatchObject({ downBytesPerSecond: 0, documents: [{ state: "seeding" }] })
})
