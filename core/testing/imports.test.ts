import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** Who may import whom (docs/engine/architecture.md#layers): in files under `from`, an import that matches `never` is a breach, unless `but` allows it. */
const RULES: readonly { from: RegExp; never: RegExp; but?: RegExp; why: string }[] = [
  {
    from: /^core\/(swarm|wire\/(decode|encode|messages|handshake|extension-handshake|frame-|parse-|peer-id)|announce\/(schedule|peer-filter))/,
    never: /^(node:|got$|pino$|micro$)/,
    why: "decisions and codecs are pure: no socket, disk, clock or chance of their own",
  },
  { from: /^core\/swarm\//, never: /^node:/, why: "the swarm's decisions are pure" },
  {
    from: /^core\/document\//,
    never: /^(node:|core\/(client|store|hashing|announce|wire|swarm)\/)/,
    why: "a document's life is decided without disk, socket or clock",
  },
  {
    from: /^core\/swarm\//,
    never: /^core\/(client|store|hashing|announce)\//,
    why: "the swarm knows nothing of what carries it out",
  },
  {
    from: /^core\/(torrent|store|hashing|wire|announce)\//,
    never: /^core\/client\//,
    why: "parts know nothing of the whole",
  },
  {
    from: /^core\/(?!wire\/|testing\/|store\/lock-socket)/,
    never: /^node:(net|tls|dgram)$/,
    why: "only the connection files touch sockets, and the lock that a socket of this machine proves",
  },
  { from: /^core\/(?!announce\/)/, never: /^got$/, why: "only the announce client touches got" },
  { from: /^core\//, never: /^(tui|tracker)\//, why: "nothing imports tui/ or tracker/" },
  { from: /^tracker\//, never: /^tui\//, why: "nothing imports tui/" },
  {
    from: /^tracker\//,
    never: /^core\//,
    but: /^core\/(announce\/|errors|errno-words|clock|display|bencode|make-folder|home-folder|node-version|hangup|npx-parent)/,
    why: "tracker/ may import announce shapes, errors, clock, text, folders and what a program starts with of core/, nothing else of it",
  },
  { from: /^tui\/(?!embedded-tracker|e2e\/)/, never: /^tracker\//, why: "only the embedded start imports tracker/" },
  {
    from: /^tui\/(?!e2e\/)/,
    never: /^core\/(?!index|node-version|hangup|npx-parent)/,
    why: "tui/ imports core/index.ts only, and before that what a program starts with",
  },
  { from: /^(?!tui\/screen\/)/, never: /^(react|ink|ink-text-input)$/, why: "only the screen draws" },
]

/** Looking at the text of an address opens no socket. */
const ADDRESS_CHECKS = /^import \{[ ,]*(?:(?:isIP|isIPv4|isIPv6|BlockList)[ ,]*)+\} from "node:net"/

interface Import {
  readonly from: string
  readonly target: string
}

describe("who may import whom", () => {
  const imports = sources(ROOT).flatMap(importsOf)

  it("reads the tree at all", () => {
    expect(imports.length).toBeGreaterThan(200)
  })

  it.each(RULES)("$from never imports $never: $why", ({ from, never, but }) => {
    const breaches = imports.filter(
      (each) => from.test(each.from) && never.test(each.target) && !but?.test(each.target),
    )
    expect(breaches).toEqual([])
  })
})

/** Every TypeScript source of the programs; tests may import what they test. */
function sources(root: string): string[] {
  return ["core", "tracker", "tui"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|\/testing\//.test(name)),
  )
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8")
  const found = text.matchAll(/^(?:import|export)\s[^"]*?from "([^"]+)"|import\("([^"]+)"\)|^import "([^"]+)"/gm)
  return [...found]
    .filter(([clause]) => !ADDRESS_CHECKS.test(clause))
    .map(([, first, second, third]) => ({
      from: file,
      target: resolved(file, first ?? second ?? third ?? ""),
    }))
}

function resolved(file: string, specifier: string): string {
  return specifier.startsWith(".") ? relative(ROOT, join(ROOT, dirname(file), specifier)) : specifier
}
