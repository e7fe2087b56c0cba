import { spawnSync } from "node:child_process"
import { MeteredProgram } from "./metered-program.js"

/** Debian's own Python: python3-libtorrent is built for it. */
const PYTHON = "/usr/bin/python3"

/** What libtorrent prints when it seeds or waits for a line to begin, and when its download is whole and durable; how it answers a line with what it sent. */
export const LIBTORRENT_READY = /^ready$/
export const LIBTORRENT_DONE = /^done$/
export const LIBTORRENT_SENT = /^sent (\d+)$/

/** A libtorrent session tuned for a fast local network: TCP only, long queues, large socket buffers; its tracker is its only source of peers. */
const PEER = `
import ctypes, os, select, sys, libtorrent as lt
def make_durable(path):
  file = os.open(path, os.O_RDONLY)
  os.fsync(file) if os.path.isfile(path) else ctypes.CDLL(None).syncfs(file)
  os.close(file)
metainfo, folder, upload_limit, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "seed"
session = lt.session({
  "listen_interfaces": "127.0.0.1:0", "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
  "enable_outgoing_utp": False, "enable_incoming_utp": False, "allow_multiple_connections_per_ip": True,
  "upload_rate_limit": upload_limit, "aio_threads": 2, "hashing_threads": 2, "max_out_request_queue": 1500,
  "send_buffer_watermark": 4 << 20, "send_buffer_low_watermark": 1 << 20, "send_socket_buffer_size": 1 << 20,
  "recv_socket_buffer_size": 1 << 20, "unchoke_slots_limit": 20, "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.storage_notification})
if not seeds:
  print("ready", flush=True)
  sys.stdin.readline()
params = lt.add_torrent_params()
params.ti, params.save_path = lt.torrent_info(metainfo), folder
params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if seeds: params.flags |= lt.torrent_flags.seed_mode
handle = session.add_torrent(params)
for limited in (session.get_peer_class(lt.session.local_peer_class_id), ) if upload_limit else ():
  session.set_peer_class(lt.session.local_peer_class_id, {**limited, "upload_limit": upload_limit, "ignore_unchoke_slots": True})
if seeds: print("ready", flush=True)
reported = seeds
while True:
  session.wait_for_alert(50)
  for alert in session.pop_alerts():
    # Finished means verified; some files are written only then.
    if isinstance(alert, lt.torrent_finished_alert): handle.flush_cache()
    if isinstance(alert, lt.cache_flushed_alert) and handle.status().is_finished and not reported:
      reported = True
      make_durable(os.path.join(folder, handle.name()))
      print("done", flush=True)
  if select.select([sys.stdin], [], [], 0)[0] and sys.stdin.readline():
    print("sent", handle.status().total_payload_upload, flush=True)
`

export function hasLibtorrent(): boolean {
  return spawnSync(PYTHON, ["-c", "import libtorrent"], { stdio: "ignore" }).status === 0
}

/** libtorrent on a metainfo file, alone with its tracker. `uploadLimit` is in bytes per second, 0 for none. */
export function libtorrent(metainfo: string, folder: string, role: "seed" | "fetch", uploadLimit = 0): MeteredProgram {
  return new MeteredProgram([PYTHON, "-c", PEER, metainfo, folder, String(uploadLimit), role])
}
