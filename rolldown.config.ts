import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { defineConfig, type Plugin, type RolldownOptions } from "rolldown"
import { patches } from "./tui/patches/patches.js"

/** `#!` lines make these two programs. */
const PROGRAMS = { "p2p-tui": "tui/start.ts", "p2p-tracker": "tracker/start.ts" }

const PROGRAMS_FOLDER = "dist/bin"

const TUI = join(import.meta.dirname, "tui")

/** Where the programs were till they were bundled: npx keeps its links for a checkout, and would find them not executable. */
const ONCE_PROGRAMS = ["dist/tui/main.js", "dist/tracker/main.js"]

/** A process of its own, started by its path beside the file that starts it. */
const PROCESSES = { "lmdb-check": "tracker/stores/lmdb-check.ts" }

/** Likewise, a thread (`workerUrl` in core/hashing/hash-thread.ts). */
const THREADS = { "hash-worker": "core/hashing/hash-worker.ts" }

/** The screen with a fake client, for tests in a pseudo-terminal and to look at: with the same patches as the programs. */
const TESTED = { "still-screen": "tui/testing/still-screen.ts", demo: "tui/testing/demo.ts" }

/** Our modules do nothing by being loaded, but for `main` and the one that records the parent; so core/index.ts brings only what is used of it. */
const OWN_MODULE = /^(?!.*\/node_modules\/).*\/(core|tracker|tui)\/(?!main\.|base\/npx-parent\.)/

const SHARED: RolldownOptions = {
  platform: "node",
  // It finds its compiled half by its own place.
  external: ["lmdb"],
  // The development build of React costs twice the CPU and leaks memory with every render.
  transform: { define: { "process.env.NODE_ENV": '"production"' } },
  treeshake: { moduleSideEffects: [{ test: OWN_MODULE, sideEffects: false }] },
  checks: { eval: false, ineffectiveDynamicImport: false },
}

/**
 * The programs with the libraries they use, in a few files: Node takes 1.1 s of CPU to find and read the 600 modules
 * of the screen one by one, and 0.4 s this way. The types and the library (dist/core) come from tsc.
 */
export default defineConfig([
  {
    ...SHARED,
    input: { ...PROGRAMS, ...PROCESSES },
    output: { dir: PROGRAMS_FOLDER, entryFileNames: "[name].js", chunkFileNames: "[name].js", format: "cjs" },
    plugins: [
      patches(TUI),
      licences(),
      commonJs(),
      withoutOldFiles(),
      executable([...Object.keys(PROGRAMS).map((name) => `${PROGRAMS_FOLDER}/${name}.js`), ...ONCE_PROGRAMS]),
    ],
  },
  {
    ...SHARED,
    input: THREADS,
    output: { dir: PROGRAMS_FOLDER, entryFileNames: "[name].cjs", format: "cjs" },
  },
  {
    ...SHARED,
    input: TESTED,
    output: { dir: "dist/tested", entryFileNames: "[name].js", chunkFileNames: "[name].js" },
    plugins: [patches(TUI)],
  },
])

/** The licence texts of everything that is bundled, as those licences ask for. */
function licences(): Plugin {
  return {
    name: "licences",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []))
      const folders = new Set(modules.flatMap((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []))
      const texts = [...folders].sort().map(licenceOf)
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY-LICENSES.txt", source: texts.join("\n") })
    },
  }
}

/** Has Node take this folder's files for CommonJS: a download starts with a fifth less CPU this way than as ES modules. */
function commonJs(): Plugin {
  return {
    name: "common-js",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "package.json", source: `${JSON.stringify({ type: "commonjs" })}\n` })
    },
  }
}

/** Deletes programs' files of an earlier build: tests would take them for part of this one. */
function withoutOldFiles(): Plugin {
  return {
    name: "without-old-files",
    writeBundle(_options, bundle) {
      const old = readdirSync(PROGRAMS_FOLDER).filter((name) => name.endsWith(".js") && !(name in bundle))
      for (const name of old) rmSync(join(PROGRAMS_FOLDER, name))
    },
  }
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/** Its licence and notice files; the standard text of its licence where it brings none. Throws where that is not known. */
function licenceOf(folder: string): string {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const names = readdirSync(folder)
  const files = [/^(licen[cs]e|copying)/i, /^notice/i].flatMap(
    (wanted) => names.find((name) => wanted.test(name)) ?? [],
  )
  const found = files.map((name) => readFileSync(join(folder, name), "utf8"))
  const hasLicence = files.some((name) => !/^notice/i.test(name))
  const text = [...(hasLicence ? [] : [standardTextOf(manifest)]), ...found].join("\n")
  return `${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})\n\n${text}\n${"-".repeat(80)}\n`
}

function standardTextOf({ name, license }: Manifest): string {
  if (license !== "MIT") throw new Error(`${name} is bundled and brings no licence text (${license})`)
  return `The package brings no text of its licence; this is the one that it names.\n\nCopyright (c) the authors of ${name}\n\n${MIT_TEXT}`
}

/** SPDX: MIT. */
const MIT_TEXT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files
(the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge,
publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

function executable(programs: readonly string[]): Plugin {
  return {
    name: "executable",
    writeBundle() {
      for (const path of programs) {
        if (existsSync(path)) chmodSync(path, 0o755)
      }
    },
  }
}
