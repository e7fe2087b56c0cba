/** One line being edited. `cursor` is an offset in UTF-16 units, always between two characters. */
export interface TextField {
  readonly value: string
  readonly cursor: number
}

export const EMPTY_FIELD: TextField = { value: "", cursor: 0 }

/** A field that holds `value`, with the cursor at its end. */
export function fieldOf(value: string): TextField {
  return { value, cursor: value.length }
}

const segmenter = new Intl.Segmenter()

function replace(field: TextField, start: number, end: number, text: string): TextField {
  return { value: field.value.slice(0, start) + text + field.value.slice(end), cursor: start + text.length }
}

function previousCharacter({ value, cursor }: TextField): number {
  let start = 0
  for (const { index } of segmenter.segment(value.slice(0, cursor))) start = index
  return start
}

function nextCharacter({ value, cursor }: TextField): number {
  for (const { segment } of segmenter.segment(value.slice(cursor))) return cursor + segment.length
  return cursor
}

/** Start of the word before the cursor; `separators` ends a word ("/" too for Alt-B, spaces only for Ctrl-W). */
function previousWord({ value, cursor }: TextField, separators: RegExp): number {
  let at = cursor
  while (at > 0 && separators.test(value.charAt(at - 1))) at--
  while (at > 0 && !separators.test(value.charAt(at - 1))) at--
  return at
}

function nextWord({ value, cursor }: TextField): number {
  let at = cursor
  while (at < value.length && SEPARATORS.test(value.charAt(at))) at++
  while (at < value.length && !SEPARATORS.test(value.charAt(at))) at++
  return at
}

const SPACES = /\s/
const SEPARATORS = /[\s/"']/

export function insert(field: TextField, text: string): TextField {
  return replace(field, field.cursor, field.cursor, text)
}

/** What each key does to the field, as shells do it. */
const EDITS: Readonly<Record<string, (field: TextField) => TextField>> = {
  left: (field) => ({ ...field, cursor: previousCharacter(field) }),
  right: (field) => ({ ...field, cursor: nextCharacter(field) }),
  home: (field) => ({ ...field, cursor: 0 }),
  end: (field) => ({ ...field, cursor: field.value.length }),
  backspace: (field) => replace(field, previousCharacter(field), field.cursor, ""),
  delete: (field) => replace(field, field.cursor, nextCharacter(field), ""),
  "alt-b": (field) => ({ ...field, cursor: previousWord(field, SEPARATORS) }),
  "alt-f": (field) => ({ ...field, cursor: nextWord(field) }),
  "ctrl-w": (field) => replace(field, previousWord(field, SPACES), field.cursor, ""),
  "alt-backspace": (field) => replace(field, previousWord(field, SEPARATORS), field.cursor, ""),
  "alt-d": (field) => replace(field, field.cursor, nextWord(field), ""),
  "ctrl-u": (field) => replace(field, 0, field.cursor, ""),
  "ctrl-k": (field) => replace(field, field.cursor, field.value.length, ""),
}

const ALIASES: Readonly<Record<string, string>> = {
  "ctrl-b": "left",
  "ctrl-f": "right",
  "ctrl-a": "home",
  "ctrl-e": "end",
  "ctrl-h": "backspace",
  "ctrl-d": "delete",
  "alt-left": "alt-b",
  "alt-right": "alt-f",
  "ctrl-left": "alt-b",
  "ctrl-right": "alt-f",
}

/** The field after a key, or undefined when the key edits nothing. `key` as key-press.ts names it. */
export function edit(field: TextField, key: string): TextField | undefined {
  return EDITS[ALIASES[key] ?? key]?.(field)
}
