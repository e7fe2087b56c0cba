import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type DocumentDetail, type PartInFlight, PartState, type PeerSnapshot } from "../../../core/index.js"
import { fakeDocument, fakePeer, fakeSnapshot } from "../../testing/fake-client.js"
import { linesOf, press, screenState } from "../../testing/screen-states.js"
import { reduce } from "../input/reducer.js"
import type { ScreenState } from "../state/state.js"
import { frameOf } from "./frame.js"
import { mapLayout, partsOfRun, runOfPart } from "./parts-map.js"
import { cellOfCursor } from "./parts-view.js"

const { missing, requested, have } = PartState

const peer = (address: string, haveCount: number, upBytesPerSecond = 0): PeerSnapshot =>
  fakePeer({ address, haveCount, upBytesPerSecond })

const inFlight = (index: number, verifying = false): PartInFlight => ({
  ...{ index, verifying, lengthBytes: 100, receivedBytes: 45, peers: ["10.0.0.1:1"], bytesPerSecond: 1024 },
  ...{ ageMs: 1_000, retries: 0 },
})

function partsState(detail: Partial<DocumentDetail>, size = { columns: 100, rows: 30 }): ScreenState {
  const parts = detail.parts ?? new Uint8Array(300).fill(have)
  const availability = detail.availability ?? new Uint8Array(parts.length)
  const whole = { id: "1", takenAtMs: 0, inFlight: [], peers: [], known: [], ...detail, parts, availability }
  const document = fakeDocument({ id: "1", partCount: parts.length, haveCount: parts.length, state: "seeding" })
  const snapshot = fakeSnapshot({ documents: [document] })
  return screenState({ ...size, view: "parts", snapshot, selectedId: "1", detail: whole })
}

describe("the parts of a document", () => {
  it("are dimmer while they are missing than when they are here", () => {
    const state = partsState({
      parts: Uint8Array.from([have, missing, missing]),
      availability: Uint8Array.from([1, 3, 0]),
    })
    const map = frameOf(state).rows.find((row) => row.some(({ text }) => text.startsWith("██")))
    expect(map?.map(({ tone }) => tone).slice(0, 2)).toEqual(["good", "dim"])
  })

  it.each([
    [30, "3 cells are a part"],
    [100, "a cell is a part"],
    [200, "a cell is a part"],
    [100_000, /a cell is \d+ or \d+ parts/],
  ])("have a scale: %i of them", (count, words) => {
    const text = linesOf(partsState({ parts: new Uint8Array(count).fill(have) })).join("\n")
    expect(text).toMatch(words)
  })

  it("are counted above the map, with separators of thousands", () => {
    const text = linesOf(partsState({ parts: new Uint8Array(30_000).fill(have) })).join("\n")
    expect(text).toContain("100 %, 30,000 of 30,000 parts of 1.00 KiB")
  })

  it("of a seeder show how rare each is among the peers, and who has how much", () => {
    const availability = Uint8Array.from({ length: 300 }, (_, index) => (index < 100 ? 0 : index < 200 ? 2 : 12))
    const peers = [peer("10.0.0.1:1", 30, 2_700), peer("10.0.0.2:1", 300)]
    const text = linesOf(partsState({ availability, peers })).join("\n")
    expect(text).toContain(`${"·".repeat(100)}\n${"2".repeat(100)}\n${"+".repeat(100)}`)
    expect(text).toContain("2 machines connected: 100 %, 10.0 %; all done in about 1m43s or sooner")
    expect(text).toContain("1-9 + connected peers that have it")
  })

  it("in flight stand in lines of their own while there is room, then several in a line, those that are checked apart", () => {
    const few = linesOf(partsState({ inFlight: [inFlight(3), inFlight(4), inFlight(5, true)] }))
    expect(few.filter((line) => /^ +\d+ █/.test(line))).toHaveLength(2)
    expect(few.join("\n")).toMatch(/^▓ checking 5 +$/m)
    const many = Array.from({ length: 200 }, (_, index) => inFlight(index))
    const lines = linesOf(partsState({ inFlight: many }, { columns: 120, rows: 30 }))
    expect(lines.filter((line) => (line.match(/45\.0 % 1\.00 KiB\/s/g)?.length ?? 0) === 3).length).toBeGreaterThan(5)
    expect(lines[1]).toMatch(/1-\d+ of 200 *$/)
  })

  it("in flight whose only peer has left say that they wait", () => {
    const orphan = { ...inFlight(3), peers: [], bytesPerSecond: 0 }
    const few = linesOf(partsState({ inFlight: [orphan, inFlight(4)] }))
    expect(few.find((line) => /^ +3 /.test(line))).toMatch(/45\.0 % .* waits +waits for a peer +- +1 *$/)
    const many = Array.from({ length: 200 }, (_, index) => (index === 0 ? { ...orphan, index } : inFlight(index)))
    expect(linesOf(partsState({ inFlight: many })).join("\n")).toMatch(/^ +0 .* 45\.0 % +waits +1 /m)
  })

  it.each([
    { columns: 120, rows: 40 },
    { columns: 80, rows: 24 },
    { columns: 60, rows: 15 },
  ])("in flight scroll to their last line and no further, line by line and by pages: %o", (size) => {
    const many = Array.from({ length: 200 }, (_, index) => inFlight(index, index % 50 === 0))
    const start = partsState({ inFlight: many }, size)
    const placeOf = (state: ScreenState) =>
      linesOf(state)
        .join("\n")
        .match(/(\d+)-(\d+) of 196/)
        ?.slice(1)
        .map(Number)
    const [first = 0, shown = 0] = placeOf(start) ?? []
    expect([first, shown > 1]).toEqual([1, true])
    const end = press(start, "end").state
    expect(placeOf(end)?.[1]).toBe(196)
    expect(placeOf(press(end, "down", "down").state)).toEqual(placeOf(end))
    const above = placeOf(press(end, "down", "up").state)
    expect(above?.[0]).toBeLessThan(placeOf(end)?.[0] ?? 0)
    expect(placeOf(press(start, "pagedown").state)?.[0]).toBe(shown + 1)
    const fewer = { ...end, detail: end.detail && { ...end.detail, inFlight: many.slice(0, 150) } }
    expect(linesOf(press(fewer, "up").state).join("\n")).not.toEqual(linesOf(fewer).join("\n"))
  })

  it("are named by a cursor on the map, with how many peers have them", () => {
    const parts = new Uint8Array(300).fill(have)
    parts[1] = missing
    const state = partsState({ parts, availability: new Uint8Array(300).fill(1), peers: [peer("10.0.0.1:1", 300)] })
    expect(linesOf(press(state, ".", ".").state).join("\n")).toContain("part 1: missing; 1 of 1 connected peer has it")
    expect(press(state, ".", ">").state.mapCursor).toBe(100)
    expect(press(state, ".", ">", "<", ",").state.mapCursor).toBe(0)
    const row = linesOf(state).findIndex((line) => line.startsWith("█1"))
    const clicked = reduce(state, { kind: "mouse", press: { what: "click", column: 7, row: row + 1 } }).state
    expect(clicked.mapCursor).toBe(107)
    expect(press(partsState({ parts: Uint8Array.from([requested]) }), ".").state.mapCursor).toBe(0)
  })

  it("have their holders named beside the cursor, once these are known of its cell", () => {
    const peers = [peer("10.0.0.1:1", 300), peer("10.0.0.2:1", 2)]
    const state = press(partsState({ parts: new Uint8Array(30_000), peers }), ".").state
    const cell = cellOfCursor(state)
    const holders = { range: cell ?? { start: 0, end: 0 }, peers: [{ address: "10.0.0.1:1", haveCount: 11 }] }
    const known = (change: Partial<DocumentDetail>): string =>
      linesOf({ ...state, detail: state.detail && { ...state.detail, ...change } }).join("\n")
    const count = holders.range.end - holders.range.start
    const [all, some] = [
      { address: "10.0.0.1:1", haveCount: count },
      { address: "10.0.0.2:1", haveCount: 2 },
    ]
    expect(known({ holders: { ...holders, peers: [all, some] } })).toContain(`10.0.0.1:1, 10.0.0.2:1 (2 of ${count})`)
    expect(known({ holders: { range: { start: 9, end: 12 }, peers: [all] } })).not.toContain("10.0.0.1:1")
    expect(known({})).not.toContain("10.0.0.1:1")
  })

  it("lie in the run that their number says, in every layout", () => {
    const sizes = fc.record({ parts: fc.integer({ min: 1, max: 5_000 }), room: fc.integer({ min: 1, max: 400 }) })
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ parts, room }, where) => {
        const layout = mapLayout(parts, room, 1)
        if (layout === undefined) throw new Error("there is room")
        const part = Math.floor(where * parts)
        const [start, end] = partsOfRun(layout, runOfPart(layout, part))
        expect(start <= part && part < end).toBe(true)
      }),
    )
  })
})
