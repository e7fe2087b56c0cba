import { describe, expect, it } from "vitest"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { press, screenState, threeDocuments } from "../../testing/screen-states.js"
import { listedDocuments } from "../state/document-order.js"
import type { ScreenState } from "../state/state.js"
import { reduce } from "./reducer.js"

const listed = (state: ScreenState): readonly string[] => listedDocuments(state).map((document) => document.name)
const quiet = (): ScreenState => screenState({ snapshot: fakeSnapshot({ documents: [fakeDocument()] }) })

describe("typing a command", () => {
  it("opens empty with a colon, and begun with u and d", () => {
    expect(press(screenState(), ":").state.field.value).toBe("")
    expect(press(screenState(), "u").state.field.value).toBe("upload ")
    expect(press(screenState(), "d").state.field.value).toBe("download ")
  })

  it("runs the line at Enter, also when all came in one chunk", () => {
    const { state, effects } = press(screenState(), ":pause x", "enter")
    expect(effects).toEqual([
      { kind: "run-line", line: "pause x" },
      { kind: "remember", line: "pause x" },
    ])
    expect(state.mode).toMatchObject({ kind: "command", running: [] })
    expect(reduce(state, { kind: "ran", line: "pause x" }).state.mode).toEqual({ kind: "browse" })
  })

  it("has the keys that come while it runs do what they do after it, and drops them when it is refused [U9]", () => {
    const { state } = press(screenState(), ":pause x", "enter", "2", "q")
    const ran = reduce(state, { kind: "ran", line: "pause x" })
    expect(ran.state).toMatchObject({ view: "documents", mode: { kind: "browse" } })
    const refused = { kind: "refused", line: "pause x", message: "no", span: { start: 6, end: 7 } } as const
    expect(reduce(state, refused).state).toMatchObject({ view: "documents", field: { value: "pause x", cursor: 7 } })
    expect(reduce(press(state, "escape").state, refused).state).toMatchObject({
      mode: { kind: "browse" },
      message: { text: "no" },
    })
  })

  it("types the keys that mean something elsewhere", () => {
    expect(press(screenState(), ":q?/1 x").state.field.value).toBe("q?/1 x")
  })

  it("goes back through the history and returns to what was being typed", () => {
    const state = screenState({ history: ["first", "second"] })
    expect(press(state, ":", "up", "up").state.field.value).toBe("first")
    expect(press(state, ":draft", "up", "up", "up", "down", "down").state.field.value).toBe("draft")
  })

  it("keeps a refused line, with the fault under its word", () => {
    const refused = { kind: "refused", line: "uplod a", message: "unknown", span: { start: 0, end: 5 } } as const
    const { state } = reduce(press(screenState(), ":uplod a", "enter").state, refused)
    expect(state.mode).toMatchObject({ kind: "command", problem: { message: "unknown" } })
    expect(state.field).toEqual({ value: "uplod a", cursor: 5 })
    expect(press(state, "x").state.mode).toMatchObject({ problem: undefined })
  })

  it("keeps a line that Tab finds nothing for, with that under its word", () => {
    const asked = press(screenState(), ":upload x").state
    const problem = { message: "nothing begins like this", span: { start: 7, end: 8 } }
    const done = { kind: "completed", asked: asked.field, field: asked.field, choices: [], problem } as const
    const { state } = reduce(asked, done)
    expect(state.mode).toMatchObject({ kind: "command", problem })
    expect(press(state, "y").state.mode).toMatchObject({ problem: undefined })
  })

  it("does not take over a completion of a line that has changed meanwhile", () => {
    const asked = press(screenState(), ":down").state
    const typed = press(asked, "x").state
    const field = { value: "download ", cursor: 9 }
    const done = { kind: "completed", asked: asked.field, field, choices: [] } as const
    expect(reduce(asked, done).state.field).toBe(field)
    expect(reduce(typed, done).state.field.value).toBe("downx")
  })

  it("closes at Esc, at Ctrl-C, and when the colon is deleted", () => {
    for (const key of ["escape", "ctrl-c", "backspace"]) {
      expect(press(screenState(), ":", key).state.mode).toEqual({ kind: "browse" })
    }
  })
})

describe("leaving", () => {
  it("goes back to the documents first [U9]", () => {
    expect(press(quiet(), "?", "q")).toMatchObject({ state: { view: "documents" }, effects: [] })
    expect(press(quiet(), "3", "q", "q").effects).toEqual([{ kind: "leave" }])
  })

  it("happens at once while nothing moves", () => {
    expect(press(quiet(), "q").effects).toEqual([{ kind: "leave" }])
  })

  it("asks while something moves, and anything but y means no", () => {
    expect(press(screenState(), "q").effects).toEqual([])
    expect(press(screenState(), "q", "y").effects).toEqual([{ kind: "leave" }])
    expect(press(screenState(), "q", "n").state.mode).toEqual({ kind: "browse" })
  })

  it("happens at the second Ctrl-C in a row whatever is asked", () => {
    expect(press(screenState(), "ctrl-c", "ctrl-c").effects).toEqual([{ kind: "leave-now" }])
    expect(press(screenState(), "ctrl-c", "n", "ctrl-c").effects).toEqual([])
  })
})

describe("the list", () => {
  it("sorts by a column, has equal ones in the order of their names, and puts unknown ETAs last both ways", () => {
    expect(listed(screenState({ sort: { column: "name", descending: false } }))).toEqual([
      "alpha.iso",
      "beta.iso",
      "gamma.txt",
    ])
    expect(listed(screenState({ sort: { column: "eta", descending: false } }))[0]).toBe("beta.iso")
    expect(listed(screenState({ sort: { column: "eta", descending: true } }))[0]).toBe("beta.iso")
    expect(listed(screenState({ sort: { column: "down", descending: true } }))).toEqual([
      "alpha.iso",
      "beta.iso",
      "gamma.txt",
    ])
  })

  it("filters while typing and keeps a selection in sight", () => {
    const { state } = press(screenState(), "/txt")
    expect(listed(state)).toEqual(["gamma.txt"])
    expect(state.selectedId).toBe("3")
    expect(listed(press(state, "enter").state)).toEqual(["gamma.txt"])
    expect(listed(press(state, "escape").state)).toHaveLength(3)
  })

  it("stays on the selected document when others come, and moves to a neighbour when it goes", () => {
    const state = press(screenState(), "down").state
    const [first, second, third] = threeDocuments().documents
    const more = fakeSnapshot({ documents: [fakeDocument({ id: "0", name: "new" }), ...threeDocuments().documents] })
    expect(reduce(state, { kind: "snapshot", snapshot: more }).state.selectedId).toBe(second?.id)
    const fewer = fakeSnapshot({ documents: [first, third].flatMap((each) => each ?? []) })
    expect(reduce(state, { kind: "snapshot", snapshot: fewer }).state.selectedId).toBe(third?.id)
    expect(reduce(state, { kind: "snapshot", snapshot: fakeSnapshot() }).state.selectedId).toBeUndefined()
  })

  it("goes to a document that has just come, and takes off a filter that hides it", () => {
    expect(reduce(screenState(), { kind: "select", id: "3" }).state.selectedId).toBe("3")
    const filtered = press(screenState(), "/alpha", "enter").state
    expect(reduce(filtered, { kind: "select", id: "3" }).state).toMatchObject({ selectedId: "3", filter: "" })
    const typing = press(screenState(), "/alpha").state
    expect(reduce(typing, { kind: "select", id: "3" }).state).toBe(typing)
  })

  it("moves within its ends", () => {
    expect(press(screenState(), "up", "up").state.selectedId).toBe("1")
    expect(press(screenState(), "G", "down").state.selectedId).toBe("3")
    expect(press(screenState(), "G", "g").state.selectedId).toBe("1")
  })
})

describe("acting on documents", () => {
  it("pauses the selected one, and resumes it when it is paused", () => {
    expect(press(screenState(), "p").effects).toEqual([{ kind: "run-commands", commands: [["pause", "1"]] }])
    expect(press(screenState(), "G", "p").effects).toEqual([{ kind: "run-commands", commands: [["resume", "3"]] }])
  })

  it("acts on all marked ones, and takes the marks away", () => {
    const { state, effects } = press(screenState(), "  ", "c")
    const commands = [
      ["recheck", "1"],
      ["recheck", "2"],
    ]
    expect(effects).toEqual([{ kind: "run-commands", commands }])
    expect(state.marked.size).toBe(0)
  })

  it("asks before it repairs, because the file may have been changed on purpose [U11]", () => {
    const { state, effects } = press(screenState(), "R")
    expect([effects, state.mode]).toEqual([[], expect.objectContaining({ kind: "confirm" })])
    expect(press(state, "n").effects).toEqual([])
    expect(press(state, "y").effects).toEqual([{ kind: "run-commands", commands: [["repair", "1", "--yes"]] }])
  })

  it("asks before it removes", () => {
    expect(press(screenState(), "x").effects).toEqual([])
    expect(press(screenState(), "x", "y").effects).toEqual([{ kind: "run-commands", commands: [["remove", "1"]] }])
  })
})

describe("what is hashed for an upload", () => {
  const job = {
    id: "hashing-1",
    kind: "hashing",
    name: "a.iso",
    filePath: "/srv/a.iso",
    doneBytes: 1,
    totalBytes: 9,
    bytesPerSecond: 1,
  } as const
  it.each([
    [{}, "pause"],
    [{ isPaused: true }, "resume"],
  ])("is paused and resumed by the key of documents: %o", (more, verb) => {
    const state = screenState({ snapshot: fakeSnapshot({ documents: [], jobs: [{ ...job, ...more }] }) })
    const { effects } = press({ ...state, selectedId: job.id }, "p")
    expect(effects).toEqual([{ kind: "run-commands", commands: [[verb, "hashing-1"]] }])
  })
})

describe("views", () => {
  it("are reached by number and Tab, and left by Esc", () => {
    expect(press(screenState(), "3").state.view).toBe("peers")
    expect(press(screenState(), "tab", "tab").state.view).toBe("peers")
    expect(press(screenState(), "shift-tab").state.view).toBe("files")
    expect(press(screenState(), "enter").state.view).toBe("parts")
    expect(press(screenState(), "4", "escape").state.view).toBe("documents")
  })

  it("goes from help back to where it was asked for", () => {
    expect(press(screenState(), "3", "?", "escape").state.view).toBe("peers")
  })

  it("scrolls no further than the end", () => {
    const down = press(screenState(), "?", ...new Array<string>(500).fill("down")).state
    expect(press(down, "up").state.scroll.help).toBe(down.scroll.help - 1)
  })
})

describe("a file that is hashed for an upload", () => {
  const job = {
    id: "hashing-1",
    kind: "hashing",
    name: "big",
    filePath: "/srv/big",
    doneBytes: 1,
    totalBytes: 2,
    bytesPerSecond: 1,
  } as const
  const hashing = (documents = [fakeDocument()]): ScreenState =>
    screenState({ snapshot: fakeSnapshot({ documents, jobs: [job] }) })

  it("is selected among the documents, and stays so [A11]", () => {
    const { state } = press(hashing(), "g")
    expect(state.selectedId).toBe(job.id)
    const further = { ...job, doneBytes: 2 }
    const shown = fakeSnapshot({ documents: [fakeDocument()], jobs: [further] })
    expect(reduce(state, { kind: "snapshot", snapshot: shown }).state.selectedId).toBe(job.id)
    expect(press(state, "down").state.selectedId).toBe(fakeDocument().id)
  })

  it("is selected where there is nothing else, and nothing is when it is done [A11]", () => {
    const empty = screenState({ snapshot: fakeSnapshot() })
    const shown = { kind: "snapshot", snapshot: fakeSnapshot({ jobs: [job] }) } as const
    const { state } = reduce(empty, shown)
    expect(state.selectedId).toBe(job.id)
    expect(reduce(state, { kind: "snapshot", snapshot: fakeSnapshot() }).state.selectedId).toBeUndefined()
  })

  it("is cancelled with the key that removes, after a question [A11]", () => {
    const { state } = press(hashing(), "g", "x")
    expect(state.mode).toMatchObject({ question: 'Stop hashing "big"? It is not shared then. (y/n)' })
    expect(press(state, "y").effects).toEqual([{ kind: "run-commands", commands: [["remove", job.id]] }])
  })

  it("takes no other key of a document and no mark, and says what it takes [A11]", () => {
    for (const key of ["c", "R", "Y", "i", "l", "Q", "L", " ", "enter"]) {
      const { state, effects } = press(hashing(), "g", key)
      expect(effects).toEqual([])
      expect(state).toMatchObject({ view: "documents", mode: { kind: "browse" } })
      expect(state.marked.size).toBe(0)
      expect(state.message?.text).toBe("big is hashed first, then it is a document: p pauses that, x stops it")
    }
    expect(press(hashing(), "g", "y").effects).toMatchObject([{ kind: "copy", text: "/srv/big" }])
  })

  it("leaves the keys to marked documents", () => {
    const marked = { ...press(hashing(), "g").state, marked: new Set([fakeDocument().id]) }
    expect(press(marked, "c").effects).toMatchObject([{ commands: [["recheck", fakeDocument().id]] }])
  })

  it.each([
    ["alone", [], "Hashing begins again at the next start. Leave? (y/n)"],
    [
      "beside a transfer",
      [fakeDocument({ state: "downloading" })],
      "Hashing begins again at the next start, where transfers continue. Leave? (y/n)",
    ],
  ])("begins again after leaving, which the question says: %s [A11]", (_, documents, question) => {
    expect(press(hashing(documents), "q").state.mode).toMatchObject({ kind: "confirm", question })
  })
})
