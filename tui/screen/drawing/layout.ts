/** Below this nothing is drawn but that it is too small. */
export const SMALLEST = { columns: 40, rows: 8 } as const
/** Below this only the list is shown. */
const ROOMY = { columns: 60, rows: 15 } as const

export interface Size {
  readonly columns: number
  readonly rows: number
}

export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < SMALLEST.columns || rows < SMALLEST.rows
}

/** Room for more than the list? */
export function isRoomy({ columns, rows }: Size): boolean {
  return columns >= ROOMY.columns && rows >= ROOMY.rows
}

/** Lines that are drawn: one less than the terminal has, or Ink 6.8 clears the whole screen with every update. */
export function drawnRows({ rows }: Size): number {
  return Math.max(1, rows - 1)
}

/** Lines around the body: header and tabs above (one line on small screens); message and footer below. */
function chromeRows(size: Size): { readonly top: number; readonly bottom: number } {
  return { top: isRoomy(size) ? 2 : 1, bottom: 2 }
}

/** Lines above the body. */
export function headerRows(size: Size): number {
  return chromeRows(size).top
}

/** Lines between header and footer. */
export function bodyHeight(size: Size): number {
  const { top, bottom } = chromeRows(size)
  return Math.max(1, drawnRows(size) - top - bottom)
}
