import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { defaultSwarmConfig } from "../swarm/config.js"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** Tracked files, and new ones that git does not ignore. */
const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(ROOT, file)))

const PAGES = FILES.filter((file) => file.endsWith(".md"))

/** Everything that may name a page. */
const TEXTS = FILES.filter((file) => /\.(?:tsx?|mjs|md)$/.test(file))

/** Folders at the top whose files a page may name in backticks. */
const TOP_FOLDERS = ["core", "tracker", "tui", "bench", "manual", "docs", "cfgs", "data", ".ci"]

describe("the documents of the repository", () => {
  it("exist", () => {
    expect(PAGES.length).toBeGreaterThan(20)
  })

  it.each(PAGES)("%s: every relative link leads to a file and to a heading in it", (page) => {
    expect(linksOf(read(page)).filter((link) => !resolves(page, link))).toEqual([])
  })

  it.each(PAGES)("%s: every path in backticks is that of a file", (page) => {
    expect(pathsOf(read(page)).filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it.each(PAGES.filter((page) => page.startsWith("docs/")))("%s is listed in the index", (page) => {
    const listed = linksOf(read("docs/README.md")).map((link) => join("docs", link))
    expect([...listed, "docs/README.md"]).toContain(page)
  })

  it("are named by sources, tests and pages by paths and headings that are there", () => {
    const unknown = TEXTS.flatMap((file) =>
      [...withoutLinks(read(file)).matchAll(/(?<![\w*./-])([\w./-]*[\w-]+\.md)\b(?:#([\w-]+))?/g)]
        .filter(([, path = "", anchor]) => !isPage(file, path, anchor))
        .map(([text]) => `${file}: ${text}`),
    )
    expect(unknown).toEqual([])
  })

  it("know every folder of the sources", () => {
    const folders = new Set(
      FILES.flatMap((file) => /^((?:core|tracker|tui|bench|manual)(?:\/\w+)*)\/[^/]+\.tsx?$/.exec(file)?.[1] ?? []),
    )
    const listed = read("docs/engine/architecture.md")
    expect([...folders].filter((folder) => !listed.includes(`\`${folder}\``))).toEqual([])
  })

  it("give the constants of the code with their values", () => {
    const wrong = policies().filter(({ name, file, value }) => constantsIn(file).get(name) !== value)
    expect(wrong).toEqual([])
  })

  it("give every chosen constant of swarm, wire and announce", () => {
    const listed = new Set(policies().map(({ name, file }) => `${file} ${name}`))
    const files = FILES.filter((file) => /^core\/(?:swarm|wire|announce)\/[^/]+(?<!\.test)\.ts$/.test(file))
    const chosen = files.flatMap((file) => [...constantsIn(file).keys()].map((name) => `${file} ${name}`))
    expect(chosen.filter((each) => !listed.has(each) && !FIXED.test(each))).toEqual([])
  })
})

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8")
}

/** Targets of links and pictures that are no URLs. */
function linksOf(markdown: string): string[] {
  const targets = [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

function resolves(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#")
  const target = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path))
  if (!existsSync(join(ROOT, target))) return false
  return anchor === undefined || anchorsOf(read(target)).has(anchor)
}

/** As GitHub makes them: lower case, punctuation dropped, blanks to hyphens, repeated ones numbered. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ""] of markdown.matchAll(/^#{1,6} (.+)$/gm)) {
    const base = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-")
    let anchor = base
    for (let times = 1; anchors.has(anchor); times++) anchor = `${base}-${times}`
    anchors.add(anchor)
  }
  return anchors
}

/** Texts in backticks that are paths from the top of the repository; none with a placeholder in it. */
function pathsOf(markdown: string): string[] {
  const quoted = [...markdown.matchAll(/`([^`\s]+)`/g)].map(([, text = ""]) => text)
  const isPath = (text: string) => TOP_FOLDERS.some((folder) => text.startsWith(`${folder}/`)) && !/[<>*…]/.test(text)
  return quoted.filter((text) => isPath(text) && !text.endsWith("/")).map((text) => text.replace(/:\d+$/, ""))
}

/** A page is named by its path from the top, in another page also by its path from there. */
function isPage(file: string, path: string, anchor: string | undefined): boolean {
  const candidates = [path, ...(file.endsWith(".md") ? [relative(ROOT, join(ROOT, dirname(file), path))] : [])]
  const target = candidates.find((candidate) => PAGES.includes(candidate))
  return target !== undefined && (anchor === undefined || anchorsOf(read(target)).has(anchor))
}

function withoutLinks(text: string): string {
  return text.replace(/\[[^\]]*\]\([^)\s]+\)/g, "").replace(/https?:\/\/\S+/g, "")
}

function withoutCode(markdown: string): string {
  return markdown.replace(/`[^`\n]*`/g, "``")
}

interface Policy {
  readonly name: string
  readonly file: string
  readonly value: number
}

/** "| `turnMs` | 30 s | `core/swarm/config.ts` | reason |" */
function policies(): Policy[] {
  const rows = read("docs/engine/policies.md").matchAll(/^\| `(\w+)` \| (\S+)(?: (\S+))? \| `(\S+)` \|/gm)
  return [...rows].map(([, name = "", digits = "", unit = "", file = ""]) => {
    // In the unit that the constant's name states.
    const value = Number(digits.replaceAll(",", "")) * (UNITS[unit] ?? Number.NaN)
    return { name, file, value: name.endsWith("_SECONDS") ? value / 1_000 : value }
  })
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ "": 1, ms: 1, s: 1_000, min: 60_000, h: 3_600_000, KiB: 1024, MiB: 1024 ** 2 },
}

/** Sizes of formats, places in them, ids and bits; a constant that another one gives; signs that stand for nothing. */
const FIXED =
  /_OFFSET$|_ID$|_BIT$|_AT$|(?:PREFIX|HEADER|FIELD|HANDSHAKE|HASH|ID|NONCE|COMPACT[46]|MESSAGE)_BYTES$|FIRST_BYTE$|STANDARD_BLOCK_BYTES|FLAG_|ABSENT|ALLOWED_FAST_COUNT|CREDIT_MS_PER|MOST_USED_MS/

/** Constants of numbers in a file, and the defaults of the swarm. */
function constantsIn(file: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>(file === "core/swarm/config.ts" ? Object.entries(defaultSwarmConfig) : [])
  for (const [, name = "", terms = ""] of read(file).matchAll(
    /^(?:export )?const (\w+) = ([\d_.]+(?: \* [\d_.]+)*)$/gm,
  ))
    found.set(
      name,
      terms
        .split(" * ")
        .map((term) => Number(term.replaceAll("_", "")))
        .reduce((product, factor) => product * factor),
    )
  return found
}
