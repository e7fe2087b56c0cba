/** Everything the screen draws that is not text. Each glyph is one cell wide. */
export interface Glyphs {
  /** A bar's cells: full, eighths from 1/8 to 7/8, empty. */
  readonly barFull: string
  readonly barParts: readonly string[]
  readonly barEmpty: string
  /** The map's cells: all there, some there, being fetched, being checked. */
  readonly have: string
  readonly some: string
  readonly inFlight: string
  readonly checking: string
  /** Missing, and no connected peer has it. */
  readonly unavailable: string
  /** Missing, and ten peers or more have it; fewer are shown as a digit. */
  readonly many: string
  /** A sparkline's levels, lowest first. */
  readonly levels: readonly string[]
  readonly down: string
  readonly up: string
  readonly ellipsis: string
  readonly cursor: string
  readonly marked: string
  /** A download that has ended, and was not looked at since. */
  readonly unseen: string
  /** A private document, and a peer that is spoken to inside TLS: a keyhole, which fonts have since code page 437, as they lack locks. */
  readonly lock: string
  /** A folder that is open, and one that is closed. */
  readonly opened: string
  readonly closed: string
  /** What is being changed. */
  readonly changing: string
  readonly rule: string
  readonly scrollThumb: string
  readonly scrollTrack: string
}

export const UNICODE: Glyphs = {
  barFull: "█",
  barParts: ["▏", "▎", "▍", "▌", "▋", "▊", "▉"],
  barEmpty: "░",
  have: "█",
  some: "▄",
  inFlight: "▒",
  checking: "▓",
  unavailable: "·",
  many: "+",
  levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
  down: "↓",
  up: "↑",
  ellipsis: "…",
  cursor: ">",
  marked: "*",
  unseen: "!",
  lock: "◘",
  opened: "▾",
  closed: "▸",
  changing: "~",
  rule: "─",
  scrollThumb: "█",
  scrollTrack: "│",
}

export const ASCII: Glyphs = {
  barFull: "#",
  barParts: [],
  barEmpty: ".",
  have: "#",
  some: "=",
  inFlight: ">",
  checking: "?",
  unavailable: "-",
  many: "+",
  levels: [".", ":", "-", "=", "+", "*", "#", "@"],
  down: "v",
  up: "^",
  ellipsis: "~",
  cursor: ">",
  marked: "*",
  unseen: "!",
  lock: "E",
  opened: "-",
  closed: "+",
  changing: "~",
  rule: "-",
  scrollThumb: "#",
  scrollTrack: "|",
}
