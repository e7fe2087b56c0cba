import { env } from "node:process"
import type { Failure, Report } from "../commands/report.js"

/** Set for the process in the background, which is the same program. */
export const DAEMON_MARK = "P2P_TUI_DAEMON"

/** What the process in the background says to the one in the foreground. */
export type DaemonMessage =
  | { readonly kind: "serving"; readonly reports: readonly Report[] }
  | { readonly kind: "refused"; readonly failures: readonly Failure[] }

/** This process is the one in the background. */
export function isDaemon(): boolean {
  return env[DAEMON_MARK] === "1" && process.send !== undefined
}

/** Tells the process in the foreground, which then ends, why there is no client. */
export function tellRefused(failures: readonly Failure[]): void {
  sendToForeground({ kind: "refused", failures })
}

/** A message is the last one. */
export function sendToForeground(message: DaemonMessage): void {
  // The process in the foreground may have gone meanwhile, which changes nothing.
  process.send?.(message, undefined, undefined, () => {
    if (process.connected) process.disconnect()
  })
}
