import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { GOT_EXTRAS } from "./patches.js"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8")
const modulesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js"))
    .map((name) => read(join(folder, name)))

const found = (texts: readonly string[], pattern: RegExp): string[] =>
  [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([whole]) => whole)))].sort()

/** The bundled programs, after `npm run build`. */
const BUNDLE = modulesOf("dist/bin")

describe("what the patches rely on", () => {
  const ink = modulesOf("node_modules/ink/build")

  it.each(["ink", "got"])("%s is pinned to the version that is installed", (name) => {
    const manifest: { dependencies: Record<string, string> } = JSON.parse(read("package.json"))
    const installed: { version: string } = JSON.parse(read(`node_modules/${name}/package.json`))
    expect(manifest.dependencies[name]).toBe(installed.version)
  })

  it("Ink makes and asks an Output as LineOutput expects it", () => {
    expect(found(ink, /(?<=^import )Output from '[^']+'/gm)).toEqual(["Output from './output.js'"])
    expect(
      found([read("node_modules/ink/build/renderer.js")], /Output\.get\(\)|output\.get\(\)|new Output\(\{/g),
    ).toEqual(["Output.get()", "new Output({", "output.get()"])
    expect(found(ink, /(?<![\w.])output\.(?!map|push|split)\w+\(/g)).toEqual([
      "output.clip(",
      "output.get(",
      "output.unclip(",
      "output.write(",
    ])
  })

  it("Ink makes and asks its log-update as AddressedRows expects it", () => {
    expect(found(ink, /^import .* from '\.\/log-update\.js'/gm)).toEqual(["import logUpdate from './log-update.js'"])
    expect(found(ink, /logUpdate\.\w+\(options\.stdout/g)).toEqual(["logUpdate.create(options.stdout"])
    expect(found(ink, /(?<=this\.log\.)\w+(?=\()/g)).toEqual([
      "clear",
      "done",
      "isCursorDirty",
      "setCursorPosition",
      "sync",
      "willRender",
    ])
  })

  it("the screen asks Ink for nothing that LineOutput lacks: no clipping, border or background", () => {
    const components = readdirSync(join(ROOT, "tui/screen/components")).map((name) =>
      read(`tui/screen/components/${name}`),
    )
    expect(found(components, /overflow\w*=|border\w*=|backgroundColor=/g)).toEqual([])
  })

  it("Ink and what it loads take the width of a text from the default export of string-width", () => {
    const users = ["ink/build", "cli-truncate", "wrap-ansi", "widest-line"].flatMap((name) =>
      modulesOf(`node_modules/${name}`),
    )
    expect(found(users, /^import .* from 'string-width'/gm)).toEqual(["import stringWidth from 'string-width'"])
  })

  it("Yoga loads its WebAssembly in one place, from one text, and lets a caller instantiate it", () => {
    expect(
      found([read("node_modules/yoga-layout/dist/src/index.js")], /^import .* from .*yoga-wasm.*$|await .*$/gm),
    ).toEqual(["await loadYoga());", "import loadYoga from '../binaries/yoga-wasm-base64-esm.js';"])
    const yoga = read("node_modules/yoga-layout/dist/binaries/yoga-wasm-base64-esm.js")
    expect(yoga.match(/"data:application\/octet-stream;base64,[^"]+"/g)).toHaveLength(1)
    // Emscripten takes what is given to it for its module, and asks that for the instance before it does anything else for it.
    expect(
      found([yoga], /h=typeof loadYoga !== 'undefined' \? loadYoga : \{\}|return h\.instantiateWasm\(\w,\s*\w\)/g),
    ).toHaveLength(2)
  })

  it("Ink waits for its devtools and for its own manifest, and for nothing else", () => {
    expect(found(ink, /^(?: {4}| {8})?(?:\? )?await .*$/gm)).toEqual([
      "        await import('./devtools.js');",
      "    ? await loadPackageJson()",
    ])
  })

  it("got takes from its extras what the stand-in has, and constructs them only when an option asks", () => {
    const got = modulesOf("node_modules/got/dist/source")
    const imports = found(got, /^import .* from '(?:http2-wrapper|cacheable-lookup|cacheable-request)'/gm)
    expect(imports).toEqual([
      "import CacheableLookup from 'cacheable-lookup'",
      "import CacheableRequest, { CacheError as CacheableCacheError, } from 'cacheable-request'",
      "import http2wrapper from 'http2-wrapper'",
    ])
    expect(imports).toHaveLength(GOT_EXTRAS.size)
    expect(
      found(got, /^.*(?:new Cacheable\w+\(|extends Cacheable\w+|(?<!\[`)http2wrapper\.\w+).*$/gm).map((line) =>
        line.trim(),
      ),
    ).toEqual([
      "http2: internals.agent.http2 ?? http2wrapper.globalAgent,",
      "return http2wrapper.auto;",
      "const cacheableRequest = new CacheableRequest(((requestOptions, handler) => {",
      "globalDnsCache = new CacheableLookup();",
    ])
  })
})

describe("the checks of types that got uses", () => {
  const checks = read("node_modules/@sindresorhus/is/distribution/index.js")

  it("make two formats for lists and only call their method format", () => {
    expect(found([checks], /^const \w+ = new Intl\.ListFormat\(/gm)).toEqual([
      "const andFormatter = new Intl.ListFormat(",
      "const orFormatter = new Intl.ListFormat(",
    ])
    expect(found([checks], /(?:andFormatter|orFormatter)\.\w+\(?/g)).toEqual([
      "andFormatter.format(",
      "orFormatter.format(",
    ])
  })

  it("make none of them as a program loads", () => {
    const formats = found(BUNDLE, /^.*new Intl\.ListFormat\(.*$/gm)
    expect(formats.map((line) => line.slice(0, line.indexOf("new")))).toEqual([
      "const andFormatter = { format: (list) => ",
      "const orFormatter = { format: (list) => ",
    ])
  })
})

describe("the bundled programs", () => {
  it.each(["OutputCaches", "CacheableRequest", "CacheableLookup"])("are without %s", (name) => {
    const packages = ["ink/build", "got/dist/source", "cacheable-request/dist", "cacheable-lookup/source"]
    const upstream = packages.flatMap((folder) => modulesOf(`node_modules/${folder}`))
    expect(upstream.some((text) => text.includes(name))).toBe(true)
    const definition = new RegExp(`\\b(?:class ${name}|${name} = class)\\b`)
    expect(BUNDLE.filter((text) => definition.test(text))).toEqual([])
  })

  it("are CommonJS, which costs less to load than ES modules", () => {
    expect(BUNDLE.filter((text) => /^(?:import (?:.* from )?"|export [{*])/m.test(text))).toEqual([])
  })

  it("have Yoga ready as soon as it is loaded", () => {
    expect(BUNDLE.filter((text) => /YOGA_BASE64 = "[^"]/.test(text))).toHaveLength(1)
  })

  it("are without React's devtools", () => {
    expect(BUNDLE.filter((text) => text.includes("react-devtools-core"))).toEqual([])
  })

  it("draw with LineOutput", () => {
    expect(BUNDLE.filter((text) => /\bLineOutput = class\b/.test(text))).toHaveLength(1)
  })

  it("address rows instead of counting lines [U3]", () => {
    expect(BUNDLE.filter((text) => text.includes("createIncremental"))).toEqual([])
    expect(BUNDLE.filter((text) => text.includes("patches/addressed-rows.ts"))).toHaveLength(1)
  })
})
