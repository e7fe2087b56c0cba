import type { Client } from "../../core/index.js"
import { onChangeAtMost } from "../base/change-throttle.js"
import type { Journal } from "../commands/journal.js"
import type { ScreenStore } from "./components/store.js"
import type { ScreenState } from "./state/state.js"
import { intervalFor, timeDrawing } from "./terminal/pace.js"

/** Lines of the log that come together are shown together. */
const LOG_INTERVAL_MS = 250

/**
 * Feeds the store: snapshots when the client has changed, the details of what is looked at (at once when that is
 * another document), and the journal. Returns its end.
 */
export function feedStore(store: ScreenStore, client: Client, journal: Journal): () => void {
  let looked = ""
  const look = (): void => {
    const state = store.state()
    looked = lookedAt(state)
    store.dispatch({
      kind: "details",
      detail: state.selectedId === undefined ? undefined : client.detail(state.selectedId),
      all: showsAll(state) ? state.snapshot.documents.flatMap((document) => client.detail(document.id) ?? []) : [],
    })
  }
  let intervalMs = intervalFor(0)
  const show = (): void => {
    store.dispatch({ kind: "snapshot", snapshot: client.snapshot() })
    look()
  }
  const takeSnapshot = (): void =>
    timeDrawing(show, (drawingMs) => {
      intervalMs = intervalFor(drawingMs)
    })
  const log = createLogFeed(store, journal)
  const ends = [
    onChangeAtMost(client, () => intervalMs, takeSnapshot),
    store.subscribe(() => {
      if (lookedAt(store.state()) !== looked) look()
      log.catchUp()
    }),
    journal.subscribe(log.onEntry),
  ]
  takeSnapshot()
  log.catchUp()
  return () => {
    log.close()
    for (const end of ends) end()
  }
}

function showsAll(state: ScreenState): boolean {
  const isFinding = state.mode.kind === "pick" && state.mode.source === "find"
  return isFinding || (state.view === "peers" && state.peersOfAll)
}

function lookedAt(state: ScreenState): string {
  return `${state.selectedId} ${showsAll(state)}`
}

/** The log is looked at rarely and written often: entries are handed over only while it is in sight. */
function createLogFeed(store: ScreenStore, journal: Journal) {
  let behind = true
  let timer: NodeJS.Timeout | undefined
  const catchUp = (): void => {
    if (!behind || store.state().view !== "log") return
    behind = false
    store.dispatch({ kind: "log", entries: journal.entries() })
  }
  return {
    catchUp,
    onEntry: (): void => {
      behind = true
      if (store.state().view !== "log") return
      timer ??= setTimeout(() => {
        timer = undefined
        catchUp()
      }, LOG_INTERVAL_MS)
    },
    close: (): void => clearTimeout(timer),
  }
}
