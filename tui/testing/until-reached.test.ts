import { describe, expect, it } from "vitest"
import { type Look, untilReached, type WaitTime } from "./until-reached.js"

/** The time passes as it is waited for; a wait of `stillMs` beside a look that answers loses the race and passes no time. */
function virtualTime(): WaitTime & { nowMs: number } {
  const time = {
    nowMs: 0,
    now: () => time.nowMs,
    delay: async (ms: number) => {
      if (ms === STILL_MS) await new Promise((resolve) => setImmediate(resolve))
      else time.nowMs += ms
    },
  }
  return time
}

const STILL_MS = 60_000

describe("untilReached", () => {
  it("waits as long as something moves, however slowly", async () => {
    const time = virtualTime()
    const look = async (): Promise<Look> => {
      const progress = Math.floor(time.nowMs / (STILL_MS - 1_000))
      return { progress, isThere: progress === 10 }
    }
    await untilReached("the document", look, STILL_MS, time)
    expect(time.nowMs).toBeGreaterThan(9 * STILL_MS)
  })

  it("ends when nothing has moved for the given time", async () => {
    const time = virtualTime()
    const look = async (): Promise<Look> => ({ progress: 7, isThere: false })
    await expect(untilReached("the document", look, STILL_MS, time)).rejects.toThrow("nothing has moved for 60 s, at 7")
    expect(time.nowMs).toBe(STILL_MS)
  })

  it("ends when a look is never answered", async () => {
    const look = () => new Promise<Look>(() => undefined)
    await expect(untilReached("the document", look, STILL_MS, virtualTime())).rejects.toThrow("no answer")
  })
})
