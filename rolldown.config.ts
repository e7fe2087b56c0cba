import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { defineConfig, type Plugin } from "rolldown"

/** `#!` lines make these two programs. */
const PROGRAMS = { "p2p-tui": "tui/start.ts", "p2p-tracker": "tracker/start.ts" }

const PROGRAMS_FOLDER = "dist/bin"

/** Where the programs were till they were bundled: npx keeps its links for a checkout, and would find them not executable. */
const ONCE_PROGRAMS = ["dist/tui/main.js", "dist/tracker/main.js"]

/** Started by path, beside the file that starts them: a thread and a process of their own. */
const STARTED_BY_PATH = { "hash-worker": "core/hashing/hash-worker.ts", "lmdb-check": "tracker/stores/lmdb-check.ts" }

/**
 * The programs with the libraries they use, in a few files: Node takes 1.1 s of CPU to find and read the 600 modules
 * of the screen one by one, and 0.4 s this way. The types and the library (dist/core) come from tsc.
 */
export default defineConfig({
  input: { ...PROGRAMS, ...STARTED_BY_PATH },
  platform: "node",
  // lmdb finds its compiled half by its own place; Ink asks for the devtools only when DEV=true is set.
  external: ["lmdb", "react-devtools-core"],
  // The development build of React costs twice the CPU and leaks memory with every render.
  transform: { define: { "process.env.NODE_ENV": '"production"' } },
  checks: { eval: false, ineffectiveDynamicImport: false },
  output: { dir: PROGRAMS_FOLDER, entryFileNames: "[name].js", chunkFileNames: "[name].js" },
  plugins: [
    fastTextWidth(),
    wholeLines(),
    yogaWithoutFetch(),
    gotWithoutExtras(),
    licences(),
    executable([...Object.keys(PROGRAMS).map((name) => `${PROGRAMS_FOLDER}/${name}.js`), ...ONCE_PROGRAMS]),
  ],
})

/** Ink asks for the width of every word on the screen in every frame: it gets an answer that knows our bars. */
function fastTextWidth(): Plugin {
  const replacement = join(import.meta.dirname, "tui/screen/drawing/text-width.ts")
  return {
    name: "fast-text-width",
    resolveId: (source, importer) => (source === "string-width" && importer !== replacement ? replacement : null),
  }
}

/** Ink's Output takes lines apart into characters: ours leaves them whole. */
function wholeLines(): Plugin {
  const replacement = join(import.meta.dirname, "tui/screen/components/line-output.ts")
  const inkRenderer = /\/node_modules\/ink\/build\/renderer\.js$/
  return {
    name: "whole-lines",
    resolveId: (source, importer = "") => (source === "./output.js" && inkRenderer.test(importer) ? replacement : null),
  }
}

/** Yoga carries its WebAssembly with it as text and fetches that: without `fetch` it decodes it, and Node's HTTP client stays unloaded. */
function yogaWithoutFetch(): Plugin {
  return {
    name: "yoga-without-fetch",
    transform: (code, id) => (/\/yoga-wasm-base64-esm\.js$/.test(id) ? `const fetch = undefined\n${code}` : null),
  }
}

/**
 * got brings HTTP/2, a cache of answers and one of addresses. The tracker client uses none of them, yet they were a third of the
 * CPU that it takes to load it, in every client that starts; got only touches them when its options ask for them.
 */
function gotWithoutExtras(): Plugin {
  const extras = new Set(["http2-wrapper", "cacheable-lookup", "cacheable-request"])
  const absent = "\0absent"
  return {
    name: "got-without-extras",
    resolveId: (source) => (extras.has(source) ? absent : null),
    load: (id) => (id === absent ? "export default class Absent {}\nexport class CacheError extends Error {}" : null),
  }
}

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
