import { rememberedBy } from "../../base/remembered.js"
import { usageOf } from "../../commands/parse.js"
import { COMMANDS } from "../../commands/table.js"
import { type Row, type Tone, textOf } from "../drawing/cells.js"
import { type Glyphs, UNICODE } from "../drawing/glyphs.js"
import { widthBesideBar, withScrollBar } from "../drawing/scroll-bar.js"
import { wrapText } from "../drawing/wrap-text.js"
import { KEY_TABLE, type KeyBinding, shownKey } from "../keys/keys.js"
import type { ScreenState } from "../state/state.js"
import type { Body } from "./body.js"
import { WANTED_MARKS } from "./files-view.js"
import { mapLegend } from "./parts-map.js"
import { PEER_FLAGS } from "./peers-view.js"

const KEY_WIDTH = 18

/** All keys, commands and symbols, made from the tables that handle and draw them. */
export function helpView(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const rows = helpRows(glyphs, state.columns)
  const start = Math.min(state.scroll.help, Math.max(0, rows.length - height))
  const shown = rows.slice(start, start + height)
  const extent = { start, shown: shown.length, count: rows.length }
  return { rows: withScrollBar(shown, extent, state.columns, glyphs), extent }
}

/** Lines that scroll in this view, none wider than `columns`. */
export function helpRows(glyphs: Glyphs, columns: number): readonly Row[] {
  return rowsFor({ glyphs, columns })
}

/** Every key in this view asks for all of them. */
const rowsFor = rememberedBy(["glyphs", "columns"], allRows)

function allRows({ glyphs, columns: screenColumns }: { glyphs: Glyphs; columns: number }): readonly Row[] {
  // There is more of it than any screen shows.
  const columns = widthBesideBar(screenColumns, 1, 0)
  const pairRows = (left: string, right: string): readonly Row[] => besideEachOther(left, right, columns)
  return [
    heading("Keys"),
    ...KEY_TABLE.flatMap((binding) => pairRows(binding.keys.map(shownKey).join(", "), keyHelp(binding))),
    [],
    heading("While typing a command"),
    ...TYPING.flatMap(([keys, what]) => pairRows(keys, what)),
    [],
    heading("Commands (after :)"),
    ...COMMANDS.flatMap((command): readonly Row[] => [
      ...indented(usageOf(command), 2, columns, "accent"),
      ...indented(command.summary, 6, columns, "plain"),
    ]),
    [],
    heading("Letters of the list"),
    ...LETTERS.flatMap(([letter, what]) => pairRows(letter, what)),
    ...pairRows(glyphs.marked, "marked: keys act on all that are"),
    ...pairRows(glyphs.unseen, "a download that has ended, until you go to its line"),
    ...pairRows(glyphs.lock, "private: its peers speak only inside TLS; of a peer: so does this one"),
    [],
    heading("Files of a folder"),
    ...FILE_MARKS.flatMap(([mark, what]) => pairRows(mark, what)),
    ...pairRows(
      `${glyphs.closed} ${glyphs.opened}`,
      "a folder: closed, open. Its figures are those of all files below it",
    ),
    ...pairRows(glyphs.changing, "being changed"),
    [],
    heading("The map of parts"),
    ...mapLegend(glyphs).flatMap(([glyph, what]) => pairRows(glyph, what)),
    [],
    heading("Columns"),
    ...COLUMNS.flatMap(([title, what]) => pairRows(title, what)),
    [],
    heading("Flags of a peer"),
    ...PEER_FLAGS.flatMap(([letter, what]) => pairRows(letter, what)),
  ]
}

/** The line that the help of `command` begins at. */
export function helpPlace(command: string | undefined, columns: number): number {
  const known = COMMANDS.find(({ name }) => name === command)
  if (known === undefined) return 0
  const wanted = `  ${usageOf(known)}`
  // A long usage is on several lines.
  return Math.max(
    0,
    helpRows(UNICODE, columns).findIndex(
      (row) => row.length === 1 && row[0]?.tone === "accent" && wanted.startsWith(textOf(row)),
    ),
  )
}

const TYPING: readonly (readonly [string, string])[] = [
  ["Tab", "complete the command, path or document; again, or the arrows: walk through what there is"],
  ["Up, Down", "earlier lines, also of earlier runs"],
  ["Ctrl-R", "find an earlier line by some of its letters"],
  ["Ctrl-A, Ctrl-E", "to the beginning, to the end"],
  ["Alt-B, Alt-F", "a word back, a word on"],
  ["Ctrl-W, Ctrl-U", "delete the word, all before the cursor"],
  ["Ctrl-K", "delete all after the cursor"],
  ["Esc", "close it"],
]

const COLUMNS: readonly (readonly [string, string])[] = [
  ["Done", "share of the bytes that is here and checked; while checking or hashing: looked at"],
  ["Down, Up", "bytes a second, averaged over some seconds"],
  ["Peers", "connected, of those that are known"],
  ["ETA", "time left at the present rate"],
  ["Ratio", "bytes served in this session for each byte of the document"],
  ["Has", "share of the document that the peer has"],
  ["Req", "requests to the peer that are under way / requests of the peer that wait here"],
  ["Bad", "parts of the peer that failed their check"],
  ["From", "how the peer became known"],
  ["Tries", "how often the part was begun, and how long ago in Age"],
  ["B, KiB, MiB, GiB", "1, 1024, 1024 x 1024 bytes and so on"],
]

const LETTERS: readonly (readonly [string, string])[] = [
  ["D", "downloading"],
  ["w", "wants to download and waits: the sentence below the list says for what"],
  ["S", "seeding: complete, served to other clients"],
  ["C", "checking what is on disk"],
  ["H", "hashing a file to share it"],
  ["P", "paused"],
  ["F", "failed: the sentence below the list says why"],
]

const FILE_MARKS: readonly (readonly [string, string])[] = [
  [WANTED_MARKS.on, "wanted; of a folder: all files below it"],
  [WANTED_MARKS.partly, "a folder of which some files are wanted: Space wants the others, too"],
  [WANTED_MARKS.off, "not wanted: what is there of it came with a part that a wanted file shares"],
]

function heading(text: string): Row {
  return [{ text, tone: "title" }]
}

function keyHelp({ help, views }: KeyBinding): string {
  return views === undefined || views.length > 3 ? help : `${help} (${views.join(", ")})`
}

/** A narrow screen has the words on several lines, all beside the key. */
function besideEachOther(left: string, right: string, columns: number): readonly Row[] {
  return wrapText(right, columns - KEY_WIDTH - 2).map((line, index) => [
    { text: `  ${(index === 0 ? left : "").padEnd(KEY_WIDTH)}`, tone: "accent" },
    { text: line },
  ])
}

function indented(text: string, indent: number, columns: number, tone: Tone): readonly Row[] {
  return wrapText(text, columns - indent).map((line) => [{ text: " ".repeat(indent) + line, tone }])
}
