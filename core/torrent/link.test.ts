import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CommandError } from "../base/errors.js"
import { formatLink, type Link, type OpenLink, type PrivateLink } from "./link.js"
import { isLink, MAX_LINK_CHARACTERS, parseLink } from "./parse-link.js"

const HASH = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"
const INFO_HASH = Uint8Array.from({ length: 20 }, (_, index) => 200 + index)
const HEX = Buffer.from(INFO_HASH).toString("hex")

const open: OpenLink = {
  kind: "open",
  infoHash: INFO_HASH,
  name: "disc 1 & more.iso",
  sizeBytes: 1_234,
  trackers: [`http://tracker.lab:5000/announce?hash=${HASH}`],
  peers: ["10.0.0.5:7001", "[2001:db8::1]:7001", "node1.lab:7001"],
}

const secret: PrivateLink = {
  kind: "private",
  id: HASH,
  secret: Uint8Array.from({ length: 32 }, (_, index) => index),
  infoDigest: Uint8Array.from({ length: 20 }, (_, index) => 255 - index),
  name: "it's (new)!",
  sizeBytes: 0,
  trackers: ["http://tracker.lab:5000"],
  peers: [],
}

const PRIVATE_TEXT = formatLink(secret)
const KEY = PRIVATE_TEXT.slice(PRIVATE_TEXT.indexOf("#") + 1)

function refusal(text: string): string {
  try {
    parseLink(text)
  } catch (error) {
    if (error instanceof CommandError && error.code === "bad_link") return error.message
    throw error
  }
  throw new Error("it was read")
}

describe("a link", () => {
  it("of an open document is a magnet link", () => {
    expect(formatLink(open)).toBe(
      `magnet:?xt=urn:btih:${HEX}&dn=disc%201%20%26%20more.iso&xl=1234` +
        `&tr=http%3A%2F%2Ftracker.lab%3A5000%2Fannounce%3Fhash%3D${HASH}` +
        "&x.pe=10.0.0.5:7001&x.pe=[2001:db8::1]:7001&x.pe=node1.lab:7001",
    )
  })

  it("of a private document has all that is secret behind #, 70 characters", () => {
    expect(KEY).toMatch(/^[A-Za-z0-9_-]{70}$/)
    expect(PRIVATE_TEXT).toBe(`p2p-tui:${HASH}?dn=it%27s%20%28new%29%21&xl=0&tr=http%3A%2F%2Ftracker.lab%3A5000#${KEY}`)
    expect(Buffer.from(KEY, "base64url")).toEqual(Buffer.concat([secret.secret, secret.infoDigest]))
  })

  it.each<[string, Link]>([
    ["an open document", open],
    ["a private document", secret],
    ["a document without hints", { kind: "open", infoHash: INFO_HASH, trackers: [], peers: [] }],
    ["a private document without hints", { ...secret, name: undefined, sizeBytes: undefined, trackers: [] }],
  ])("of %s is read as it was written", (_, link) => {
    expect(parseLink(formatLink(link))).toEqual(withoutUndefined(link))
  })

  it("is read as it was written, whatever the name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 200 }), (name) => {
        const read = parseLink(formatLink({ ...secret, name }))
        expect(read).toEqual({ ...secret, name })
        expect(formatLink({ ...open, name })).toMatch(/^[!-~]+$/)
        expect(formatLink({ ...open, name })).not.toMatch(/['"`\\!()*]/)
      }),
    )
  })
})

/** A link in the ways in which people pass it on. */
const WRAPPINGS: readonly (readonly [string, (link: string) => string])[] = [
  ["blanks and a line break around it", (link) => `\n  ${link} \r\n`],
  ["quotes", (link) => `"${link}"`],
  ["single quotes", (link) => `'${link}'`],
  ["typographic quotes", (link) => `“${link}”`],
  ["angle brackets of a mail", (link) => `<${link}>`],
  ["backticks of a chat", (link) => `\`\`\`\n${link}\n\`\`\``],
  ["the end of a sentence", (link) => `(${link}).`],
  ["lines of a chat message", (link) => (link.match(/.{1,30}/g) ?? []).join("\r\n")],
  ["lines of a quoted mail", (link) => (link.match(/.{1,60}/g) ?? []).map((line) => `> ${line}`).join("\n")],
  ["invisible characters", (link) => `\u200b\ufeff${link.slice(0, 20)}\u2060${link.slice(20)}\u200e`],
  ["backslashes of a shell", (link) => link.replace(/[?=&#]/g, "\\$&")],
  ["entities of a web page", (link) => link.replaceAll("&", "&amp;")],
  ["capital letters of its scheme", (link) => link.replace(/^[a-z0-9-]+:/, (scheme) => scheme.toUpperCase())],
]

describe.each(WRAPPINGS)("a link with %s", (_, wrapped) => {
  it.each([
    ["open", open],
    ["private", secret],
  ] as const)("is the link itself: %s", (_kind, link) => {
    const text = wrapped(formatLink(link))
    expect(isLink(text)).toBe(true)
    expect(parseLink(text)).toEqual(link)
  })
})

describe("a magnet link", () => {
  it("may have its info hash in base32, in any case, and its parameters numbered", () => {
    const base32 = "abcdefghijklmnopqrstuvwxyz234567"
    expect(
      Buffer.from(parsedHash(`magnet:?xt.1=URN:BTIH:${base32}&tr.1=http%3A%2F%2Fa%2Fannounce`)).toString("hex"),
    ).toBe("00443214c74254b635cf84653a56d7c675be77df")
    expect(parseLink(`magnet:?tr.1=http%3A%2F%2Fa%2Fannounce&xt.1=urn:btih:${HEX}`).trackers).toEqual([
      "http://a/announce",
    ])
  })

  it("of both versions is one of version 1", () => {
    const text = `magnet:?xt=urn:btmh:1220${"a".repeat(64)}&xt=urn:btih:${HEX}`
    expect(parsedHash(text)).toEqual(INFO_HASH)
  })

  it("keeps what can be used, each once and in order", () => {
    const trackers = ["http://a/announce", "ws://b", "http://", "https://c:1/x", "http://a/announce"]
    const peers = ["10.0.0.1:1", "10.0.0.1:0", "a:99999", "::1:5", "user@host:5", "[::1]:5", "10.0.0.1:1"]
    const more = [...trackers.map((url) => `tr=${encodeURIComponent(url)}`), ...peers.map((peer) => `x.pe=${peer}`)]
    expect(parseLink(`magnet:?xt=urn:btih:${HEX}&${more.join("&")}&ws=http://d&so=1`)).toEqual({
      kind: "open",
      infoHash: INFO_HASH,
      trackers: ["http://a/announce", "https://c:1/x"],
      peers: ["10.0.0.1:1", "[::1]:5"],
    })
  })

  it("is read with a name that is escaped wrongly, and without a size that is none", () => {
    const { name, sizeBytes } = parseLink(`magnet:?xt=urn:btih:${HEX}&dn=100%+sure&xl=1e9`)
    expect([name, sizeBytes]).toEqual(["100% sure", undefined])
  })

  it.each([
    ["of version 2 only", `magnet:?xt=urn:btmh:1220${"a".repeat(64)}`, "version 2 only"],
    ["without a torrent", "magnet:?dn=a", "names no torrent"],
    ["that was cut", `magnet:?xt=urn:btih:${HEX.slice(0, 39)}`, "39 characters; 40 hex or 32 base32"],
    ["of several torrents", `magnet:?xt=urn:btih:${HEX}&xt=urn:btih:${"0".repeat(40)}`, "several torrents"],
  ])("%s is refused with the reason", (_, text, words) => {
    expect(refusal(text)).toContain(words)
  })
})

describe("a private link", () => {
  it.each([
    ["without its key", PRIVATE_TEXT.slice(0, PRIVATE_TEXT.indexOf("#")), 'the key behind "#" is missing'],
    ["with an empty one", PRIVATE_TEXT.slice(0, PRIVATE_TEXT.indexOf("#") + 1), 'the key behind "#" is missing'],
    ["that was cut", PRIVATE_TEXT.slice(0, -1), "has 69 characters, it must be 70"],
    ["that is too long", `${PRIVATE_TEXT}A`, "has 71 characters, it must be 70"],
    [
      "with a wrong character",
      PRIVATE_TEXT.replace(KEY, `${KEY.slice(0, 10)}+${KEY.slice(11)}`),
      "character 11 behind",
    ],
    ["with bits too many", `${PRIVATE_TEXT.slice(0, -1)}_`, "the last character"],
    ["with another id than a uuid", PRIVATE_TEXT.replace(HASH, HASH.slice(1)), "the uuid of the document is needed"],
    ["of another kind", "https://example.org/", 'begins with neither "magnet:" nor "p2p-tui:"'],
    ["of endless length", `p2p-tui:${"a".repeat(MAX_LINK_CHARACTERS)}`, `at most ${MAX_LINK_CHARACTERS}`],
  ])("%s is refused with the reason, which holds nothing of the key", (_, text, words) => {
    const message = refusal(text)
    expect(message).toContain(words)
    for (let at = 0; at + 6 <= KEY.length; at++) expect(message).not.toContain(KEY.slice(at, at + 6))
  })
})

it("any text is read as a link, or refused with the one typed error", () => {
  const pieces = ["magnet:?", "p2p-tui:", HASH, "xt=urn:btih:", HEX, "&", "#", KEY, "%", "=", "dn=", "x.pe=", "\n", ">"]
  const nearLinks = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 12 })
  fc.assert(
    fc.property(nearLinks, (parts) => {
      const text = parts.join("")
      try {
        const link = parseLink(text)
        expect(parseLink(formatLink(link))).toEqual(link)
        expect(isLink(text)).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_link" })
      }
    }),
    { numRuns: 500 },
  )
})

function parsedHash(text: string): Uint8Array {
  const link = parseLink(text)
  return link.kind === "open" ? link.infoHash : expect.unreachable("a magnet link is open")
}

function withoutUndefined(link: Link): object {
  return Object.fromEntries(Object.entries(link).filter(([, value]) => value !== undefined))
}
