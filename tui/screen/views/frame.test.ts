import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type DocumentSnapshot, PartState } from "../../../core/index.js"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { linesOf, press, screenState } from "../../testing/screen-states.js"
import { textOf, widthOf } from "../drawing/cells.js"
import { UNICODE } from "../drawing/glyphs.js"
import type { ScreenState, View } from "../state/state.js"
import { frameOf } from "./frame.js"
import { helpRows } from "./help-view.js"

const SIZES = [
  [40, 8],
  [44, 10],
  [59, 14],
  [60, 15],
  [80, 24],
  [120, 40],
  [250, 70],
] as const
const VIEWS: readonly View[] = ["documents", "parts", "peers", "log", "help"]

const COMMAND = {
  kind: "command",
  ...{ problem: undefined, choices: [], chosen: undefined, running: undefined, historyDepth: 0, draft: "" },
} as const

const REFUSED = { code: "failed", error: { code: "refused", message: "refused the connection" } } as const

/** A state with something in every view, names in wide characters included. */
function busyState(columns: number, rows: number, view: View): ScreenState {
  const partCount = 3000
  const document = fakeDocument({
    id: "1",
    name: "日本語の書類 é👩‍👩‍👧 with a rather long name that has to be cut somewhere.pdf",
    partCount,
    state: "downloading",
    why: {
      ...{ code: "no_peer_has", missingParts: 1, firstMissing: 17, connectedPeers: 2, banned: undefined },
      tracker: fakeSnapshot().tracker,
    },
  })
  const peer = {
    address: "[2001:db8::1]:7001",
    client: "p2p-tui/0.1.0",
    direction: "outgoing",
    encrypted: true,
    haveCount: 10,
    downBytesPerSecond: 1e6,
    upBytesPerSecond: 0,
    downloadedBytes: 0,
    uploadedBytes: 0,
    requestsOut: 3,
    requestsIn: 0,
    amChoking: true,
    amInterested: true,
    peerChoking: false,
    peerInterested: false,
    failures: 1,
    source: "tracker",
  } as const
  const part = { lengthBytes: 1000, peers: [peer.address], bytesPerSecond: 5e6, ageMs: 999, retries: 1 }
  const detail = {
    id: "1",
    takenAtMs: 0,
    parts: Uint8Array.from({ length: partCount }, (_, index) => index % 4),
    availability: Uint8Array.from({ length: partCount }, (_, index) => index % 13),
    inFlight: [
      { ...part, index: 17, receivedBytes: 400, verifying: false },
      { ...part, index: 18, receivedBytes: 1000, verifying: true },
    ],
    peers: [peer],
    known: [{ address: "10.0.0.9:1", source: "exchange", why: REFUSED, retryAtMs: 12_000 } as const],
  }
  const documents = [
    document,
    ...Array.from({ length: 500 }, (_, n) => fakeDocument({ id: `d${n}`, name: `file ${n}` })),
  ]
  const hashed = { kind: "hashing", name: "big", filePath: "/srv/big" } as const
  const jobs = [{ ...hashed, id: "hashing-1", doneBytes: 1, totalBytes: 2, bytesPerSecond: 1 }]
  const log = [{ number: 0, atMs: 0, level: "warn", name: "x", message: "part 9 failed", peer: "10.0.0.4:1" } as const]
  return screenState({ columns, rows, view, detail, log, snapshot: fakeSnapshot({ documents, jobs }), selectedId: "1" })
}

describe("a frame", () => {
  it.each(SIZES.flatMap(([columns, rows]) => VIEWS.map((view) => [columns, rows, view] as const)))(
    "fills %dx%d exactly in %s",
    (columns, rows, view) => {
      for (const ascii of [false, true]) {
        const frame = frameOf({ ...busyState(columns, rows, view), ascii })
        expect(frame.rows).toHaveLength(rows - 1)
        for (const row of frame.rows) expect(widthOf(textOf(row))).toBe(columns)
      }
    },
  )

  it("is well formed at any size, empty or busy, browsing or typing", () => {
    const size = fc.record({ columns: fc.integer({ min: 1, max: 260 }), rows: fc.integer({ min: 2, max: 80 }) })
    fc.assert(
      fc.property(
        size,
        fc.constantFrom(...VIEWS),
        fc.boolean(),
        fc.boolean(),
        ({ columns, rows }, view, busy, typing) => {
          const state = busy
            ? busyState(columns, rows, view)
            : screenState({ columns, rows, view, snapshot: fakeSnapshot() })
          const frame = frameOf(typing ? press(state, ":", "日本 a long line of text ".repeat(5)).state : state)
          for (const row of frame.rows) expect(widthOf(textOf(row))).toBe(columns)
          if (frame.input !== undefined) expect(frame.input.cursorColumn).toBeLessThan(columns)
        },
      ),
      { numRuns: 60 },
    )
  })

  it("uses ASCII only with --ascii, but for names", () => {
    const state = {
      ...busyState(100, 30, "documents"),
      ascii: true,
      snapshot: fakeSnapshot({ documents: [fakeDocument()] }),
    }
    for (const view of VIEWS) expect(linesOf({ ...state, view }).join("")).toMatch(/^[\x20-\x7e]*$/)
  })

  it("says so when it is too small", () => {
    expect(linesOf(screenState({ columns: 39, rows: 8 }))).toEqual(["too small: 39x8, needs 40x8            "])
  })

  it.each([
    [20, 5, ["too small: 20x5,", "needs 40x8"]],
    [11, 5, ["too small:", "11x5, needs", "40x8"]],
    [20, 2, ["needs 40x8"]],
    [6, 4, ["needs", "40x8"]],
  ])("says so in whole words at %ix%i [W4]", (columns, rows, lines) => {
    expect(linesOf(screenState({ columns, rows })).map((line) => line.trimEnd())).toEqual(lines)
  })

  it("shows each part in flight with its peer, and why nothing else moves", () => {
    const text = linesOf(busyState(120, 40, "parts")).join("\n")
    expect(text).toMatch(/17 █+.*40\.0 %.*\[2001:db8::1\]:7001/)
    expect(text).toContain("▓ checking 18")
    expect(text).toContain("none of 2 connected peers has part 17")
  })

  it("shows the limits beside the rates where there is room", () => {
    const limits = { downBytesPerSecond: 1024 * 1024, upBytesPerSecond: 2_000_000 }
    const header = (columns: number) => linesOf(screenState({ columns, snapshot: fakeSnapshot({ limits }) }))[0]
    expect(header(100)).toContain("↓ 0 B/s (limit 1 MiB/s) ↑ 0 B/s (limit 2 MB/s)  tracker")
    expect(header(40)?.trimEnd()).toBe("p2p-tui  ↓ 0 B/s ↑ 0 B/s")
  })

  it("shows how far a check is, in the list and below it", () => {
    const check = { checkedCount: 50, haveCount: 49, checkedBytesPerSecond: 1024 * 1024, etaSeconds: 7 }
    const document = fakeDocument({ id: "1", state: "checking", ...check })
    const text = linesOf(screenState({ snapshot: fakeSnapshot({ documents: [document] }), selectedId: "1" })).join("\n")
    expect(text).toMatch(/ C {2}a\.iso .* 50\.0 % █+░+ 1\.00 MiB\/s .* 7s/)
    expect(text).toContain("checking, open, 50 of 100 parts of 1.00 KiB looked at, 49 good")
  })

  it("has separators of thousands in the counts of parts below the list", () => {
    const many = { id: "1", partCount: 30_000, haveCount: 1_204, state: "downloading", reusedCount: 1_024 } as const
    const text = (change: Partial<DocumentSnapshot>) => {
      const snapshot = fakeSnapshot({ documents: [fakeDocument({ ...many, ...change })] })
      return linesOf(screenState({ snapshot, selectedId: "1", columns: 160 })).join("\n")
    }
    const check = { state: "checking", checkedCount: 2_048 } as const
    expect(text(check)).toContain("2,048 of 30,000 parts of 1.00 KiB looked at, 1,204 good")
  })

  it("shows a download that has a reason to stand still as waiting, until bytes move", () => {
    const why = { code: "waiting_for_bytes", peers: 1 } as const
    const shown = (downBytesPerSecond: number, reason?: typeof why) => {
      const document = fakeDocument({ state: "downloading", downBytesPerSecond, why: reason })
      return linesOf(screenState({ snapshot: fakeSnapshot({ documents: [document] }) })).join("\n")
    }
    expect(shown(0, why)).toMatch(/^ {2}w {2}a\.iso/m)
    expect(shown(1, why)).toMatch(/^ {2}D {2}a\.iso/m)
    expect(shown(0)).toMatch(/^ {2}D {2}a\.iso/m)
  })

  it("shows a lock at private documents and encrypted peers, a letter with --ascii, and says what it means", () => {
    const documents = [
      fakeDocument({ id: "1", name: "secret.iso", open: false }),
      fakeDocument({ id: "2", name: "known.iso" }),
    ]
    const state = screenState({ snapshot: fakeSnapshot({ documents }), selectedId: "1" })
    const list = linesOf(state)
    expect(list.find((line) => line.includes("secret.iso"))).toMatch(/^> S◘ secret\.iso/)
    expect(list.find((line) => line.includes("known.iso"))).toMatch(/^ {2}S {2}known\.iso/)
    expect(list.join("\n")).toContain("seeding, private, 100 of 100 parts")
    expect(linesOf({ ...state, ascii: true }).join("\n")).toMatch(/^> SE secret\.iso/m)
    const peers = linesOf(busyState(120, 24, "peers")).join("\n")
    expect(peers).toMatch(/^◘ \[2001:db8::1\]:7001/m)
    expect(linesOf(busyState(120, 160, "help")).join("\n")).toMatch(/^ {2}◘ +private: /m)
  })

  it("shows on an empty screen how to begin", () => {
    expect(linesOf(screenState({ snapshot: fakeSnapshot() })).join("\n")).toContain("Press u to share a file")
  })

  it("keeps the selection in sight in a long list", () => {
    const { state } = press(busyState(80, 24, "documents"), "pagedown", "pagedown", "pagedown")
    const selected = state.snapshot.documents.find((document) => document.id === state.selectedId)
    expect(linesOf(state).join("\n")).toContain(selected?.name)
  })

  it("gives the list of a small screen what a document with little to say leaves", () => {
    const documents = Array.from({ length: 5 }, (_, n) => fakeDocument({ id: `${n}`, name: `file ${n}` }))
    const shown = linesOf(
      screenState({ columns: 60, rows: 15, snapshot: fakeSnapshot({ documents }), selectedId: "4" }),
    )
    for (const { name } of documents) expect(shown.join("\n")).toContain(` S  ${name}`)
    expect(shown.join("\n")).toMatch(/^file {4}y /m)
  })

  it("names the keys that most need at 80 columns, and help and quit at any width", () => {
    const footer = (columns: number) => linesOf(screenState({ columns })).at(-1)
    expect(footer(80)).toMatch(/^: command {2}u upload {2}d download .* p pause {2}\/ filter {2}\? help {2}q quit *$/)
    expect(footer(40)).toMatch(/ {2}\? help {2}q quit *$/)
  })

  it("says below the map what its cells mean, while a part is missing", () => {
    const legend = "█ there  ▄ some there  ▒ on its way  ▓ checking  1-9 + peers have it  · none"
    expect(linesOf(busyState(80, 24, "parts")).join("\n")).toContain(legend)
  })

  it("cuts no word of the help, however narrow the screen", () => {
    const lines = (columns: number) => helpRows(UNICODE, columns).map(textOf)
    for (const line of lines(40)) expect(widthOf(line)).toBeLessThanOrEqual(40)
    const words = (columns: number) => lines(columns).join(" ").split(/\s+/).sort()
    expect(words(40)).toEqual(words(250))
  })

  it("puts the fault of a command under its word", () => {
    const state = screenState({
      field: { value: "upload --opne a b", cursor: 13 },
      mode: { ...COMMAND, problem: { message: "no such option", span: { start: 7, end: 13 } } },
    })
    expect(linesOf(state).at(-1)?.trimEnd()).toBe("        ▔▔▔▔▔▔ no such option")
  })
})

describe("the map of parts", () => {
  const mapLine = (parts: readonly number[], availability: readonly number[]): string => {
    const detail = { id: "1", takenAtMs: 0, inFlight: [], peers: [], known: [] }
    const state = screenState({
      columns: 80,
      detail: { ...detail, parts: Uint8Array.from(parts), availability: Uint8Array.from(availability) },
    })
    return (
      linesOf(state)
        .find((line) => line.startsWith("parts"))
        ?.slice(10)
        .trimEnd() ?? ""
    )
  }
  const { missing, requested, verifying, have } = PartState

  it("distinguishes have, in flight, unavailable, one and many without colour", () => {
    const wide = mapLine([have, requested, verifying, missing, missing, missing], [1, 1, 1, 0, 1, 12])
    expect(wide).toBe("████████▒▒▒▒▒▒▒▒▓▓▓▓▓▓▓▓········11111111++++++++")
  })

  it("shows a whole document of 200,000 parts", () => {
    const line = mapLine(new Array<number>(200_000).fill(have), new Array<number>(200_000).fill(1))
    expect(line).toBe("█".repeat(70))
  })
})
