/**
 * `npm run kills [rounds] [seed]`: kills a downloader, its seeder and the tracker at random moments, 200 times unless set
 * otherwise, and prints what it cost. Exit status 1 when an end was not byte-exact, a recorded part was fetched again, no kill
 * came after a checkpoint, or a kill cost more than 16 MiB.
 */
import { killRounds } from "./kill-rounds.js"

const MIB = 1024 * 1024
const MAX_WASTED_BYTES = 16 * MIB
/** Kills of a downloader from which on it is a fault if none came after a checkpoint (2 s). */
const MIN_TELLING_KILLS = 20

const [rounds = 200, seed = Math.floor(Math.random() * 2 ** 32)] = process.argv.slice(2).map(Number)
process.stdout.write(`${rounds} kills, seed ${seed}\n`)
const startedAtMs = performance.now()
const figures = await killRounds({ rounds, seed, mebibytes: 64, uploadLimit: "16MiB/s", withinMs: 5_000 })
const seconds = (performance.now() - startedAtMs) / 1_000
const { kills, downloads, recordedParts, wastedBytes } = figures
const wasted = wastedBytes.toSorted((a, b) => a - b).map((bytes) => bytes / MIB)
const largest = wasted.at(-1) ?? 0
const median = wasted[Math.floor(wasted.length / 2)] ?? 0
process.stdout.write(
  [
    `killed: ${Object.entries(kills)
      .map(([victim, count]) => `${victim} ${count}`)
      .join(", ")}; in ${seconds.toFixed(0)} s`,
    `downloads of 64 MiB that came to their end: ${downloads}, each byte-exact`,
    `parts recorded when killed: ${recordedParts}, fetched again: 0`,
    `sent twice for a kill of the downloader: median ${median.toFixed(1)} MiB, most ${largest.toFixed(1)} MiB`,
    "",
  ].join("\n"),
)
const isTelling = recordedParts > 0 || kills.downloader < MIN_TELLING_KILLS
if (largest * MIB > MAX_WASTED_BYTES || !isTelling) process.exitCode = 1
