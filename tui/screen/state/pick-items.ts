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
export function pickItems(state: ScreenState, mode: Extract<Mode, { kind: "pick" }>): readonly PickItem[] {
  const items = mode.source === "history" ? earlierLines(state) : everything(state)
  return fuzzyMatches(items, state.field.value, ({ label, note }) => `${label} ${note}`)
}

function earlierLines({ history }: ScreenState): readonly PickItem[] {
  return history.toReversed().map((label) => ({ kind: "line", label, note: "" }))
}

function everything(state: ScreenState): readonly PickItem[] {
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
