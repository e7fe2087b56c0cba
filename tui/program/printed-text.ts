import { versionText } from "../base/version.js"
import type { Invocation } from "./cli.js"

/** What an invocation prints that runs no client. */
export async function printedText(invocation: Exclude<Invocation, { kind: "run" | "init" }>): Promise<string> {
  switch (invocation.kind) {
    case "completion":
      return (await import("./completion-script.js")).completionScript(invocation.shell)
    case "documents":
      return (await import("./running-documents.js")).documentLines(invocation.configPath)
    case "help":
      return (await import("./usage.js")).usageText()
    case "version":
      return versionText()
    default:
      return invocation satisfies never
  }
}
