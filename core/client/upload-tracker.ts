import { isThisMachine } from "../address/this-machine.js"
import type { ClientOptions, TrackerAccess } from "../api/client-api.js"
import type { LibraryEntry } from "../library/library-entry.js"
import type { Torrent } from "../torrent/torrent-file.js"

export interface UploadTrackerOptions {
  /** Undefined: the client's trackers are those of its config. */
  readonly start: ClientOptions["startTracker"]
  readonly onStarted: (access: TrackerAccess) => void
}

/** The tracker of a client that has none until it uploads. */
export class UploadTracker {
  readonly #options: UploadTrackerOptions
  #port: number | undefined
  #starting: Promise<void> | undefined

  constructor(options: UploadTrackerOptions) {
    this.#options = options
  }

  /**
   * Has it started, once for all uploads, and resolves to its port; to undefined where it can't be started, which the next upload tries
   * again, and where the client has trackers of its config. `port`: where it was in an earlier run.
   */
  async ready(port?: number): Promise<number | undefined> {
    if (this.#port === undefined) {
      this.#starting ??= this.#start(port).finally(() => {
        this.#starting = undefined
      })
      await this.#starting
    }
    return this.#port
  }

  async #start(port: number | undefined): Promise<void> {
    const access = await this.#options.start?.(port)
    if (access === undefined) return
    this.#port = Number(new URL(access.url).port)
    this.#options.onStarted(access)
  }
}

/**
 * The port of the tracker that an upload of an earlier run was given, which its swarm needs: as it is remembered, or as the torrent file has
 * it when that names a tracker of this machine. A download needs none.
 */
export function uploadTrackerPort(
  { trackerPort, download, fetched }: Partial<LibraryEntry>,
  { trackers = [] }: Torrent,
): number | undefined {
  if (trackerPort !== undefined) return trackerPort
  if (download === true || fetched === true) return undefined
  const here = trackers.map((url) => new URL(url)).find((url) => isPlain(url) && isThisMachine(hostOf(url)))
  return here === undefined ? undefined : Number(here.port)
}

/** As a client without a config starts it: over http, at a port of its own, without a path. */
function isPlain({ protocol, port, pathname }: URL): boolean {
  return protocol === "http:" && port !== "" && pathname === "/"
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "")
}
