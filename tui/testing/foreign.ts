/**
 * `npm run foreign [-- [MiB] [names]]`: moves a document between our client and aria2, transmission and rtorrent at their default
 * settings, both ways, each client on a host of its own (network namespaces; needs root), with a `kill -9` on either side. Prints the
 * seconds until a transfer resumes after each restart. Exit status 1 when a copy differs or a transfer takes over 20 s to resume once the
 * program listens, 2 for other words.
 */
import { foreignClient } from "../e2e/foreign-defaults.js"
import { FOREIGN_USAGE, type ForeignArguments, parseForeignArguments } from "./foreign-arguments.js"
import { type ForeignFigures, foreignRound, type GoesOn } from "./foreign-rounds.js"

const MAX_SECONDS = 20

const asked = readArguments()
if (asked) await runAll(asked)

function readArguments(): ForeignArguments | undefined {
  try {
    return parseForeignArguments(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${FOREIGN_USAGE}\n`)
    process.exitCode = 2
    return undefined
  }
}

async function runAll({ mebibytes, names }: ForeignArguments): Promise<void> {
  for (const name of names) {
    if (!foreignClient(name).isInstalled) {
      process.stdout.write(`${name}: not installed\n`)
      continue
    }
    for (const seeder of ["ours", "foreign"] as const) {
      const label = seeder === "ours" ? `ours to ${name}` : `${name} to ours`
      const onStep = (words: string) => process.stderr.write(`  ${label}: ${words}\n`)
      const figures = await foreignRound({ name, seeder, mebibytes, onStep })
      process.stdout.write(`${label}: ${mebibytes} MiB in ${inWords(name, figures)}\n`)
      if (!isGood(figures)) process.exitCode = 1
    }
  }
}

function isGood({ afterForeign, afterOurs, isExact }: ForeignFigures): boolean {
  return isExact && Math.max(afterForeign.sinceListeningSeconds, afterOurs.sinceListeningSeconds) <= MAX_SECONDS
}

function inWords(name: string, { wholeSeconds, afterForeign, afterOurs, isExact }: ForeignFigures): string {
  const stood = ({ sinceListeningSeconds, sinceStartSeconds }: GoesOn) =>
    `${sinceListeningSeconds.toFixed(1)} s after it listened (${sinceStartSeconds.toFixed(1)} s after its start)`
  const exact = isExact ? "exact" : "THE COPY DIFFERS"
  return `${wholeSeconds.toFixed(1)} s, ${exact}; killed, ${name} went on ${stood(afterForeign)}, ours ${stood(afterOurs)}`
}
