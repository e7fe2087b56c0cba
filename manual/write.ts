import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { clientPage } from "./client-page.js"
import { releaseDate } from "./release-date.js"
import { roffOf } from "./roff.js"
import { trackerPage } from "./tracker-page.js"

/** Of the package; this file runs compiled, in dist/manual. */
const ROOT = new URL("../../", import.meta.url)

const { version } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as { readonly version: string }
// Not of the clock: one source gives one package.
const date = releaseDate(readFileSync(new URL("CHANGELOG.md", ROOT), "utf8"), version)

mkdirSync(new URL("dist/man/", ROOT), { recursive: true })
for (const page of [clientPage(version, date), trackerPage(version, date)])
  writeFileSync(new URL(`dist/man/${page.name}.1`, ROOT), roffOf(page))
