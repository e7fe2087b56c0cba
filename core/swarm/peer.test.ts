import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const CORE = fileURLToPath(new URL("..", import.meta.url))

/** Folders whose code holds peers of a swarm. */
const FOLDERS = ["swarm", "transfer", "document", "client"]

const peerSource = readFileSync(`${CORE}swarm/peer.ts`, "utf8")

/** By the name of the record in a peer, the file whose type it has. */
function ownersOf(source: string): Map<string, string> {
  const fileOfType = new Map<string, string>()
  for (const [, names = "", file = ""] of source.matchAll(/^import \{([^}]*)\} from "\.\/([\w-]+)\.js"$/gm))
    for (const [, type = ""] of names.matchAll(/\btype (\w+)/g)) fileOfType.set(type, `${file}.ts`)
  const owners = new Map<string, string>()
  for (const [, record = "", type = ""] of source.matchAll(/^ {2}readonly (\w+): (\w+)$/gm)) {
    const file = fileOfType.get(type)
    if (file !== undefined) owners.set(record, file)
  }
  return owners
}

/** Every place where something in a record of that name is assigned, or changed by a method of its sets, maps and lists. */
function writesTo(record: string, code: string): string[] {
  const assigned = String.raw`(?:\s*(?:[-+]?=(?!=)|\?\?=)|\+\+|--)`
  const changed = String.raw`\.(?:add|set|delete|clear|push|pop|shift|unshift|splice|remove|note)\(`
  const pattern = new RegExp(String.raw`\b${record}(?:\.\w+)*?(?:\.\w+${assigned}|\.\w+${changed})`, "g")
  return [...code.matchAll(pattern)].map(([text]) => text)
}

it("finds writes of every kind", () => {
  expect(writesTo("asked", "peer.asked.bytes += 2; asked.lastPart = 1; peer.asked.parts.add(part)")).toHaveLength(3)
  expect(writesTo("asked", "peer.asked.bytes++")).toHaveLength(1)
  expect(
    writesTo("asked", "if (peer.asked.bytes === 0 || asked.parts.has(part)) return peer.asked.bytes <= 1"),
  ).toEqual([])
})

it("has records only, and each is written by its owner alone", () => {
  const [, fields = ""] = /interface SwarmPeer \{\n([^}]*)\n\}/.exec(peerSource) ?? []
  expect(fields.split("\n").filter((line) => /^ {2}\w/.test(line) && !line.startsWith("  readonly "))).toEqual([])
  const owners = ownersOf(peerSource)
  expect(owners.size).toBeGreaterThan(10)
  const breaches: string[] = []
  for (const folder of FOLDERS)
    for (const file of readdirSync(`${CORE}${folder}`).filter((name) => /^(?!.*\.test\.).*\.ts$/.test(name))) {
      const code = readFileSync(`${CORE}${folder}/${file}`, "utf8")
      for (const [record, owner] of owners)
        if (folder !== "swarm" || file !== owner)
          breaches.push(...writesTo(record, code).map((text) => `core/${folder}/${file}: ${text}`))
    }
  expect(breaches).toEqual([])
})

it("has one owner for each file's record: what a file owns it writes", () => {
  for (const [record, owner] of ownersOf(peerSource))
    expect(writesTo(record, readFileSync(`${CORE}swarm/${owner}`, "utf8")), `${record} in ${owner}`).not.toEqual([])
})
