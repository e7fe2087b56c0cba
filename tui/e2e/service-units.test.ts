import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { areInstalled } from "./foreign-programs.js"

let folder: string
inTemporaryFolder((path) => {
  folder = path
})

/** The lines of the first block of code in a page that begins with this comment, as a file. */
function fileIn(page: string, comment: string): string {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8")
  const lines = text.slice(text.indexOf(`    ${comment}\n`)).split("\n")
  const end = lines.findIndex((line) => line !== "" && !line.startsWith("    "))
  return `${lines
    .slice(0, end)
    .map((line) => line.slice(4))
    .join("\n")}\n`
}

it.skipIf(!areInstalled("systemd-analyze")).each([
  { page: "docs/user/running.md", comment: "# ~/.config/systemd/user/p2p-tui.service", options: ["--user"] },
  { page: "docs/tracker/operating.md", comment: "# /etc/systemd/system/p2p-tracker.service", options: [] },
])("systemd understands every line of the unit in $page", async ({ page, comment, options }) => {
  const name = comment.split("/").at(-1) ?? ""
  const unit = fileIn(page, comment)
  expect(unit).toContain("[Service]\n")
  // The programs of the page are not installed here.
  writeFileSync(join(folder, name), unit.replaceAll(/\/usr\/local\/bin\/\S+/g, "/bin/true"))
  mkdirSync(join(folder, "runtime"), { mode: 0o700 })
  const { stdout, stderr } = await promisify(execFile)("systemd-analyze", [...options, "verify", join(folder, name)], {
    env: { ...process.env, XDG_RUNTIME_DIR: join(folder, "runtime") },
  })
  expect(`${stdout}${stderr}`).toBe("")
})
