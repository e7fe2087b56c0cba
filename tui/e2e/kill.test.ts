import { expect, it } from "vitest"
import { killRounds } from "../testing/kill-rounds.js"

const MIB = 1024 * 1024

it("real programs killed at random moments end byte-exact and fetch no recorded part again [hostile 13]", async () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const withSeed = (error: unknown) => {
    throw new Error(`seed ${seed}`, { cause: error })
  }
  const plan = { rounds: 5, seed, mebibytes: 24, uploadLimit: "24MiB/s", withinMs: 1_500 }
  const { downloads, wastedBytes } = await killRounds(plan).catch(withSeed)
  expect(downloads, `seed ${seed}`).toBeGreaterThan(0)
  expect(Math.max(0, ...wastedBytes), `seed ${seed}`).toBeLessThanOrEqual(16 * MIB)
})
