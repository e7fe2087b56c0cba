import { homedir, userInfo } from "node:os"
import { ConfigError } from "./errors.js"

/**
 * The user's home folder, an absolute path. HOME may be unset, empty or relative, and the user may have no entry in the system's list, as in
 * some containers: throws a ConfigError "no_home" then, which names `wanted`, what the home folder was to be used for.
 */
export function homeFolder(wanted: string): string {
  try {
    const home = process.env["HOME"]
    const folder = home === undefined || home.startsWith("/") ? homedir() : userInfo().homedir
    if (folder.startsWith("/") || process.platform === "win32") return folder
  } catch {
    // Reported below, whatever the system error was.
  }
  throw new ConfigError("no_home", `${wanted}: this user has no home folder; set HOME, or write a path without ~`)
}
