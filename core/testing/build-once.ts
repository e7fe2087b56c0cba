import { execFileSync } from "node:child_process"

/** vitest globalSetup: compiles the programs into dist/, where worker threads and end-to-end tests find them. */
export default function buildOnce(): void {
  execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" })
}
