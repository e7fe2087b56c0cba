import { CommandError, ConfigError, P2pError, StoreError, TorrentFileError, TrackerError } from "../../core/index.js"
import { TimeUpError } from "./time-up-error.js"

/** How the process ends. Part of the public interface: `--help` and docs/user/exit-codes.md print this table. */
export const ExitCode = {
  ok: 0,
  bug: 1,
  usage: 2,
  torrentFile: 3,
  tracker: 4,
  disk: 5,
  command: 6,
  unfinished: 7,
  other: 8,
  clientEnded: 9,
  timeUp: 10,
  hangup: 129,
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** The table's words, in the order they are printed. */
export const EXIT_CODE_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [ExitCode.ok, "all went well"],
  [ExitCode.bug, "a bug: an unexpected error"],
  [ExitCode.usage, "the config, an option or the address to listen on is wrong; nothing was started"],
  [ExitCode.torrentFile, "a torrent file was refused"],
  [ExitCode.tracker, "the tracker did not answer, or refused"],
  [ExitCode.disk, "the disk failed or is full"],
  [ExitCode.command, "a command can't be carried out as given (unknown word, missing file, target in the way)"],
  [ExitCode.unfinished, "left before a download was done (quit, or it was paused)"],
  [ExitCode.other, "a transfer failed for another reason"],
  [ExitCode.clientEnded, "the running client ended before the command, or while its screen was attached"],
  [ExitCode.timeUp, "wait: the time was up before enough peers had the document"],
  [ExitCode.hangup, "SIGHUP came before everything was done"],
  [ExitCode.interrupted, "SIGINT came before everything was done"],
  [ExitCode.brokenPipe, "the reader of stdout went away"],
  [ExitCode.terminated, "SIGTERM came before everything was done"],
]

/** The exit code that belongs to an error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigError) return ExitCode.usage
  if (error instanceof TorrentFileError) return ExitCode.torrentFile
  if (error instanceof TrackerError) return ExitCode.tracker
  if (error instanceof StoreError) return ExitCode.disk
  if (error instanceof CommandError) return error.code === "client_ended" ? ExitCode.clientEnded : ExitCode.command
  if (error instanceof TimeUpError) return ExitCode.timeUp
  return error instanceof P2pError ? ExitCode.other : ExitCode.bug
}

/** Signals that end the client, and the code for leaving with something undone (128 + signal number, as shells say it). */
export const EXIT_CODE_OF_SIGNAL = {
  SIGHUP: ExitCode.hangup,
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
} as const
export type EndingSignal = keyof typeof EXIT_CODE_OF_SIGNAL
