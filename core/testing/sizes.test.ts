import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

const MAX_FILE_LINES = 300
const MAX_FUNCTION_LINES = 60
const MAX_PARAMETERS = 4

/** An object for each call would be made for nothing. */
const HOT: readonly string[] = ["core/wire/codec/encode.ts: encodePieceHeader", "tracker/peers/peer-table.ts: sample"]

interface FunctionSize {
  /** 1-based. */
  readonly line: number
  readonly lineCount: number
  readonly name: string
  /** In a row: those of an object count as one. */
  readonly parameterCount: number
}

/**
 * Functions with a body of several lines. The formatter gives the head of a function and the end of its body one indentation, so that lines
 * tell them without a parser. What `describe` is given only holds tests, and counts as none.
 */
function functionsIn(source: string): FunctionSize[] {
  const lines = source.split("\n")
  return lines.flatMap((line, index) => {
    if (!line.endsWith(" {")) return []
    const start = headOf(lines, index)
    const head = lines
      .slice(start, index + 1)
      .map((each) => each.trim())
      .join(" ")
    if (!isFunction(head) || isGroupOfTests(lines, start)) return []
    const bodyLines = lines.slice(index + 1).findIndex((each) => indentOf(each) <= indentOf(line))
    if (bodyLines < 0) return []
    return [{ line: start + 1, lineCount: index - start + bodyLines + 2, ...signatureOf(head) }]
  })
}

/** Parameters in lines of their own end in a line like `): string {`: the line of that indentation before it begins them. */
function headOf(lines: readonly string[], end: number): number {
  const last = lines[end] ?? ""
  if (!/^\s*\)/.test(last)) return end
  for (let at = end - 1; at >= 0; at--) if (indentOf(lines[at] ?? "") === indentOf(last)) return at
  return end
}

function isFunction(head: string): boolean {
  if (head.endsWith("=> {")) return true
  const isControl = /^(?:\} )?(?:if|else|for|while|do|switch|try|catch|finally)\b/.test(head)
  return !isControl && /^(?:[\w#*<>,\s.=[\]]*)\(.*\)(?:: [^=]*)? \{$/.test(head)
}

/** The name before the first parenthesis, and what stands in it; of a call that is given a function, the call's. */
function signatureOf(head: string): { readonly name: string; readonly parameterCount: number } {
  const begin = head.indexOf("(")
  const name = /[#\w]+(?=(?:<.*>)?$)/.exec(head.slice(0, begin))?.[0] ?? ""
  let depth = 0
  let commas = 0
  let last = ""
  for (const character of head.slice(begin).replaceAll("=>", "")) {
    if ("({[<".includes(character)) depth++
    if (")}]>".includes(character) && --depth === 0) break
    if (character === "," && depth === 1) commas++
    if (character !== " ") last = character
  }
  return { name, parameterCount: last === "(" ? 0 : commas + (last === "," ? 0 : 1) }
}

/** `describe("…", () => {`, with a table before it or its arguments in lines of their own. */
function isGroupOfTests(lines: readonly string[], start: number): boolean {
  const line = lines[start] ?? ""
  const isArgument = /^\s*(?:async )?\(/.test(line)
  const begin = isArgument ? indentOf(line) - 1 : indentOf(line)
  const isWhole = !isArgument && !/^\s*\]/.test(line)
  const call = isWhole ? line : lines.slice(0, start).findLast((each) => indentOf(each) <= begin)
  return /^\s*describe\b/.test(call ?? "")
}

function indentOf(line: string): number {
  return line === "" ? Number.POSITIVE_INFINITY : line.length - line.trimStart().length
}

const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "")
  .map((path) => ({ path, source: readFileSync(join(ROOT, path), "utf8") }))

it("measures functions of every kind from head to end", () => {
  const lines = (count: number, indent: string) => `${`${indent}  work()\n`.repeat(count)}${indent}`
  const code = [
    `function plain(a: number): void {\n${lines(3, "")}}`,
    `export async function wide(\n  a: number,\n  b: number,\n): Promise<void> {\n${lines(3, "")}}`,
    `class Some {\n  async #method(a: number): Promise<void> {\n${lines(3, "  ")}}\n}`,
    `it("a test", async () => {\n${lines(3, "")}})`,
    `describe("tests", () => {\n${lines(3, "")}})`,
    `describe.skipIf(true)(\n  "tests",\n  () => {\n${lines(3, "  ")}},\n)`,
    `describe.each([\n  1,\n])("tests", () => {\n${lines(3, "")}})`,
    `it.each([\n  1,\n])("a test", () => {\n${lines(3, "")}})`,
    `if (true) {\n${lines(3, "")}}`,
  ]
  expect(functionsIn(code[1] ?? "")).toMatchObject([{ name: "wide", parameterCount: 2 }])
  expect(signatureOf("f<T>(a: Map<T, { b: number; c: T }>, d: (e: T, g: T) => void) {")).toEqual({
    name: "f",
    parameterCount: 2,
  })
  expect(code.map((each) => functionsIn(each).map(({ lineCount }) => lineCount))).toEqual([
    [5],
    [8],
    [5],
    [5],
    [],
    [],
    [],
    [5],
    [],
  ])
})

it("has no file over 300 lines", () => {
  const sizes = FILES.map(({ path, source }) => ({ path, lineCount: source.split("\n").length - 1 }))
  expect(sizes.length).toBeGreaterThan(100)
  expect(sizes.filter(({ lineCount }) => lineCount > MAX_FILE_LINES)).toEqual([])
})

it("has no function over 60 lines", () => {
  const sizes = FILES.flatMap(({ path, source }) => functionsIn(source).map((each) => ({ path, ...each })))
  expect(sizes.length).toBeGreaterThan(1_000)
  expect(sizes.filter(({ lineCount }) => lineCount > MAX_FUNCTION_LINES)).toEqual([])
})

it("has no function with more than four parameters in a row, but where it runs for every block or peer", () => {
  const functions = FILES.flatMap(({ path, source }) => functionsIn(source).map((each) => ({ path, ...each })))
  const long = functions.filter(
    ({ parameterCount, path }) => parameterCount > MAX_PARAMETERS && !path.endsWith(".test.ts"),
  )
  expect(long.map(({ path, name }) => `${path}: ${name}`)).toEqual(HOT)
})
