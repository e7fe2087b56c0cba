import { spawnSync } from "node:child_process"

/** Debian's own Python: python3-libtorrent is built for it. */
const PYTHON = "/usr/bin/python3"

/** Where its session listens for peers. */
export const LIBTORRENT_PORT = 6881

/** What it prints when it serves a whole torrent, and when its download is whole and on disk. */
export const LIBTORRENT_SEEDS = /^seeds$/
export const LIBTORRENT_DONE = /^done$/

/** A libtorrent session that looks for peers nowhere but at the tracker, and where a link names them. */
const PEER = `
import sys, libtorrent as lt
source, folder = sys.argv[1], sys.argv[2]
session = lt.session({
  "listen_interfaces": "0.0.0.0:${LIBTORRENT_PORT}", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
  "enable_natpmp": False, "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.storage_notification})
if source.startswith("magnet:"):
  params = lt.parse_magnet_uri(source)
else:
  params = lt.add_torrent_params()
  params.ti = lt.torrent_info(source)
seeds = not source.startswith("magnet:")
params.save_path = folder
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
handle = session.add_torrent(params)
while True:
  session.wait_for_alert(100)
  for alert in session.pop_alerts():
    if isinstance(alert, lt.torrent_finished_alert): handle.flush_cache()
    if isinstance(alert, lt.cache_flushed_alert) and handle.status().is_finished:
      print("seeds" if seeds else "done", flush=True)
`

export function hasLibtorrent(): boolean {
  return spawnSync(PYTHON, ["-c", "import libtorrent"], { stdio: "ignore" }).status === 0
}

/** libtorrent on a magnet link, which it downloads, or on a metainfo file, whose content it has and serves. */
export function libtorrentCommand(source: string, folder: string): readonly string[] {
  return [PYTHON, "-c", PEER, source, folder]
}
