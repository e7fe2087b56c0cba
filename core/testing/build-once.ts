import { execFileSync } from "node:child_process"

/** vitest globalSetup: compiles the programs into dist/, where worker threads and end-to-end tests find them. CI has built them (`.ci/run`). */
export default function buildOnce(): void {
  if (process.env["P2P_TUI_IS_BUILT"] === "1") return
  execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" })
}
