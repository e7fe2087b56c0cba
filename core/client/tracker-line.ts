import { addressForOthers } from "../address/this-machine.js"
import type { TrackerClient } from "../announce/tracker-client.js"
import { createTrackerClient } from "../announce/tracker-client.js"
import { createTrackerList } from "../announce/tracker-list.js"
import { parseTrackerUrl } from "../announce/tracker-url.js"
import { TrackerWithStatus } from "../announce/tracker-with-status.js"
import type { ClientOptions, TrackerAccess } from "../api/client-api.js"
import type { EventListener } from "../api/events.js"
import type { Clock } from "../base/clock.js"

export interface TrackerLineOptions extends Pick<ClientOptions, "listen" | "announce" | "trackers" | "ownsTracker"> {
  readonly listeningHost: string
  readonly listeningPort: number
  readonly userAgent: string
  readonly clock: Clock
  readonly onEvent: EventListener
  readonly onChange: () => void
}

/** The trackers of the config as one, or the one that was started for the uploads of a client that had none. */
export class TrackerLine {
  readonly tracker: TrackerWithStatus
  readonly #options: TrackerLineOptions
  #accesses: readonly TrackerAccess[]
  #client: TrackerClient | undefined

  /** @throws ConfigError "bad_tracker_url" */
  constructor(options: TrackerLineOptions) {
    this.#options = options
    this.#accesses = options.trackers.map((each) => (typeof each === "string" ? { url: each } : each))
    this.#client = this.#clientOf(this.#accesses)
    const { listeningHost, listeningPort, ownsTracker: isOwn, clock, onEvent, onChange } = options
    this.tracker = new TrackerWithStatus(this.#client, {
      ...{ listeningHost, listeningPort, isOwn, clock, onEvent, onChange },
    })
  }

  /** The same trackers without their state; undefined where there is none. */
  get client(): TrackerClient | undefined {
    return this.#client
  }

  /** As other machines reach them: this machine may be reached at another address later. */
  get urls(): readonly string[] {
    return this.#accesses.map(({ url, isHere }) => {
      // Asked over IPv6 loopback it listens on "::", which is IPv4 too.
      const listened = url.includes("[::1]") ? "::" : "0.0.0.0"
      const here = isHere ? addressForOthers(listened, this.#options.announce?.host) : undefined
      return here === undefined ? parseTrackerUrl(url).url : withHost(url, here.host)
    })
  }

  /** Where there was no tracker, there is this one from now on. */
  adopt(access: TrackerAccess): void {
    this.#accesses = [access]
    const client = this.#clientOf(this.#accesses)
    this.#client = client
    if (client !== undefined) this.tracker.adopt(client)
  }

  #clientOf(accesses: readonly TrackerAccess[]): TrackerClient | undefined {
    const { listen, userAgent, clock } = this.#options
    const clients = accesses.map(({ url, token, isHere }) => {
      const hostForOthers = () => (isHere ? addressForOthers(listen.host)?.host : undefined)
      return createTrackerClient({ url, userAgent, hostForOthers, ...(token !== undefined && { token }) })
    })
    return clients.length === 0 ? undefined : createTrackerList(clients, clock)
  }
}

function withHost(text: string, host: string): string {
  const url = new URL(text)
  url.hostname = host.includes(":") ? `[${host}]` : host
  return url.href.replace(/\/+$/, "")
}
