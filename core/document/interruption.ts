import { CommandError } from "../base/errors.js"

/** What a command is told that waited for a download which has stopped. `name`: of its document. */
export function interruption(name: string, by: "pause" | "close"): CommandError {
  const what = by === "pause" ? `${name} was paused` : `the download of ${name} was interrupted`
  return new CommandError("interrupted", `${what}; it can be resumed`)
}
