import { describe, it } from "vitest"
import { DiskTrial } from "./disk-trial.js"
import type { DiskCall } from "./simulated-disk.js"
import type { TrialDocument } from "./trial-document.js"

const DISK_CALLS: readonly DiskCall[] = ["open", "read", "write", "resize", "sync", "name"]

const anySeed = () => Math.floor(Math.random() * 2 ** 32)

/** Says with which seed a trial went wrong. */
async function trialOf(document: TrialDocument, seed: number, run: (trial: DiskTrial) => Promise<void>): Promise<void> {
  try {
    await run(new DiskTrial(seed, document))
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error })
  }
}

/** Registers the trials of a document. They need on-simulated-disk.ts. */
export function diskTrials(document: TrialDocument): void {
  programEnds(document)
  foreignWrites(document)
  diskFaults(document)
}

/** Likewise, of a folder of which other files are wanted again and again. The seeds are the same in every run. */
export function selectionTrials(document: TrialDocument): void {
  const selecting: TrialDocument = { ...document, changesSelection: true }
  const eachSeed = async (count: number, run: (trial: DiskTrial) => Promise<void>) => {
    for (let seed = 0; seed < count; seed++) await trialOf(selecting, seed, run)
  }
  describe("a download of a folder of which other files are wanted again and again", () => {
    it("survives one end after the other [A17]", () => eachSeed(60, endAgainAndAgain))
    it.each(DISK_CALLS)("survives a failed %s at any time", (failing) =>
      eachSeed(15, (trial) => failAgainAndAgain(trial, failing)),
    )
  })
}

async function endAgainAndAgain(trial: DiskTrial): Promise<void> {
  for (let lives = 1 + Math.floor(trial.random() * 4); lives > 0; lives--) {
    const by = trial.random() < 0.5 ? "kill" : "power cut"
    trial.disk.end = { atCall: 1 + Math.floor(trial.random() * 120), by }
    await trial.live(6)
    await trial.next(by)
  }
  await trial.finish()
}

async function failAgainAndAgain(trial: DiskTrial, failing: DiskCall): Promise<void> {
  for (let lives = 3; lives > 0; lives--) {
    const rate = 0.3 * trial.random()
    trial.disk.fault = (call) => (call === failing && trial.random() < rate ? "EIO" : undefined)
    await trial.live(6)
    await trial.next(trial.random() < 0.5 ? "kill" : "power cut")
  }
  await trial.finish()
}

function programEnds(document: TrialDocument): void {
  describe("a download on a disk that forgets what was not synced [hostile 14]", () => {
    it.each(["kill", "power cut"] as const)("survives a %s at every single call", async (by) => {
      const seed = anySeed()
      let ended = true
      for (let atCall = 1; ended; atCall++)
        await trialOf(document, seed + atCall, async (trial) => {
          trial.disk.end = { atCall, by }
          await trial.live(8)
          ended = !trial.disk.isRunning
          await trial.next(by)
          await trial.finish()
        })
    })

    it("survives one end after the other", async () => {
      const seed = anySeed()
      for (let run = 0; run < 150; run++) await trialOf(document, seed + run, endAgainAndAgain)
    })
  })
}

function foreignWrites(document: TrialDocument): void {
  describe("a download whose file another program writes to while no client runs", () => {
    it("believes no part that is not there, and ends byte-exact [A4]", async () => {
      const seed = anySeed()
      for (let run = 0; run < 150; run++)
        await trialOf(document, seed + run, async (trial) => {
          for (let lives = 1 + Math.floor(trial.random() * 4); lives > 0; lives--) {
            await trial.live(6)
            await trial.next(trial.random() < 0.7 ? "kill" : "power cut")
            trial.tamper()
          }
          await trial.finish()
        })
    })
  })
}

function diskFaults(document: TrialDocument): void {
  describe("a download on a disk that fails", () => {
    it.each(DISK_CALLS)("survives a failed %s at any time", async (failing) => {
      const seed = anySeed()
      for (let run = 0; run < 60; run++)
        await trialOf(document, seed + run, (trial) => failAgainAndAgain(trial, failing))
    })

    it("continues byte-exact once a full disk has room again", async () => {
      const seed = anySeed()
      for (let run = 0; run < 60; run++)
        await trialOf(document, seed + run, async (trial) => {
          const { disk } = trial
          const enough = disk.pageCount
          // Less than the file and its record need.
          disk.pageCount = Math.floor(trial.random() * 8)
          await trial.live(6)
          disk.pageCount = enough
          await trial.next(trial.random() < 0.5 ? "kill" : "power cut")
          await trial.finish()
        })
    })
  })
}
