import { CommandError } from "../base/errors.js"

/** The error of a command that waited for a download, which has stopped. `name`: of the document. */
export function interruption(name: string, by: "pause" | "close"): CommandError {
  const what = by === "pause" ? `${name} was paused` : `the download of ${name} was interrupted`
  return new CommandError("interrupted", `${what}; it can be resumed`)
}
