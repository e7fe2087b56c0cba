import { addressForOthers, P2pError, type TrackerAccess } from "../../core/index.js"
import { DEFAULT_TRACKER_PORT } from "../config/default-config.js"
import { connectableHost, isOnEveryAddress, type TrackerAddress, trackerUrl } from "../config/tracker-address.js"
import { whatListens } from "./embedded-tracker.js"
import type { TrackerOwner } from "./tracker-owner.js"

/** Ports at which a client without a config tries to start its tracker. Our choice. */
const PORTS = 10

export interface UploadTrackerPlace {
  /** Where this client listens: the tracker does so too. */
  readonly host: string
  readonly owner: TrackerOwner
  /** One sentence: there is no tracker. */
  readonly onProblem: (message: string) => void
}

/**
 * Starts the tracker of a client without a config at the first of `ports` where it can be, or goes by the one that another client has there.
 * `late`: not as the client starts. Resolves to undefined where there is none, which is reported.
 */
export async function startUploadTracker(
  { host, owner, onProblem }: UploadTrackerPlace,
  ports: readonly number[],
  late: boolean,
): Promise<TrackerAccess | undefined> {
  try {
    for (const port of ports) {
      const address: TrackerAddress = { protocol: "http", host, port, path: "" }
      let runs = await whatRuns(address)
      if (runs === "nothing") {
        await owner.startAt(address, late)
        // Of several that start at once one has the port, and another program may have been faster.
        runs = owner.owns ? "tracker" : await whatRuns(address)
      }
      if (runs !== "tracker") continue
      owner.goBy(address)
      return { url: trackerUrl(address), isHere: isOnEveryAddress(address) }
    }
    onProblem(withoutTracker(`other programs have the ports ${ports.join(", ")}`))
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    onProblem(withoutTracker(error.message))
  }
  return undefined
}

/** Where it is tried. `last`: its port in an earlier run, which torrent files and links name. */
export function uploadTrackerPorts(last: number | undefined): readonly number[] {
  const usual = Array.from({ length: PORTS }, (_, index) => DEFAULT_TRACKER_PORT + index)
  return last === undefined ? usual : [...new Set([last, ...usual])]
}

/** A tracker that only this machine reaches is no tracker for others. */
async function whatRuns({ host, port }: TrackerAddress): Promise<"nothing" | "tracker" | "other"> {
  const found = await whatListens(connectableHost(host), port)
  const others = found === "tracker" ? addressForOthers(host)?.host : undefined
  return others === undefined || (await whatListens(others, port)) === "tracker" ? found : "other"
}

function withoutTracker(reason: string): string {
  return `no tracker was started inside this client: ${reason}; documents are shared without one, by their links and on the local network`
}
