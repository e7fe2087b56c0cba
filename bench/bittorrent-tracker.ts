import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const VERSION = "11.2.3"

/** Its HTTP tracker alone, on a free port. */
const PROGRAM = `
import Server from "bittorrent-tracker/server"
const server = new Server({ udp: false, ws: false, http: true, stats: false })
server.on("error", (error) => { throw error })
server.on("warning", () => {})
server.listen(0, "127.0.0.1", () => console.log("listens on http://127.0.0.1:" + server.http.address().port))
`

/** The program that runs Node's other tracker. Installed into a folder of its own: this project has no use for it. */
export async function installBittorrentTracker(): Promise<string> {
  const folder = join(tmpdir(), `p2p-tui-bench-bittorrent-tracker-${VERSION}`)
  const program = join(folder, "tracker.mjs")
  if (!existsSync(join(folder, "node_modules"))) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, "package.json"), "{}")
    // Its parts for WebRTC would be compiled; an HTTP tracker needs none of them.
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    await promisify(execFile)("npm", ["install", ...options, `bittorrent-tracker@${VERSION}`], { cwd: folder })
  }
  await writeFile(program, PROGRAM)
  return program
}
