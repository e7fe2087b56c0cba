import {
  type Client,
  type ClientOptions,
  errnoOf,
  openClient,
  P2pError,
  reasonOf,
  type TakenFolder,
  takeFolder,
} from "../../core/index.js"
import { versionText } from "../base/version.js"
import type { Journal } from "../commands/journal.js"
import type { Config, LogLevel } from "../config/config.js"
import { isOnEveryAddress, type TrackerAddress, trackerUrl } from "../config/tracker-address.js"
import { type ControlOptions, ControlServer } from "../control/control-server.js"
import type { TodayOf } from "../control/picture-maker.js"
import { DayCount } from "./day-count.js"
import { embeddedTrackerSentence } from "./embedded-tracker.js"
import { Hooks } from "./hooks.js"
import { type LogFile, openLogFile } from "./log-file.js"
import { startMetricsServer } from "./metrics-server.js"
import { type After, TrackerOwner, type TrackerOwnerListener } from "./tracker-owner.js"
import { startUploadTracker, uploadTrackerPorts } from "./upload-tracker.js"

export interface StartOptions {
  /** The service folder, if it was taken before. */
  readonly folder?: TakenFolder
  /** Another process wants the client to end. */
  readonly onQuit?: () => void
  /** The client ends with a single command. */
  readonly isBrief?: boolean
  /** There is no config: the first upload starts a tracker inside the client. */
  readonly startsTrackerForUploads?: boolean
  /** How to wait for the turn of the tracker inside this client. */
  readonly after?: After
}

export interface StartedClient {
  readonly client: Client
  readonly log: LogFile
  readonly todayOf: TodayOf
  /** Where this client keeps what it must remember. */
  readonly stateFolder: string
  /** Other processes that wait for commands of theirs. */
  busyCallers(): number
  /** Lets no others in; resolves when none waits, or `signal` is aborted. */
  callersDone(signal: AbortSignal): Promise<void>
  /** Closes client, tracker and log, in this order. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts all that one run of the program needs, in this order: the service folder is taken, so that nothing of another client's is
 * touched, then the log file, the socket for other processes, a tracker where none runs, the engine. Rejects with a P2pError for what the
 * user can put right; what was started until then is closed again.
 */
export async function startClient(
  config: Config,
  logLevel: LogLevel,
  journal: Journal,
  { folder: taken, onQuit = () => {}, isBrief = false, startsTrackerForUploads = false, after }: StartOptions = {},
): Promise<StartedClient> {
  const folder = taken ?? (await takeFolder(config))
  const ends: (() => Promise<unknown>)[] = [() => folder.release()]
  const closeAll = async (): Promise<void> => {
    // All are closed, even if one fails; the first failure is thrown.
    const failures: unknown[] = []
    for (const end of ends.splice(0).reverse()) await end().catch((error) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  try {
    const log = await openLog(folder.stateFolder, logLevel, journal)
    ends.push(() => log.close())
    const stopLogging = journal.subscribe(log.write)
    ends.push(async () => stopLogging())
    const day = new DayCount(folder)
    const todayOf: TodayOf = (snapshot) => day.take(snapshot)
    const control = await openControl({ config, journal, onQuit, isBrief, todayOf })
    // Its callers hear that the client ends before the rest is closed, and that it has ended when the folder is free.
    ends.unshift(async () => control.hangUp())
    ends.push(() => control.leave())
    let opened: Client | undefined
    const listener = {
      ...ownerListener(journal, config.announce.host),
      onLooked: () => opened?.announceAgain(),
    }
    const owner = new TrackerOwner(config.trackers, listener, after)
    ends.push(() => owner.close())
    await owner.start()
    const hooks = new Hooks({ commands: config.hooks, folder: config.serviceFolder, tell: journal.add })
    ends.push(() => hooks.close())
    const late = startsTrackerForUploads ? lateTracker(config, owner, journal) : {}
    const client = await openClient({ ...clientOptions(config, owner, journal), ...late }, folder)
    opened = client
    ends.push(() => client.close())
    const stopCounting = day.follow(client)
    ends.push(async () => stopCounting())
    runHooks(hooks, client, journal)
    if (config.metrics !== undefined) {
      const metrics = await startMetricsServer(config.metrics, () => client.snapshot())
      ends.push(() => metrics.close())
    }
    ends.push(() => control.leave())
    control.serve(client)
    const busyCallers = () => control.busyCount
    const callersDone = (signal: AbortSignal) => control.finish(signal)
    return { client, log, todayOf, stateFolder: folder.stateFolder, busyCallers, callersDone, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** For what has happened and what happens from now on. */
function runHooks(hooks: Hooks, client: Client, journal: Journal): void {
  const find = (id: string) => client.snapshot().documents.find((document) => document.id === id)
  journal.subscribe((event) => hooks.onEvent(event, find))
}

function openControl({
  config,
  ...more
}: { config: Config } & Pick<ControlOptions, "journal" | "onQuit" | "isBrief" | "todayOf">) {
  const { serviceFolder, stateFolder } = config
  return ControlServer.open({ serviceFolder, stateFolder, version: versionText().trim(), ...more })
}

function ownerListener(journal: Journal, named: string | undefined): Omit<TrackerOwnerListener, "onLooked"> {
  return {
    onStarted: (tracker, late) =>
      journal.add({
        ...{ level: "info", name: "tracker_started", message: embeddedTrackerSentence(tracker, named) },
        facts: { port: tracker.address.port, late },
      }),
    onPortTaken: (message) => journal.add({ level: "warn", name: "tracker_port_taken", message }),
    onProblem: ({ message }) => journal.add({ level: "warn", name: "tracker_not_started", message }),
  }
}

function lateTracker(
  { listen: { host } }: Config,
  owner: TrackerOwner,
  journal: Journal,
): Pick<ClientOptions, "startTracker"> {
  const onProblem = (message: string) => journal.add({ level: "warn", name: "tracker_not_started", message })
  const place = { host, owner, onProblem }
  return { startTracker: (last) => startUploadTracker(place, uploadTrackerPorts(last), last === undefined) }
}

function clientOptions(config: Config, owner: TrackerOwner, journal: Journal): ClientOptions {
  return {
    serviceFolder: config.serviceFolder,
    stateFolder: config.stateFolder,
    listen: config.listen,
    announce: config.announce,
    peers: config.peers,
    lan: config.lan,
    trackers: config.trackers.map((each) => ({
      ...tokenOf(each),
      url: trackerUrl(each),
      isHere: isOnEveryAddress(each),
    })),
    ownsTracker: () => owner.owns,
    userAgent: versionText().trim(),
    limits: config.limits,
    watch: config.watch,
    onEvent: (event) => {
      journal.add(event)
      if (event.name === "tracker_away") owner.takeOver()
    },
  }
}

function tokenOf({ token }: TrackerAddress) {
  return token === undefined ? {} : { token }
}

async function openLog(stateFolder: string, level: LogLevel, journal: Journal): Promise<LogFile> {
  try {
    return await openLogFile(stateFolder, level, (error) => {
      journal.add({ level: "warn", name: "log_failed", message: `the log file can't be written: ${error.message}` })
    })
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause
    throw new P2pError("log_unwritable", `the log in ${stateFolder} can't be written: ${reasonOf(cause)}`, { cause })
  }
}
