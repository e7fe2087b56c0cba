/**
 * `npm run foreign [mebibytes]`: moves a document between our client and aria2, transmission and rtorrent at their default settings,
 * both ways, each client on a host of its own (network namespaces; needs root), with a `kill -9` on either side. Prints the seconds
 * until a transfer goes on after each restart. Exit status 1 when a copy differs or a transfer takes over 20 s to go on.
 */
import { FOREIGN_NAMES, foreignClient } from "../e2e/foreign-defaults.js"
import { foreignRound } from "./foreign-rounds.js"

const MAX_SECONDS = 20

const [mebibytes = 512] = process.argv.slice(2).map(Number)
const only = process.argv.slice(3)
for (const name of FOREIGN_NAMES) {
  if (only.length > 0 && !only.includes(name)) continue
  if (!foreignClient(name).isInstalled) {
    process.stdout.write(`${name}: not installed\n`)
    continue
  }
  for (const seeder of ["ours", "foreign"] as const) {
    const label = seeder === "ours" ? `ours to ${name}` : `${name} to ours`
    const onStep = (words: string) => process.stderr.write(`  ${label}: ${words}\n`)
    const figures = await foreignRound({ name, seeder, mebibytes, onStep })
    const { wholeSeconds, afterForeignSeconds, afterOursSeconds } = figures
    process.stdout.write(
      `${label}: ${mebibytes} MiB in ${wholeSeconds.toFixed(1)} s; after a kill of ${name} ${afterForeignSeconds.toFixed(1)} s, of ours ${afterOursSeconds.toFixed(1)} s\n`,
    )
    if (Math.max(afterForeignSeconds, afterOursSeconds) > MAX_SECONDS) process.exitCode = 1
  }
}
