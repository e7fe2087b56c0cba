import type { KeyPress } from "../state/key.js"
import { type PickItem, pickItems } from "../state/pick-items.js"
import type { Mode, ScreenState } from "../state/state.js"
import { EMPTY_FIELD } from "../state/text-field.js"
import { peerPlace } from "../views/peers-view.js"
import { type Reduced, still } from "./reduced.js"
import { edited, openCommandLine, withLine } from "./typing.js"

type PickMode = Extract<Mode, { kind: "pick" }>

const STEPS: Readonly<Record<string, number>> = {
  ...{ down: 1, "ctrl-n": 1, tab: 1, "ctrl-r": 1 },
  ...{ up: -1, "ctrl-p": -1, "shift-tab": -1, pagedown: 5, pageup: -5 },
}

/** A key while there is a list to choose from: it narrows the list, walks in it, or takes what is chosen. */
export function pick(state: ScreenState, mode: PickMode, key: KeyPress): Reduced {
  const closed: ScreenState = { ...state, mode: { kind: "browse" }, field: EMPTY_FIELD }
  const items = pickItems(state, mode)
  const step = STEPS[key.name]
  if (step !== undefined) {
    const chosen = Math.max(0, Math.min(items.length - 1, mode.chosen + step))
    return still({ ...state, mode: { ...mode, chosen } })
  }
  if (key.name === "enter") {
    const item = items[mode.chosen]
    return item === undefined ? still(state) : take(closed, item)
  }
  if (key.name === "escape" || (key.name === "backspace" && state.field.value === "")) {
    return still(mode.source === "history" ? withLine(state, EMPTY_FIELD) : closed)
  }
  return still({ ...state, field: edited(state.field, key), mode: { ...mode, chosen: 0 } })
}

function take(state: ScreenState, item: PickItem): Reduced {
  switch (item.kind) {
    case "line":
      return openCommandLine(state, item.label)
    case "command":
      return openCommandLine(state, item.note === "" ? item.label : `${item.label} `)
    case "document":
      return still({ ...goTo(state, item.id), view: "documents" })
    case "peer":
      return still(atPeer({ ...goTo(state, item.id), view: "peers", peersOfAll: true }, item))
    default:
      return item satisfies never
  }
}

/** Selects a document; a filter that hides it is taken off. */
function goTo(state: ScreenState, id: string): ScreenState {
  return { ...state, selectedId: id, filter: "", standing: undefined, viewBelow: "documents" }
}

function atPeer(state: ScreenState, { id, address }: { readonly id: string; readonly address: string }): ScreenState {
  return { ...state, scroll: { ...state.scroll, peers: peerPlace(state, id, address) } }
}
