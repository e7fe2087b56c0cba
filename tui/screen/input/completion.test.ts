import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../../../core/testing/temporary-folder.js"
import { fieldOf } from "../state/text-field.js"
import { type Completion, complete } from "./completion.js"

let serviceFolder: string

inTemporaryFolder((path) => {
  serviceFolder = path
})

beforeEach(async () => {
  await mkdir(join(serviceFolder, "films"))
  for (const name of ["file one.iso", "file one.json", ".hidden", "zebra"])
    await writeFile(join(serviceFolder, name), "")
})
const tab = (line: string): Completion =>
  complete(fieldOf(line), { serviceFolder, documentNames: ["alpha.iso", "my file"] })

describe("Tab", () => {
  it.each([
    ["dow", "download "],
    ["upload z", "upload zebra "],
    ["upload --o", "upload --open "],
    ["upload file", 'upload "file one.'],
    ['upload "file one.i', 'upload "file one.iso" '],
    ["upload fil", "upload fil"],
    ["upload film", "upload films/"],
    ["upload ./z", "upload ./zebra "],
    ["upload .h", "upload .hidden "],
    ["pause my", 'pause "my file" '],
    ["limit d", "limit down "],
    ["upload ~", "upload ~/"],
    ["nonsense x", "nonsense x"],
    ["upload nowhere/x", "upload nowhere/x"],
  ])("makes of %s: %s", (line, completed) => {
    expect(tab(line).field).toEqual(fieldOf(completed))
  })

  it.each([
    ["upload nothing", "no file or folder begins like this in FOLDER", "nothing"],
    ["upload films/x", "no file or folder begins like this in FOLDER/films", "films/x"],
    ["download nowhere/x", "no file or folder begins like this in FOLDER/nowhere", "nowhere/x"],
    ["pause beta", "no document begins like this", "beta"],
    ["upload --x", "upload has no such option", "--x"],
    ["uplod x", "no such command", "uplod"],
    ["x", "no command begins like this", "x"],
  ])("says why it does nothing to %s, under the word", (line, message, word) => {
    const start = line.indexOf(word)
    expect(tab(line).problem).toEqual({
      message: message.replace("FOLDER", serviceFolder),
      span: { start, end: start + word.length },
    })
  })

  it("has no fault to show where it completes, or knows nothing of what belongs there", () => {
    for (const line of ["upload z", "upload fil", "limit down 1", "download x.json new"])
      expect(tab(line).problem).toBeUndefined()
  })

  it("goes over the space that is there", () => {
    const field = { value: "upl zebra", cursor: 3 }
    expect(complete(field, { serviceFolder, documentNames: [] }).field).toEqual({ value: "upload zebra", cursor: 7 })
  })

  it("shows what there is to choose from, without the folder", () => {
    const labels = (line: string) => tab(line).choices.map(({ label }) => label)
    expect(labels("upload fil")).toEqual(["file one.iso", "file one.json", "films/"])
    expect(labels("re")).toEqual(["resume", "recheck", "repair", "remove"])
  })

  it("has the line with each of them [U9]", () => {
    expect(tab("upload fil").choices.map(({ field }) => field)).toEqual(
      ['upload "file one.iso" ', 'upload "file one.json" ', "upload films/"].map(fieldOf),
    )
  })

  it("offers torrent files where one is wanted, and everything where there is none", () => {
    expect(tab("download ").choices.map(({ label }) => label)).toEqual(["file one.json", "films/"].sort())
    expect(tab("download z").field.value).toBe("download zebra ")
  })

  it("offers no hidden files unless asked for", () => {
    expect(tab("upload ").choices).not.toContain(".hidden")
  })

  it.each(["upload zebra", "download t.json", "export t.json"])(
    "offers no existing file as a target: %s [A1]",
    (line) => {
      expect(tab(`${line} `).field.value).toBe(`${line} films/`)
      expect(tab(`${line} z`)).toEqual({ field: fieldOf(`${line} z`), choices: [] })
    },
  )

  it("completes paths from the root", () => {
    expect(tab(`upload ${serviceFolder}/z`).field.value).toBe(`upload ${serviceFolder}/zebra `)
  })

  it("leaves what stands behind the cursor", () => {
    const field = { value: "upload z t.json", cursor: 8 }
    expect(complete(field, { serviceFolder, documentNames: [] }).field).toEqual({
      value: "upload zebra t.json",
      cursor: 13,
    })
  })
})
