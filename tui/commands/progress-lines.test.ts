import { afterEach, beforeEach, expect, it, vi } from "vitest"
import type { NoneConnected, WhyFacts } from "../../core/index.js"
import { AWAY } from "../testing/every-reason.js"
import { FakeClient, fakeDocument, fakeSnapshot } from "../testing/fake-client.js"
import { ProgressLines } from "./progress-lines.js"

const { tracker } = fakeSnapshot()
const document = fakeDocument({ state: "downloading", haveCount: 0, haveBytes: 0 })

let client: FakeClient
let printed: string[]
let progress: ProgressLines

beforeEach(() => {
  vi.useFakeTimers()
  client = new FakeClient()
  printed = []
  progress = new ProgressLines(
    client,
    () => new Set([document.id]),
    ({ lines }) => printed.push(...lines.map((line) => line.replace(/^.*ETA -, /, ""))),
  )
})

afterEach(() => {
  progress.close()
  vi.useRealTimers()
})

/** Shows a reason for a second, at a time of the engine's clock. */
async function shows(why: WhyFacts, takenAtMs: number): Promise<void> {
  client.show({ takenAtMs, documents: [{ ...document, why }] })
  await vi.advanceTimersByTimeAsync(1_000)
}

it("another reason is news; another count, or that the tracker's answer grows old, is none", async () => {
  await shows({ code: "connecting", peers: 2, tracker }, 1_000)
  await shows({ code: "connecting", peers: 3, tracker }, 2_000)
  await shows({ code: "connecting", peers: 3, tracker }, 90_000)
  await shows({ code: "no_peer_known", tracker }, 91_000)
  expect(printed).toEqual([
    "connecting to 2 peers; tracker answered just now",
    "no peer is known yet; tracker answered 1 min ago",
  ])
})

it("another state of the tracker, or another reason of a peer, is news; another time of the next try is none", async () => {
  const failed = (code: string, message: string) => ({ code: "failed", error: { code, message } }) as const
  const none = (why: ReturnType<typeof failed>, retryAtMs: number): NoneConnected => ({
    ...{ code: "no_peer_connected", knownPeers: 1, others: undefined },
    peer: { address: "10.0.0.9:1", why },
    tracker: { ...AWAY, problem: AWAY.problem && { ...AWAY.problem, retryAtMs } },
  })
  const refused = failed("refused", "refused the connection")
  await shows({ ...none(refused, 0), tracker }, 0)
  await shows(none(refused, 5_000), 1_000)
  await shows(none(refused, 9_000), 2_000)
  await shows(none(failed("timed_out", "did not answer"), 9_000), 3_000)
  expect(printed).toEqual([
    "the only known peer, 10.0.0.9:1: refused the connection; tracker answered just now",
    expect.stringMatching(/^the only known peer, 10\.0\.0\.9:1: refused the connection; no tracker can be reached/),
    expect.stringMatching(/^the only known peer, 10\.0\.0\.9:1: did not answer; no tracker can be reached/),
  ])
})
