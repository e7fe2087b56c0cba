import { type Client, errnoOf, openClient, P2pError } from "../core/index.js"
import type { Config, LogLevel } from "./config.js"
import { type EmbeddedTracker, embeddedTrackerSentence, startTrackerIfNone } from "./embedded-tracker.js"
import type { Journal } from "./journal.js"
import { type LogFile, openLogFile } from "./log-file.js"
import { type TrackerAddress, trackerUrl } from "./tracker-address.js"
import { versionText } from "./version.js"

export interface StartedClient {
  readonly client: Client
  readonly log: LogFile
  /** Where this client keeps what it must remember. */
  readonly stateFolder: string
  /** Closes client, tracker and log, in this order. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts all that one run of the program needs: log file, a tracker where none runs, the engine. Rejects with a
 * P2pError for what the user can put right; what was started until then is closed again.
 */
export async function startClient(config: Config, logLevel: LogLevel, journal: Journal): Promise<StartedClient> {
  const { stateFolder } = config
  const log = await openLog(stateFolder, logLevel, journal)
  const stopLogging = journal.subscribe(log.write)
  let tracker: EmbeddedTracker | undefined
  const closeRest = async (): Promise<void> => {
    await tracker?.close()
    stopLogging()
    await log.close()
  }
  try {
    tracker = await startTrackerIfNone(config.trackers)
    if (tracker !== undefined) {
      journal.add({ level: "info", name: "tracker_started", message: embeddedTrackerSentence(tracker) })
    }
    const client = await openClient({
      serviceFolder: config.serviceFolder,
      stateFolder,
      listen: config.listen,
      announce: config.announce,
      trackers: config.trackers.map((tracker) => ({ ...tokenOf(tracker), url: trackerUrl(tracker) })),
      trackerKind: tracker === undefined ? "remote" : "own",
      userAgent: versionText().trim(),
      limits: config.limits,
      onEvent: journal.add,
    })
    const close = async (): Promise<void> => {
      await client.close()
      await closeRest()
    }
    return { client, log, stateFolder, close }
  } catch (error) {
    await closeRest()
    throw error
  }
}

function tokenOf({ token }: TrackerAddress) {
  return token === undefined ? {} : { token }
}

async function openLog(stateFolder: string, level: LogLevel, journal: Journal): Promise<LogFile> {
  try {
    return await openLogFile(stateFolder, level, (error) => {
      // Once is enough: every further line would fail the same way.
      journal.add({ level: "warn", name: "log_failed", message: `the log file can't be written: ${error.message}` })
    })
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === undefined) throw cause
    throw new P2pError("log_unwritable", `the log in ${stateFolder} can't be written (${errno})`, { cause })
  }
}
