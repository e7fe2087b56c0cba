import type { DocumentSnapshot, JobSnapshot } from "../../../core/index.js"
import { formatBytes, formatDuration, formatPercent, formatRate, formatRatio, fractionOf } from "../../base/format.js"
import { doneFilesWords, listedName } from "../../words/folder-words.js"
import { progressOf, wantedFilesWords } from "../../words/wanted-words.js"
import type { Tone } from "../drawing/cells.js"
import { isWaiting } from "../state/attention.js"
import type { ScreenState } from "../state/state.js"

/** One line of the list: a document, or a file that is hashed to become one. */
export interface ListLine {
  readonly letter: string
  readonly tone: Tone
  readonly isMarked: boolean
  /** A download that has ended, and was not looked at since. */
  readonly isUnseen: boolean
  readonly isPrivate: boolean
  readonly name: string
  readonly size: string
  /** Of the bar, in [0, 1]. */
  readonly fraction: number
  readonly done: string
  /** Bytes per second: fetched, or looked at while hashing and checking. */
  readonly down: number
  readonly up: number
  readonly peers: string
  readonly eta: string
  readonly ratio: string
}

/** `name`: as it is told apart from others. */
export function lineOfDocument(
  document: DocumentSnapshot,
  name: string,
  { marked, unseen }: Pick<ScreenState, "marked" | "unseen">,
): ListLine {
  const { checkedCount, partCount, sizeBytes, connectedPeers, knownPeers, selection } = document
  const { haveBytes, totalBytes } = progressOf(document)
  // While checking, what has been looked at; else what is there.
  const [done, total] = checkedCount === undefined ? [haveBytes, totalBytes] : [checkedCount, partCount]
  return {
    letter: stateLetter(document),
    tone: stateTone(document),
    isMarked: marked.has(document.id),
    isUnseen: unseen.has(document.id),
    isPrivate: !document.open,
    name: selection === undefined ? name : `${name} (${wantedFilesWords(document)})`,
    size: formatBytes(totalBytes),
    fraction: fractionOf(done, total),
    done: formatPercent(done, total),
    down: document.state === "checking" ? document.checkedBytesPerSecond : document.downBytesPerSecond,
    up: document.upBytesPerSecond,
    peers: `${connectedPeers}/${knownPeers}`,
    eta: formatDuration(document.etaSeconds),
    ratio: formatRatio(document.uploadedBytes, sizeBytes),
  }
}

export function lineOfJob(job: JobSnapshot): ListLine {
  const { name, doneBytes, totalBytes, doneFiles, totalFiles, bytesPerSecond, isPaused = false } = job
  const files = doneFiles === undefined || totalFiles === undefined ? "" : `, ${doneFilesWords(doneFiles, totalFiles)}`
  return {
    letter: isPaused ? "P" : "H",
    tone: isPaused ? "dim" : "busy",
    isMarked: false,
    isUnseen: false,
    isPrivate: false,
    name: `${listedName(name, totalFiles !== undefined)} (hashing${isPaused ? ", paused" : ""}${files})`,
    // Before it is looked at, its size is unknown.
    size: totalBytes === 0 ? "-" : formatBytes(totalBytes),
    fraction: totalBytes === 0 ? 0 : fractionOf(doneBytes, totalBytes),
    done: totalBytes === 0 ? "-" : formatPercent(doneBytes, totalBytes),
    down: bytesPerSecond,
    up: 0,
    peers: "-",
    eta: formatDuration(bytesPerSecond > 0 ? (totalBytes - doneBytes) / bytesPerSecond : undefined),
    ratio: "-",
  }
}

/** "23.4 MiB/s", or a quiet dash while nothing moves. */
export function rateCell(bytesPerSecond: number): { readonly text: string; readonly tone?: Tone } {
  return bytesPerSecond > 0 ? { text: formatRate(bytesPerSecond) } : { text: "-", tone: "dim" }
}

const LETTERS = { checking: "C", downloading: "D", seeding: "S", paused: "P", failed: "F" } as const
const TONES = { checking: "busy", downloading: "moving", seeding: "good", paused: "dim", failed: "bad" } as const

/** A letter for the state; lower case where it wants to move and can't. */
function stateLetter(document: DocumentSnapshot): string {
  return isWaiting(document) ? "w" : LETTERS[document.state]
}

function stateTone(document: DocumentSnapshot): Tone {
  return isWaiting(document) ? "warn" : TONES[document.state]
}

/** A reason is no warning while bytes flow or when the user paused the document. */
export function whyTone({ state, downBytesPerSecond, upBytesPerSecond }: DocumentSnapshot): Tone {
  if (state === "failed") return "bad"
  return state === "paused" || downBytesPerSecond + upBytesPerSecond > 0 ? "plain" : "warn"
}
