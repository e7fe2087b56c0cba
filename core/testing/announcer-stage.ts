import { Announcer } from "../announce/announcer.js"
import { SeedAnnounceBatcher } from "../announce/seed-announce-batcher.js"
import type { AnnounceRequest, TrackerClient } from "../announce/tracker-client.js"
import { TrackerWithStatus } from "../announce/tracker-with-status.js"
import type { FakeClock } from "./fake-clock.js"

/** Records the announces, and answers or fails as set by the test. */
class LoggedTracker implements TrackerClient {
  readonly url = "http://10.0.0.1:5000"
  readonly log: {
    readonly atSeconds: number
    readonly event: string | undefined
    readonly left: number | undefined
  }[] = []
  failure: Error | undefined
  hangs = false
  standard: { readonly minIntervalSeconds?: number } = {}
  #answer: () => void = () => undefined

  readonly #clock: FakeClock
  readonly #startedAtMs: number

  constructor(clock: FakeClock) {
    this.#clock = clock
    this.#startedAtMs = clock.now()
  }

  async register(): Promise<string> {
    return "aaaa"
  }

  async announce(request: AnnounceRequest, signal?: AbortSignal) {
    const atSeconds = (this.#clock.now() - this.#startedAtMs) / 1_000
    this.log.push({ atSeconds, event: request.event, left: request.left })
    if (this.hangs) await this.#hang(signal)
    if (this.failure !== undefined) throw this.failure
    return { peers: [{ host: "10.0.0.9", port: 7000 }], intervalSeconds: 60, ...this.standard }
  }

  /** What hangs is answered, and nothing hangs any more. */
  answerHanging(): void {
    this.hangs = false
    this.#answer()
  }

  #hang(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
    })
  }

  get events(): (string | undefined)[] {
    return this.log.map(({ event }) => event)
  }
}

/** An announcer between its document and its tracker. */
export interface AnnouncerStage {
  readonly tracker: LoggedTracker
  readonly announcer: Announcer
  readonly found: string[]
  starved: boolean
  left: number
}

export function announcerStage(clock: FakeClock): AnnouncerStage {
  const tracker = new LoggedTracker(clock)
  const withStatus = new TrackerWithStatus(tracker, {
    listeningHost: "0.0.0.0",
    listeningPort: 7001,
    clock,
    onEvent: () => undefined,
  })
  const found: string[] = []
  const host = {
    leftBytes: () => stage.left,
    transferredBytes: () => ({ uploaded: 0, downloaded: 0 }),
    isStarved: () => stage.starved,
    onPeers: (addresses: readonly string[]) => found.push(...addresses),
    onRegisteredAgain: () => {},
  }
  const random = () => 0.5
  const batcher = new SeedAnnounceBatcher(withStatus, clock, random)
  const announcer = new Announcer({ hash: "aaaa", tracker: withStatus, batcher, host, clock, random })
  const stage = { tracker, announcer, found, starved: false, left: 100 }
  return stage
}
