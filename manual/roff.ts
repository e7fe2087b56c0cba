/** One entry of a list: what is typed, and what it does. */
export interface Entry {
  /** Placeholders in angle brackets: "--peers <hosts>". */
  readonly usage: string
  readonly summary: string
  /** Of an entry that has some of its own. */
  readonly entries?: readonly Entry[]
}

export interface Section {
  readonly heading: string
  readonly paragraphs?: readonly string[]
  readonly entries?: readonly Entry[]
  /** Lines that are typed, as they stand. */
  readonly examples?: readonly string[]
}

/** A page of the manual, section 1. */
export interface Page {
  readonly name: string
  /** One line: "p2p-tui - share files". */
  readonly about: string
  readonly version: string
  /** "2026-11-26", or undefined before the version is released. */
  readonly date: string | undefined
  /** One form of the command a line. */
  readonly synopsis: readonly string[]
  readonly sections: readonly Section[]
}

/** The page in the man macros of roff, which groff and mandoc read. */
export function roffOf({ name, about, version, date, synopsis, sections }: Page): string {
  return `${[
    `.TH ${name.toUpperCase().replaceAll("-", "\\-")} 1 "${date ?? "unreleased"}" "${name} ${version}" "User Commands"`,
    // No breaks within words, as their hyphens would be taken for typed ones, and no stretched blanks.
    ".nh",
    ".ad l",
    ".SH NAME",
    `${escaped(name)} \\- ${escaped(about)}`,
    ".SH SYNOPSIS",
    ...synopsis.flatMap((form, at) => [...(at === 0 ? [] : [".br"]), typed(form)]),
    ...sections.flatMap(sectionLines),
  ].join("\n")}\n`
}

function sectionLines({ heading, paragraphs = [], entries = [], examples = [] }: Section): readonly string[] {
  return [
    `.SH "${heading.toUpperCase()}"`,
    ...paragraphs.flatMap((text, at) => [...(at === 0 ? [] : [".PP"]), escaped(text)]),
    ...entries.flatMap(entryLines),
    ...(examples.length > 0 ? [".nf", ...examples.map(escaped), ".fi"] : []),
  ]
}

function entryLines({ usage, summary, entries = [] }: Entry): readonly string[] {
  const inner = entries.flatMap((entry) => [".TP", typed(entry.usage), escaped(entry.summary)])
  return [".TP", typed(usage), escaped(summary), ...(inner.length > 0 ? [".RS", ...inner, ".RE"] : [])]
}

/** What is typed in bold, what stands for something else in italics. */
function typed(usage: string): string {
  return usage
    .split(/(<[^>]+>)/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("<") ? `\\fI${escaped(part.slice(1, -1))}\\fR` : `\\fB${escaped(part)}\\fR`))
    .join("")
}

/** Signs that roff reads as its own, or that a terminal would show as other ones than are typed. */
const SIGNS: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
}

function escaped(text: string): string {
  const signs = text.replace(/[\\\-'"`^~]/g, (sign) => SIGNS[sign] ?? sign)
  const ascii = signs.replace(/[^\x20-\x7e]/gu, (sign) => `\\[u${codeOf(sign)}]`)
  return ascii.replace(/^\./, "\\&.")
}

function codeOf(sign: string): string {
  return (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")
}
