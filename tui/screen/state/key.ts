/** One key. */
export interface KeyPress {
  /** "q", "Q", "é", " ", "up", "enter", "escape", "ctrl-a", "alt-b", "shift-tab"; "paste" for a pasted text. */
  readonly name: string
  /** The text to insert, where the key stands for some. */
  readonly text: string | undefined
  /** Of a paste: it was longer, and only its beginning is here. */
  readonly isCut?: true
}

/** The mouse on a cell of the terminal, 0-based. */
export interface MousePress {
  readonly what: "click" | "wheel-up" | "wheel-down"
  readonly column: number
  readonly row: number
}
