import type { TerminalCell } from "./pty-screen.js"

const CELL_WIDTH = 8.4
const CELL_HEIGHT = 18
const FONT_SIZE = 14
const PADDING = 12
/** From the top of a cell to the line its letters stand on. */
const BASELINE = 13.5

const BACKGROUND = "#16181d"
const FOREGROUND = "#d4d7dd"
/** The terminal's 16 colours, as a dark theme has them. */
const PALETTE = [
  ...["#16181d", "#e5706b", "#7fb96b", "#d8b45c", "#6b9be5", "#c58bd8", "#5fb8bd", "#d4d7dd"],
  ...["#6a7080", "#ff8f8a", "#9cd687", "#f0cf7c", "#8db5f7", "#dcaaec", "#80d4d9", "#ffffff"],
]

/** A terminal's cells as an SVG that looks the same in every browser: blocks and bars are drawn, letters are set. */
export function svgPicture(rows: readonly (readonly TerminalCell[])[]): string {
  const drawn = rows.flatMap((row, place) => runsOf(row).map((run) => drawRun(run, topOf(place))))
  return framed(rows, drawn)
}

/** Elements on the ground of a terminal with the size of `rows`. */
export function framed(rows: readonly (readonly TerminalCell[])[], drawn: readonly string[]): string {
  const columns = Math.max(...rows.map((row) => row.length))
  const width = round(columns * CELL_WIDTH + 2 * PADDING)
  const height = rows.length * CELL_HEIGHT + 2 * PADDING
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${FONT_SIZE}">`,
    ...drawn.filter((element) => element !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n")
}

/** Each word and bar of a row as an element of its own, the grounds of what is inverse before them. */
export function elementsOf(row: readonly TerminalCell[], place: number): readonly string[] {
  const top = topOf(place)
  const runs = runsOf(row)
  const behind = runs.filter(({ style }) => style.isInverse).map((run) => groundOf(run, top))
  const words = runs.flatMap((run) => wordsOf(run).map((word) => drawInk(word, top)))
  return [...behind, ...words].filter((element) => element !== "")
}

/** Words with one blank between them stay together. A run with wide characters stays whole. */
function wordsOf(run: Run): readonly Run[] {
  if (run.text.length !== run.columns || blockOf(run.text.charAt(0)) !== undefined) return [run]
  return [...run.text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: text, index }) => ({
    ...{ style: run.style, text },
    ...{ column: run.column + index, columns: text.length },
  }))
}

function topOf(place: number): number {
  return PADDING + place * CELL_HEIGHT
}

/** Neighbours of one style. `columns` may be more than characters: some are two cells wide. */
interface Run {
  readonly column: number
  columns: number
  text: string
  readonly style: TerminalCell
}

function runsOf(row: readonly TerminalCell[]): readonly Run[] {
  const runs: Run[] = []
  for (const [column, cell] of row.entries()) {
    const last = runs.at(-1)
    if (last !== undefined && (cell.text === "" || goesOn(last, cell))) {
      last.columns++
      last.text += cell.text
    } else runs.push({ column, columns: 1, text: cell.text, style: cell })
  }
  return runs
}

/** Drawn characters stand in runs of one and the same; letters in runs of one style. */
function goesOn({ style, text }: Run, cell: TerminalCell): boolean {
  const isSameStyle =
    style.color === cell.color &&
    style.isBold === cell.isBold &&
    style.isDim === cell.isDim &&
    style.isInverse === cell.isInverse
  const before = text.at(-1) ?? ""
  return isSameStyle && (blockOf(before) === undefined ? blockOf(cell.text) === undefined : before === cell.text)
}

function drawRun(run: Run, top: number): string {
  return (run.style.isInverse ? groundOf(run, top) : "") + drawInk(run, top)
}

function groundOf(run: Run, top: number): string {
  return rect({ x: leftOf(run), y: top, width: run.columns * CELL_WIDTH, height: CELL_HEIGHT }, colorOf(run))
}

function drawInk(run: Run, top: number): string {
  const ink = run.style.isInverse ? BACKGROUND : colorOf(run)
  const block = blockOf(run.text.charAt(0))
  if (block !== undefined) return drawBlock(block, run.columns, { x: leftOf(run), top }, ink)
  return run.text.trim() === "" ? "" : drawText(run, leftOf(run), top, ink)
}

function leftOf({ column }: Run): number {
  return PADDING + column * CELL_WIDTH
}

function colorOf({ style }: Run): string {
  return style.color === undefined ? FOREGROUND : (PALETTE[style.color] ?? FOREGROUND)
}

function drawText({ text, column, style }: Run, x: number, top: number, ink: string): string {
  const indent = text.length - text.trimStart().length
  const shown = text.trim()
  const attributes = [
    `x="${round(x + indent * CELL_WIDTH)}"`,
    `y="${round(top + BASELINE)}"`,
    `fill="${ink}"`,
    // Whatever font is there, every column keeps its place.
    ...(isAscii(shown) ? [`textLength="${round(shown.length * CELL_WIDTH)}"`] : []),
    ...(style.isBold ? ['font-weight="bold"'] : []),
    ...(style.isDim ? ['opacity="0.6"'] : []),
    ...(column >= 0 ? ['xml:space="preserve"'] : []),
  ]
  return `<text ${attributes.join(" ")}>${escaped(shown)}</text>`
}

/** A part of the cell that is filled, as fractions of it, and how dense. */
interface Block {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly opacity: number
}

/** Block elements (U+2580 to U+259F) and the rule, as rectangles. */
function blockOf(character: string): Block | undefined {
  const code = character.codePointAt(0) ?? 0
  const whole = { left: 0, top: 0, width: 1, height: 1, opacity: 1 }
  if (character === "─") return { ...whole, top: 0.48, height: 0.06 }
  if (code >= 0x2581 && code <= 0x2588) return { ...whole, top: (0x2588 - code) / 8, height: (code - 0x2580) / 8 }
  if (code >= 0x2589 && code <= 0x258f) return { ...whole, width: (0x2590 - code) / 8 }
  if (code >= 0x2591 && code <= 0x2593) return { ...whole, opacity: [0.18, 0.45, 0.75][code - 0x2591] ?? 1 }
  return undefined
}

/** Rows of the map must not melt into one: a hair's breadth stays free below. */
const BLOCK_HEIGHT = CELL_HEIGHT - 1.5

function drawBlock(
  block: Block,
  columns: number,
  at: { readonly x: number; readonly top: number },
  ink: string,
): string {
  const places = block.width === 1 ? [0] : Array.from({ length: columns }, (_, place) => place)
  const width = block.width === 1 ? columns * CELL_WIDTH : block.width * CELL_WIDTH
  return places
    .map((place) => {
      const [x, y] = [at.x + place * CELL_WIDTH, at.top + block.top * BLOCK_HEIGHT]
      return rect({ x, y, width, height: block.height * BLOCK_HEIGHT }, ink, block.opacity)
    })
    .join("")
}

function rect({ x, y, width, height }: Area, fill: string, opacity = 1): string {
  const faint = opacity === 1 ? "" : ` opacity="${opacity}"`
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${faint}/>`
}

interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
