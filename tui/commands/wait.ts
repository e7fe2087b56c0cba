import { setTimeout as sleepFor } from "node:timers/promises"
import { formatCount } from "../base/format.js"
import { parseTimeSpan, TIME_SPAN_FORMS } from "../base/time-span.js"
import type { Arguments } from "./arguments.js"
import type { Command } from "./command.js"
import { CommandLineError } from "./command-line-error.js"
import type { Report } from "./report.js"
import { wholeNumber } from "./status.js"
import { untilPeersHave } from "./until-peers-have.js"

const MAX_WAITED_FOR = 1_000_000

export const wait: Command = {
  name: "wait",
  arguments: [{ name: "document", kind: "document" }],
  flags: [
    { name: "--peers", value: "n", required: true, summary: "how many, besides the first that had it" },
    {
      name: "--timeout",
      value: "time",
      summary: `then give up with exit code 10: ${TIME_SPAN_FORMS}; without it never`,
    },
  ],
  summary: "wait until so many peers have all of a document, synced to disk",
  async run(given, { client, report, signal }) {
    const { id, name } = client.find(given.required("document"))
    const wanted = wholeNumber(given, "--peers", { least: 1, most: MAX_WAITED_FOR }) ?? 1
    const told = (event: string, have: number) => countReport(event, { id, name }, { have, wanted })
    await untilPeersHave({
      ...{ name, wanted, timeoutMs: timeoutOf(given), signal },
      ask: (limit, ending) => client.status(id, { limit, signal: ending }),
      onCount: (have) => report(told(have >= wanted ? "waited" : "waiting", have)),
      onTrouble: ({ code, message }) =>
        report({
          event: "wait_trouble",
          lines: [`${name}: the wait goes on although ${message}`],
          fields: { id, name, code, message },
        }),
      now: () => performance.now(),
      random: Math.random,
      sleep: async (ms) => {
        // What aborted it is found by the next question.
        await sleepFor(ms, undefined, { signal }).catch(() => undefined)
      },
    })
  },
}

function timeoutOf(given: Arguments): number | undefined {
  const word = given.value("--timeout")
  if (word === undefined) return undefined
  const timeoutMs = parseTimeSpan(word.text)
  if (timeoutMs !== undefined) return timeoutMs
  throw new CommandLineError("bad_argument", `--timeout is "${word.text}"; allowed: ${TIME_SPAN_FORMS}`, word.span)
}

function countReport(
  event: string,
  { id, name }: { readonly id: string; readonly name: string },
  { have, wanted }: { readonly have: number; readonly wanted: number },
): Report {
  const lines = [
    `${formatCount(have)} of ${formatCount(wanted)} ${wanted === 1 ? "peer has" : "peers have"} all of ${name}`,
  ]
  return { event, lines, fields: { id, name, peers: have, wanted } }
}
