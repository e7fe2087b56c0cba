import type { Client, ClientSnapshot, DocumentSnapshot, WhyFacts } from "../../core/index.js"
import { onChangeAtMost } from "../base/change-throttle.js"
import { formatDuration, formatPercent, formatRate } from "../base/format.js"
import { somePartsWords } from "../words/parts-words.js"
import { jobProgress } from "./job-progress.js"
import { documentFields, documentLine } from "./listings.js"
import type { Report } from "./report.js"

/** Our choice: a log of a long download stays readable. */
const INTERVAL_MS = 1_000

/**
 * Reports the progress of followed downloads and running jobs: at most one line a second in all, taken in turn, and none
 * while nothing has changed.
 */
export class ProgressLines {
  readonly #client: Client
  readonly #followedIds: () => ReadonlySet<string>
  readonly #report: (report: Report) => void
  readonly #reported = new Map<string, string>()
  #turn = 0
  readonly #showsOthers: () => boolean
  /** Ends it. */
  readonly close: () => void

  /** `showsOthers`: whether checks and hashing that were not asked for are of interest. */
  constructor(
    client: Client,
    followedIds: () => ReadonlySet<string>,
    report: (report: Report) => void,
    showsOthers: () => boolean = () => true,
  ) {
    this.#client = client
    this.#followedIds = followedIds
    this.#report = report
    this.#showsOthers = showsOthers
    this.close = onChangeAtMost(client, INTERVAL_MS, () => this.#reportNext())
  }

  /** The first line comes a second after the first change, so that what is done at once says only that it is done. */
  #reportNext(): void {
    const candidates = [...reportsOf(this.#client.snapshot(), this.#followedIds(), this.#showsOthers())]
    const news = candidates.filter(({ key, gist }) => this.#reported.get(key) !== gist)
    const next = news[this.#turn++ % Math.max(1, news.length)]
    if (next === undefined) return
    this.#reported.set(next.key, next.gist)
    this.#report(next.report)
  }
}

interface Progress {
  readonly key: string
  /** The content that makes a line news: the same gist is not reported twice in a row. */
  readonly gist: string
  readonly report: Report
}

function* reportsOf(snapshot: ClientSnapshot, followed: ReadonlySet<string>, showsOthers: boolean): Iterable<Progress> {
  const { takenAtMs } = snapshot
  for (const job of showsOthers ? snapshot.jobs : []) {
    const report = jobProgress(job)
    yield { key: `job ${job.id}`, gist: report.lines.join(), report }
  }
  for (const document of snapshot.documents) {
    if (!followed.has(document.id) && !(showsOthers && document.state === "checking")) continue
    // Its completion has been reported.
    if (document.state === "seeding") continue
    const gist = `${documentLine({ ...document, why: undefined }, takenAtMs)} ${whyGist(document.why)}`
    yield { key: document.id, gist, report: documentProgress(document, takenAtMs) }
  }
}

/** Facts of a reason of which another value is news. Counts, times and the peer that is named are none. */
const NEWS = [
  ...["code", "state", "direction", "goesOn"],
  ...["error", "tracker", "problem", "status", "errno"],
  ...["banned", "source", "peer", "others", "why"],
]

function whyGist(why: WhyFacts | undefined): string {
  return JSON.stringify(why, NEWS) ?? ""
}

function documentProgress(document: DocumentSnapshot, nowMs: number): Report {
  const { state, name, checkedCount, checkedBytesPerSecond: rate, partCount, haveCount, etaSeconds } = document
  const fields = {
    ...documentFields(document, nowMs),
    checked_parts: checkedCount ?? null,
    checked_bytes_per_second: Math.round(rate),
  }
  if (state !== "checking") return { event: "progress", lines: [documentLine(document, nowMs)], fields }
  const checked = `${formatPercent(checkedCount ?? 0, partCount)} checked, ${somePartsWords(haveCount, partCount)} good`
  const speed = `${formatRate(rate)}, ETA ${formatDuration(etaSeconds)}`
  return { event: "progress", lines: [`${name}: checking, ${checked}, ${speed}`], fields }
}
