import { homedir, userInfo } from "node:os"
import { ConfigError } from "./errors.js"

/**
 * The user's home folder, an absolute path. HOME may be unset, empty or relative, and the user may be missing in the system's list, as in
 * some containers.
 * @param wanted the purpose of the folder, for the message
 * @throws ConfigError "no_home"
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
