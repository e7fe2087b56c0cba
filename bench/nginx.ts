import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { freePort } from "../core/testing/free-port.js"
import { MeteredProgram } from "./metered-program.js"

/** nginx that serves a folder from one process, with sendfile: what a plain HTTP download costs at best. */
export async function nginx(folder: string): Promise<{ readonly program: MeteredProgram; readonly url: string }> {
  const port = await freePort()
  const path = join(folder, "nginx.conf")
  writeFileSync(
    path,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
events {}
http { access_log off; sendfile on; server { listen 127.0.0.1:${port}; root ${folder}; } }
`,
  )
  const program = new MeteredProgram(["nginx", "-p", folder, "-c", path])
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100 && !(await answers(url)); tries++) await delay(20)
  return { program, url }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}
