import { remembered, rememberedBy } from "../../base/remembered.js"
import { usageOf } from "../../commands/parse.js"
import { COMMANDS } from "../../commands/table.js"
import { namesApart } from "../../words/document-names.js"
import { listed, standingOfLine } from "./document-order.js"
import { fuzzyMatches } from "./fuzzy.js"
import type { Mode, ScreenState } from "./state.js"

/** Something to choose, and what choosing it does. */
export type PickItem = {
  readonly label: string
  /** What it is, beside it. */
  readonly note: string
} & (
  | { readonly kind: "line" | "command" }
  | { readonly kind: "document"; readonly id: string }
  | { readonly kind: "peer"; readonly id: string; readonly address: string }
)

/** What the list offers for what is typed, best first. */
export function pickItems(
  { snapshot, allDetails, rateHistories, sort, history, field }: ScreenState,
  { source }: Extract<Mode, { kind: "pick" }>,
): readonly PickItem[] {
  const items = source === "history" ? earlierLines(history) : everything({ snapshot, allDetails, rateHistories, sort })
  return matching({ items, query: field.value })
}

/** A key and the frame behind it ask for the same. */
const matching = rememberedBy(["items", "query"], ({ items, query }: { items: readonly PickItem[]; query: string }) =>
  fuzzyMatches(items, query, textOf),
)

const textOf = remembered(({ label, note }: PickItem) => `${label} ${note}`)

const earlierLines = remembered((history: readonly string[]): readonly PickItem[] =>
  history.toReversed().map((label) => ({ kind: "line", label, note: "" })),
)

type Findable = Pick<ScreenState, "snapshot" | "allDetails" | "rateHistories" | "sort">

const everything = rememberedBy(["snapshot", "allDetails", "rateHistories", "sort"], allItems)

function allItems(state: Findable): readonly PickItem[] {
  const names = namesApart(state.snapshot.documents)
  const nameOf = (id: string): string => names.get(id) ?? id
  const lines = listed({ ...state, filter: "", standing: undefined })
  const documents = lines.map((line): PickItem => {
    const label = line.kind === "job" ? line.job.name : nameOf(line.id)
    return { kind: "document", id: line.id, label, note: standingOfLine(line, state) }
  })
  const peers = state.allDetails.flatMap(({ id, peers: connected }) =>
    connected.map(
      ({ address, client }): PickItem => ({
        kind: "peer",
        id,
        address,
        label: address,
        note: `${client}, ${nameOf(id)}`,
      }),
    ),
  )
  const commands = COMMANDS.map(
    (command): PickItem => ({
      kind: "command",
      label: command.name,
      note: usageOf(command).slice(command.name.length + 1),
    }),
  )
  return [...documents, ...peers, ...commands]
}
