import { describe, expect, it } from "vitest"
import { foreignRound } from "../testing/foreign-rounds.js"
import { FOREIGN_NAMES, type ForeignName, foreignClient } from "./foreign-defaults.js"
import { canMakeNetworks } from "./test-network.js"

/** rtorrent asks for 3,200 blocks at once and never again: that showed beyond 200 MB only. transmission fetches 8 MB a second. */
const MEBIBYTES: Readonly<Record<ForeignName, number>> = { aria2: 256, transmission: 32, rtorrent: 512 }
/** transmission tries uTP before TCP, and updates its interest in peers every 10 s. */
const TIMEOUT_MS = 240_000

const canRun = canMakeNetworks()

describe.each(FOREIGN_NAMES)("%s at its default settings, on a host of its own (iproute2, root)", (name) => {
  it.skipIf(!canRun || !foreignClient(name).isInstalled).each(["ours", "foreign"] as const)(
    "moves a document, seeded by %s, through a kill -9 of either side",
    { timeout: TIMEOUT_MS },
    async (seeder) => {
      const { isExact } = await foreignRound({ name, seeder, mebibytes: MEBIBYTES[name] })
      expect(isExact).toBe(true)
    },
  )
})
