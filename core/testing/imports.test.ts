import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/**
 * The folders from the ground up: a file imports from its own folder and from folders of lines above it (docs/engine/architecture.md#layers).
 * Folders of one line do not know each other.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["core/base"],
  ["core/address", "core/api", "core/torrent"],
  ["core/announce", "core/hashing", "core/life", "core/meeting", "core/wire/codec"],
  ["core/store", "core/swarm", "core/wire/connection"],
  ["core/library", "core/transfer", "core/wire/calls"],
  ["core/document"],
  ["core/upload"],
  ["core/client"],
  ["core"],
  ["tracker/base"],
  ["tracker/peers"],
  ["tracker/http", "tracker/stores"],
  ["tracker/program"],
  ["tracker"],
  ["tui/base", "tui/screen/drawing"],
  ["tui/words"],
  ["tui/commands", "tui/config", "tui/patches", "tui/screen/terminal"],
  ["tui/control"],
  ["tui/lines", "tui/program", "tui/screen/state"],
  ["tui/screen/keys"],
  ["tui/screen/views"],
  ["tui/screen/input"],
  ["tui/screen/components"],
  ["tui/screen"],
  ["tui"],
]

/** What the order alone does not say. In files under `from`, an import that matches `never` is a breach, unless `but` allows it. */
const RULES: readonly { from: RegExp; never: RegExp; but?: RegExp; why: string }[] = [
  {
    from: /^core\/(swarm|life|wire\/codec|announce\/(schedule|peer-filter))/,
    never: /^(node:|got$|pino$|micro$)/,
    but: /^node:crypto$/,
    why: "decisions and codecs are pure: no socket, disk, clock or randomness of their own",
  },
  {
    from: /^core\/life\//,
    never: /^core\/(?!base|life|torrent)/,
    why: "a document's life is decided without disk, socket or clock",
  },
  {
    from: /^core\/swarm\//,
    never: /^core\/(store|hashing|announce)\//,
    why: "the swarm knows nothing of what carries it out",
  },
  {
    from: /^core\/(?!wire\/|testing\/|store\/lock-socket|meeting\/lan-network|announce\/udp-exchange)/,
    never: /^node:(net|tls|dgram)$/,
    why: "only the connection files touch sockets, the lock that a socket of this machine proves, the local network and UDP trackers",
  },
  {
    from: /^tui\/(?!control\/)/,
    never: /^node:(net|tls|dgram)$/,
    why: "only the socket for other processes of this user is tui's own",
  },
  { from: /^core\/(?!announce\/)/, never: /^got$/, why: "only the announce client touches got" },
  {
    from: /^tracker\//,
    never: /^core\//,
    but: /^core\/(announce|address|base)\//,
    why: "the tracker shares the shapes of announces, addresses and what every program needs with the engine, nothing else",
  },
  {
    from: /^tui\/(?!program\/embedded-tracker|e2e\/)/,
    never: /^tracker\//,
    why: "only the embedded start imports tracker/",
  },
  {
    from: /^tui\/(?!e2e\/)/,
    never: /^core\//,
    but: /^core\/(index|base\/(node-version|hangup|npx-parent))/,
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

describe("the folders that a file may import", () => {
  const imports = sources(ROOT).flatMap(importsOf)

  it("reads the tree", () => {
    expect(imports.length).toBeGreaterThan(200)
  })

  it.each(LAYERS.flat())("%s imports from folders below it only", (folder) => {
    const below = new Set(
      LAYERS.slice(
        0,
        LAYERS.findIndex((layer) => layer.includes(folder)),
      ).flat(),
    )
    const upward = imports
      .filter(({ from, target }) => dirname(from) === folder && /^(core|tracker|tui)\//.test(target))
      .filter(({ target }) => dirname(target) !== folder && !below.has(dirname(target)))
    expect(upward).toEqual([])
  })

  it("has a place for every folder of the programs", () => {
    const folders = new Set(imports.map(({ from }) => dirname(from)).filter((folder) => !folder.endsWith("/e2e")))
    expect([...folders].sort()).toEqual(LAYERS.flat().sort())
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
