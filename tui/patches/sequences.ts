/** From the cursor to the end of its row. */
export const ERASE_TO_END = "\u001B[K"

/** Text of which every character takes one column of every terminal. */
export const ASCII = /^[\x20-\x7E]+$/

/** Moves to a place of the screen, 0-based. */
export const at = (row: number, column: number): string => `\u001B[${row + 1};${column + 1}H`

/** Moves within the row, 0-based. */
export const atColumn = (column: number): string => `\u001B[${column + 1}G`
