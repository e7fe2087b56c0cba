import { describe, expect, it } from "vitest"
import { fakeDocument, fakePeer, fakeSnapshot } from "../../testing/fake-client.js"
import { linesOf, press, screenState } from "../../testing/screen-states.js"
import { frameOf } from "./frame.js"
import { extentWords } from "./header.js"

const COMMAND = {
  kind: "command",
  ...{ problem: undefined, choices: [], chosen: undefined, running: undefined, historyDepth: 0, draft: "" },
} as const

describe("the lists of a frame", () => {
  it("shows what a list is sorted by, which part of it is in sight, and all documents as one [U8]", () => {
    const documents = Array.from({ length: 30 }, (_, n) => fakeDocument({ id: `${n}`, name: `file ${n}` }))
    const sort = { column: "size", descending: true } as const
    const lines = linesOf(screenState({ snapshot: fakeSnapshot({ documents }), sort, rows: 24, columns: 100 }))
    expect(lines[1]).toMatch(/ {2}by size ↓ +1-14 of 30$/)
    expect(lines[2]).toContain(" ↓Size ")
    expect(lines[3]).toMatch(/ █$/)
    expect(lines.join("\n")).toContain("0 of 30 moving  100 % of 2.93 MiB done")
    const today = { downloadedBytes: 1_288_490_188, uploadedBytes: 0 }
    expect(linesOf(screenState({ today })).join("\n")).toMatch(/to come {2}today ↓ 1\.20 GiB ↑ 0 B *$/m)
    const small = linesOf(screenState({ snapshot: fakeSnapshot({ documents }), sort, rows: 12, columns: 50 }))
    expect(small[0]).toMatch(/^↓ 0 B\/s ↑ 0 B\/s {2}by size ↓ +1-7 of 30$/)
  })

  it("a download that waits does not count as moving", () => {
    const why = { code: "paused", missingParts: 1, partCount: 2 } as const
    const waiting = fakeDocument({ id: "1", state: "downloading", why, downBytesPerSecond: 0, upBytesPerSecond: 0 })
    const moves = (documents: readonly ReturnType<typeof fakeDocument>[]) =>
      linesOf(screenState({ columns: 120, rows: 40, snapshot: fakeSnapshot({ documents }) })).join("\n")
    expect(moves([waiting])).toContain("0 of 1 moving")
    expect(moves([{ ...waiting, upBytesPerSecond: 1 }])).toContain("1 of 1 moving")
    expect(moves([{ ...waiting, downBytesPerSecond: 1 }])).toContain("1 of 1 moving")
  })

  it("says where the selected document is, and what it is called by [U8]", () => {
    const lines = linesOf(screenState())
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^file {4}y \/files\/beta\.iso +$/),
        expect.stringMatching(/^torrent Y \/files\/beta\.iso\.torrent\.json +$/),
        expect.stringMatching(/^id {6}i 1 +$/),
      ]),
    )
    const snapshot = fakeSnapshot({ documents: [fakeDocument({ id: "1", open: false })] })
    expect(linesOf(screenState({ snapshot })).join("\n")).toMatch(/^link {4}l not shown: it holds the key +$/m)
  })

  it("says the link of an open document, and how far each machine is", () => {
    const snapshot = fakeSnapshot({
      documents: [fakeDocument({ id: "1", open: true, partCount: 100, haveCount: 100 })],
    })
    const peers = [63, 100].map((haveCount) => fakePeer({ haveCount }))
    const detail = { id: "1", takenAtMs: 0, parts: new Uint8Array(100).fill(3), availability: new Uint8Array(100) }
    const whole = { ...detail, inFlight: [], peers, known: [], link: "magnet:?xt=urn:btih:aa" }
    const lines = linesOf(screenState({ snapshot, selectedId: "1", detail: whole }))
    expect(lines.join("\n")).toMatch(/^link {4}l magnet:\?xt=urn:btih:aa +$/m)
    expect(lines.join("\n")).toMatch(/^peers {5}2 machines connected: 100 %, 63\.0 % +$/m)
  })

  it.each([
    [undefined, "30,000 files, "],
    [1_204, "1,204 of 30,000 files, "],
  ])("says how many files of a folder are complete while it is downloaded: %s", (doneFiles, words) => {
    const folder = fakeDocument({ id: "1", state: "downloading", isFolder: true, fileCount: 30_000 })
    const detail = { id: "1", takenAtMs: 0, parts: new Uint8Array(100), availability: new Uint8Array(100) }
    const whole = { ...detail, inFlight: [], peers: [], known: [], doneFiles }
    const snapshot = fakeSnapshot({ documents: [folder] })
    const text = (of: typeof snapshot) =>
      linesOf(screenState({ snapshot: of, selectedId: "1", detail: whole })).join("\n")
    expect(text(snapshot)).toMatch(new RegExp(`^state {5}downloading, open, ${words}`, "m"))
    const selection = {
      only: [],
      wantedFiles: 1_500,
      wantedBytes: 1,
      partCount: 1,
      partBytes: 1,
      haveCount: 0,
      haveBytes: 0,
    }
    const partly = text(fakeSnapshot({ documents: [{ ...folder, selection }] }))
    expect(partly).toContain(
      doneFiles === undefined ? "open, 1,500 of 30,000 files, " : "open, 1,204 of 1,500 wanted files, ",
    )
  })

  it("names every view, and the bytes of today, at 60 columns", () => {
    const documents = Array.from({ length: 300 }, (_, n) =>
      fakeDocument({ id: `${n}`, haveBytes: 0, state: "downloading" }),
    )
    const today = { downloadedBytes: 1_288_490_188, uploadedBytes: 0 }
    const lines = linesOf(screenState({ snapshot: fakeSnapshot({ documents }), today, columns: 60, rows: 24 }))
    expect(lines[1]).toMatch(/^1 Docs 2 Parts 3 Peers 4 Log 5 Files \? +1-\d+ of 300$/)
    expect(lines.join("\n")).toMatch(/% of 29\.3 MiB done {2}today ↓ 1\.20 GiB ↑ 0 B *$/m)
    expect(linesOf(screenState({ columns: 60, view: "files" })).at(-1)).toMatch(
      /^Space on\/off {2}Enter open {2}\/ filter {2}s sort {2}\? help {2}q quit *$/,
    )
  })

  it("tells documents of one name apart [U8]", () => {
    const documents = ["aaaa1", "aaaa2"].map((id) => fakeDocument({ id }))
    const text = linesOf(screenState({ snapshot: fakeSnapshot({ documents }) })).join("\n")
    expect(text).toContain("a.iso (aaaa1)")
    expect(text).toContain("a.iso (aaaa2)")
  })

  it("shows what Tab found above the line, the one in it marked, and which of all are in sight [U9]", () => {
    const choices = Array.from({ length: 20 }, (_, n) => ({
      label: `c${n}.iso`,
      field: { value: `upload c${n}`, cursor: 0 },
    }))
    const mode = { ...COMMAND, choices, chosen: 1 } as const
    const lines = linesOf(screenState({ mode, field: { value: "upload ", cursor: 7 } }))
    expect(lines.at(-15)).toMatch(/^─+$/)
    expect(lines.at(-14)).toMatch(/^ {2}c0\.iso +█$/)
    expect(lines.at(-13)).toMatch(/^> c1\.iso +█$/)
    expect(lines.at(-3)).toMatch(/^ {2}c11\.iso +│$/)
    expect(lines.at(-1)).toMatch(/^Tab next {2}Up, Down walk {2}Enter take {2}Esc as typed/)
  })

  it("shows what can be gone to, with what it is [U9]", () => {
    const state = press(screenState(), "ctrl-p", "gam").state
    expect(linesOf(state).at(-3)).toMatch(/^> gamma\.txt +paused/)
    expect(frameOf(state).input).toMatchObject({ prompt: "find: ", text: "gam", cursorColumn: 9 })
    expect(linesOf(press(state, "zzz").state).at(-3)).toMatch(/^ {2}nothing has these letters/)
  })
})

describe("the place in a list", () => {
  it("has the place in words", () => {
    expect(extentWords({ start: 2, shown: 26, count: 30 })).toBe("3-28 of 30")
    expect(extentWords({ start: 999, shown: 26, count: 300_000 })).toBe("1,000-1,025 of 300,000")
    expect(extentWords({ start: 0, shown: 30, count: 30 })).toBe("")
  })
})

describe("the panel of a document", () => {
  it("says all about its state where there is room for that", () => {
    const limits = { downBytesPerSecond: 1e6, upBytesPerSecond: 1e5 }
    const document = fakeDocument({ id: "1", state: "downloading", reusedCount: 1432, limits })
    const state = screenState({ columns: 100, rows: 40, snapshot: fakeSnapshot({ documents: [document] }) })
    expect(linesOf(state).join("\n")).toContain("1,432 found on disk")
  })

  it("has the file and the key of the link at 60x15 beside a list of two", () => {
    const parts = new Uint8Array(200)
    const detail = { id: "1", takenAtMs: 0, parts, availability: parts, inFlight: [], known: [], peers: [] }
    const documents = ["1", "2"].map((id) => fakeDocument({ id, filePath: `/srv/${id}.iso`, state: "seeding" }))
    const snapshot = fakeSnapshot({ documents })
    const text = linesOf(screenState({ columns: 60, rows: 15, snapshot, selectedId: "1", detail })).join("\n")
    expect(text).toMatch(/^file {4}y \/srv\/1\.iso *$/m)
    expect(text).toMatch(/^link {4}l /m)
    expect(text).toMatch(/^parts {5}/m)
  })

  it("has its file and the key of its link on a small terminal, also while it is downloaded", () => {
    const parts = new Uint8Array(200)
    const detail = { id: "1", takenAtMs: 0, parts, availability: parts, inFlight: [], known: [] }
    for (const [state, peers] of [
      ["seeding", []],
      ["downloading", [fakePeer({})]],
    ] as const) {
      const snapshot = fakeSnapshot({ documents: [fakeDocument({ id: "1", filePath: "/srv/a.iso", state })] })
      const shown = screenState({ columns: 60, rows: 15, snapshot, selectedId: "1", detail: { ...detail, peers } })
      const text = linesOf(shown).join("\n")
      expect(text).toMatch(/^file {4}y \/srv\/a\.iso *$/m)
      expect(text).toMatch(/^link {4}l /m)
      expect(text).toMatch(/^parts {5}/m)
    }
  })

  it.each([
    [1, 15],
    [2, 15],
    [30, 15],
    [30, 24],
  ])("has its reason, its file and the key of its link beside a list of %i on %i lines", (count, rows) => {
    const parts = new Uint8Array(200)
    const detail = { id: "1", takenAtMs: 0, parts, availability: parts, inFlight: [], known: [], peers: [fakePeer({})] }
    const { tracker } = fakeSnapshot()
    const why = { code: "no_peer_has", missingParts: 1_045, firstMissing: 17, connectedPeers: 1, tracker } as const
    const documents = Array.from({ length: count }, (_, place) =>
      fakeDocument({
        ...{ id: `${place + 1}`, filePath: `/srv/${place + 1}.iso`, state: "downloading" },
        why: { ...why, banned: undefined, seederLeftAtMs: 0 },
      }),
    )
    const snapshot = fakeSnapshot({ documents })
    const text = linesOf(screenState({ columns: 60, rows, snapshot, selectedId: "1", detail })).join("\n")
    expect(text).toMatch(
      /^why {7}the connected peer does not have any of the 1,045 *\n {10}missing parts; the last seeder left/m,
    )
    expect(text).toMatch(/^file {4}y \/srv\/1\.iso /m)
    expect(text).toMatch(/(^link {4}l | {2}link l *$)/m)
  })
})

describe("the panel of a file that is hashed", () => {
  const job = { id: "hashing-1", kind: "hashing", name: "a", filePath: "/srv/a", bytesPerSecond: 1 } as const
  it.each([
    [
      { doneBytes: 1024, totalBytes: 2048 },
      "hashing 1.00 KiB of 2.00 KiB for an upload; it is shared when that is done",
    ],
    [{ doneBytes: 0, totalBytes: 0 }, "hashing 0 B of an unknown size for an upload"],
    [
      { doneBytes: 0, totalBytes: 9, isPaused: true },
      "hashing paused at 0 B of 9 B, kept until the client ends; p resumes it",
    ],
  ])("says what becomes of it, and where it is: %o", (progress, words) => {
    const snapshot = fakeSnapshot({ jobs: [{ ...job, ...progress }] })
    const text = linesOf(screenState({ snapshot, selectedId: job.id })).join("\n")
    expect(text).toContain(`state     ${words}`)
    expect(text).toMatch(/^file {4}y \/srv\/a *$/m)
  })
})
