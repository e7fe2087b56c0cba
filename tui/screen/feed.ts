import { onChangeAtMost } from "../base/change-throttle.js"
import type { ClientView, Interest } from "../commands/client-view.js"
import type { ScreenLog } from "../commands/journal.js"
import type { ScreenStore } from "./components/store.js"
import { filesInterest } from "./state/files.js"
import type { ScreenState } from "./state/state.js"
import { intervalFor, timeDrawing } from "./terminal/pace.js"
import { cellOfCursor } from "./views/parts-view.js"

/** Lines of the log that come together are shown together. */
const LOG_INTERVAL_MS = 250

/**
 * Feeds the store: snapshots when the client has changed, the details of what is looked at (at once when that is
 * another document), and the journal. Returns its end.
 */
export function feedStore(store: ScreenStore, client: ClientView, journal: ScreenLog): () => void {
  let looked = ""
  let changes: unknown
  const look = (): void => {
    const state = store.state()
    const interest = interestOf(state)
    changes = state.files.changes
    const now = JSON.stringify(interest)
    if (now !== looked) client.watch?.(interest)
    looked = now
    const { files } = interest
    if (files !== undefined) store.dispatch({ kind: "files", ...files, page: client.tree(files.id, files.query) })
    store.dispatch({
      kind: "details",
      detail: state.selectedId === undefined ? undefined : client.detail(state.selectedId, interest.cell),
      all: showsAll(state) ? state.snapshot.documents.flatMap((document) => client.detail(document.id) ?? []) : [],
    })
  }
  let intervalMs = intervalFor(0)
  const show = (): void => {
    store.dispatch({ kind: "snapshot", snapshot: client.snapshot(), today: client.today?.() })
    look()
  }
  const takeSnapshot = (): void =>
    timeDrawing(show, (drawingMs) => {
      intervalMs = intervalFor(drawingMs)
    })
  const log = createLogFeed(store, journal)
  const ends = [
    // Pictures of another process come at their own pace.
    client.watch === undefined ? onChangeAtMost(client, () => intervalMs, takeSnapshot) : client.onChange(takeSnapshot),
    store.subscribe(() => {
      const state = store.state()
      // A change of the files that has been made shows in their page.
      if (changes !== state.files.changes || JSON.stringify(interestOf(state)) !== looked) look()
      log.catchUp()
    }),
    journal.follow(log.onEntry),
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

function interestOf(state: ScreenState): Interest {
  const files = filesInterest(state)
  const cell = state.view === "parts" ? cellOfCursor(state) : undefined
  return { selected: state.selectedId, all: showsAll(state), log: state.view === "log", files, cell }
}

/** The log is looked at rarely and written often: entries are handed over only while it is in sight. */
function createLogFeed(store: ScreenStore, journal: ScreenLog) {
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
