import { join } from "node:path"
import type { Plugin } from "rolldown"

/**
 * Every change that the bundle makes to code of others. Each names what upstream says about it; patches.test.ts fails when upstream changes
 * the code that a patch relies on, and ink and got are pinned to exact versions. `tui`: absolute path of the folder tui/.
 */
export const patches = (tui: string): Plugin[] => [
  fastTextWidth(join(tui, "screen/drawing/text-width.ts")),
  wholeLines(join(tui, "patches/line-output.ts")),
  addressedRows(join(tui, "patches/addressed-rows.ts")),
  yogaAtOnce(),
  inkWithoutDevtools(),
  gotWithoutExtras(),
  listsWhenUsed(),
]

/**
 * Ink asks for the width of every word on the screen in every frame; the replacement knows the characters of this screen.
 * Upstream: https://github.com/sindresorhus/string-width/issues/71 (a fast path for ASCII alone).
 */
function fastTextWidth(replacement: string): Plugin {
  return {
    name: "fast-text-width",
    resolveId: (source, importer) => (source === "string-width" && importer !== replacement ? replacement : null),
  }
}

/**
 * Ink's Output splits lines into characters and joins them again in every frame; the replacement keeps lines whole.
 * Upstream: https://github.com/vadimdemedes/ink/issues/560 and https://github.com/vadimdemedes/ink/pull/835 (a cache, still by character).
 */
function wholeLines(replacement: string): Plugin {
  const inkRenderer = /\/node_modules\/ink\/build\/renderer\.js$/
  return {
    name: "whole-lines",
    resolveId: (source, importer = "") => (source === "./output.js" && inkRenderer.test(importer) ? replacement : null),
  }
}

/**
 * Ink's log-update counts the lines that it has drawn to find its way back; the replacement addresses every row.
 * Upstream: https://github.com/vadimdemedes/ink/issues/748 (an emoji whose width Ink and the terminal see differently).
 */
function addressedRows(replacement: string): Plugin {
  const ink = /\/node_modules\/ink\/build\/ink\.js$/
  return {
    name: "addressed-rows",
    resolveId: (source, importer = "") => (source === "./log-update.js" && ink.test(importer) ? replacement : null),
  }
}

/**
 * Yoga carries its WebAssembly as base64 text and waits for its compilation as it loads, which no CommonJS module can. Here it is compiled
 * at once; Node's HTTP client, with which Yoga would read the text, stays unloaded.
 * Upstream: https://github.com/react/yoga/pull/1793 (WebAssembly as a file of its own, open).
 */
function yogaAtOnce(): Plugin {
  return {
    name: "yoga-at-once",
    transform(code, id) {
      if (/\/yoga-layout\/dist\/src\/index\.js$/.test(id))
        return code.replace("import loadYoga from", "import { loadNow } from").replace("await loadYoga()", "loadNow()")
      if (!/\/yoga-wasm-base64-esm\.js$/.test(id)) return null
      const [text = ""] = /(?<="data:application\/octet-stream;base64,)[^"]+/.exec(code) ?? []
      return `${code.replace(text, "")}\n${LOAD_NOW}\nconst YOGA_BASE64 = "${text}"`
    },
  }
}

/** Emscripten's `instantiateWasm`, see https://emscripten.org/docs/api_reference/module.html */
const LOAD_NOW = `export function loadNow() {
  const instantiateWasm = (imports, onInstance) => {
    onInstance(new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(YOGA_BASE64, "base64")), imports))
    return {}
  }
  const yoga = { instantiateWasm }
  loadYoga(yoga)
  return yoga
}`

/**
 * With DEV=true Ink waits for React's devtools as it loads, which no CommonJS module can; they are not installed with this program.
 * Upstream: https://github.com/vadimdemedes/ink/issues/384 (why Ink asks for them only then).
 */
function inkWithoutDevtools(): Plugin {
  return {
    name: "ink-without-devtools",
    transform: (code, id) =>
      /\/node_modules\/ink\/build\/reconciler\.js$/.test(id)
        ? code.replace(/^if \(isDev\(\)\) \{\n.*?^\}$/ms, "").replace("? await loadPackageJson()", "? {}")
        : null,
  }
}

/** Packages of got for HTTP/2, cached answers and cached addresses. The tracker client sets none of the options that use them. */
export const GOT_EXTRAS: ReadonlySet<string> = new Set(["http2-wrapper", "cacheable-lookup", "cacheable-request"])

/**
 * got's extras take a third of the CPU that loading the tracker client costs at each start.
 * Upstream: https://github.com/sindresorhus/got/issues/491 (fewer dependencies are no goal of got).
 */
function gotWithoutExtras(): Plugin {
  const absent = "\0absent"
  return {
    name: "got-without-extras",
    resolveId: (source) => (GOT_EXTRAS.has(source) ? absent : null),
    load: (id) => (id === absent ? "export default class Absent {}\nexport class CacheError extends Error {}" : null),
  }
}

/**
 * The checks of types that got uses make two formats for the words of their errors as they load. The first format of a process loads a part
 * of ICU: 25 ms of CPU at the start of every program. Here a format is made when an error is worded.
 * Upstream: https://github.com/sindresorhus/is (not reported).
 */
function listsWhenUsed(): Plugin {
  return {
    name: "lists-when-used",
    transform: (code, id) =>
      /\/@sindresorhus\/is\/distribution\/index\.js$/.test(id)
        ? code.replaceAll(/new (Intl\.ListFormat\([^)]*\))/g, "{ format: (list) => new $1.format(list) }")
        : null,
  }
}
