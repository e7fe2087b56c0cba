import { usageOf } from "../commands/parse.js"
import { COMMANDS } from "../commands/table.js"
import type { Row } from "./cells.js"
import type { Glyphs } from "./glyphs.js"
import { KEY_TABLE, type KeyBinding, shownKey } from "./keys.js"
import { mapLegend } from "./parts-map.js"
import { PEER_FLAGS } from "./peers-view.js"
import type { ScreenState } from "./state.js"

const KEY_WIDTH = 18

/** All keys, commands and symbols, made from the tables that handle and draw them. */
export function helpView(state: ScreenState, glyphs: Glyphs, height: number): readonly Row[] {
  const rows = helpRows(glyphs)
  const start = Math.min(state.scroll.help, Math.max(0, rows.length - height))
  return rows.slice(start, start + height)
}

/** Lines that scroll in this view. */
export function helpRows(glyphs: Glyphs): readonly Row[] {
  return [
    heading("Keys"),
    ...KEY_TABLE.map(keyRow),
    [],
    heading("While typing a command"),
    ...TYPING.map(([keys, what]) => pairRow(keys, what)),
    [],
    heading("Commands (after :)"),
    ...COMMANDS.flatMap((command): readonly Row[] => [
      [{ text: `  ${usageOf(command)}`, tone: "accent" }],
      [{ text: `      ${command.summary}` }],
    ]),
    [],
    heading("Letters of the list"),
    ...LETTERS.map(([letter, what]) => pairRow(letter, what)),
    pairRow(glyphs.lock, "private: its peers speak only inside TLS; of a peer: so does this one"),
    [],
    heading("The map of parts"),
    ...mapLegend(glyphs).map(([glyph, what]) => pairRow(glyph, what)),
    [],
    heading("Flags of a peer"),
    ...PEER_FLAGS.map(([letter, what]) => pairRow(letter, what)),
  ]
}

const TYPING: readonly (readonly [string, string])[] = [
  ["Tab", "complete the command or path"],
  ["Up, Down", "earlier lines, also of earlier runs"],
  ["Ctrl-A, Ctrl-E", "to the beginning, to the end"],
  ["Alt-B, Alt-F", "a word back, a word on"],
  ["Ctrl-W, Ctrl-U", "delete the word, all before the cursor"],
  ["Ctrl-K", "delete all after the cursor"],
  ["Esc", "close it"],
]

const LETTERS: readonly (readonly [string, string])[] = [
  ["D", "downloading"],
  ["w", "wants to download and waits: the sentence below the list says for what"],
  ["S", "seeding: all there, served to whoever asks"],
  ["C", "checking what is on disk"],
  ["H", "hashing a file to share it"],
  ["P", "paused"],
  ["F", "failed: the sentence below the list says why"],
]

function heading(text: string): Row {
  return [{ text, tone: "title" }]
}

function keyRow({ keys, help, views }: KeyBinding): Row {
  const where = views === undefined || views.length > 3 ? "" : ` (${views.join(", ")})`
  return pairRow(keys.map(shownKey).join(", "), `${help}${where}`)
}

function pairRow(left: string, right: string): Row {
  return [{ text: `  ${left.padEnd(KEY_WIDTH)}`, tone: "accent" }, { text: right }]
}
