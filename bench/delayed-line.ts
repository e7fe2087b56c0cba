import { execFileSync, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { canMakeNetworks } from "../tui/e2e/test-network.js"
import { MeteredProgram } from "./metered-program.js"

/** Debian's own Python, or another: Node can't ask the kernel for a tun device. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3"

/**
 * Holds the packets between two tun devices, one in each network namespace, for so many milliseconds. The kernel hands over segments of up to
 * 64 KiB that its TCP would have a network card cut (IFF_VNET_HDR), and takes them so: one packet costs the program as much as forty.
 */
const DELAY = `
import collections, ctypes, fcntl, os, select, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
TUNSETIFF, TUNSETOFFLOAD, IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x400454ca, 0x400454d0, 1, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4 = 1, 2
def tun(namespace):
  with open("/run/netns/" + namespace) as file:
    if libc.setns(file.fileno(), 0x40000000): raise OSError(ctypes.get_errno(), "setns")
  device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
  fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"far", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
  fcntl.ioctl(device, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)
  return device
delay = float(sys.argv[3]) / 1000
a, b = tun(sys.argv[1]), tun(sys.argv[2])
ways = {a: (b, collections.deque()), b: (a, collections.deque())}
poll = select.epoll()
for device in ways: poll.register(device, select.EPOLLIN)
print("ready", flush=True)
while True:
  firsts = [queue[0][0] for _, queue in ways.values() if queue]
  wait = max(0, min(firsts) - time.monotonic()) if firsts else -1
  for device, _ in poll.poll(wait):
    target, queue = ways[device]
    try:
      while True: queue.append((time.monotonic() + delay, os.read(device, 70000)))
    except BlockingIOError: pass
  now = time.monotonic()
  for target, queue in ways.values():
    while queue and queue[0][0] <= now:
      try: os.write(target, queue.popleft()[1])
      except OSError: pass
`

/** One end of the line. */
export interface LineEnd {
  readonly address: string
  command(command: readonly string[]): readonly string[]
}

/** Two network namespaces with a line between them that delays, and limits nothing but what the kernel's TCP has under way. Needs root and Python. */
export class DelayedLine {
  readonly ends: readonly [LineEnd, LineEnd]
  readonly #namespaces: readonly [string, string]
  readonly #program: MeteredProgram

  private constructor(namespaces: readonly [string, string], program: MeteredProgram) {
    const endOf = (place: 0 | 1): LineEnd => ({
      address: ADDRESSES[place],
      command: (command) => ["ip", "netns", "exec", namespaces[place], ...command],
    })
    this.ends = [endOf(0), endOf(1)]
    this.#namespaces = namespaces
    this.#program = program
  }

  static async open(roundTripMs: number): Promise<DelayedLine> {
    const namespaces = [`p2p-tui-${process.pid}-near`, `p2p-tui-${process.pid}-far`] as const
    for (const namespace of namespaces) ip("netns", "add", namespace)
    const program = new MeteredProgram([PYTHON, "-c", DELAY, ...namespaces, String(roundTripMs / 2)])
    const line = new DelayedLine(namespaces, program)
    try {
      await program.line(/ready/)
      for (const [place, namespace] of namespaces.entries()) {
        const [own, other] = place === 0 ? ADDRESSES : [ADDRESSES[1], ADDRESSES[0]]
        ip("-n", namespace, "address", "add", own, "peer", other, "dev", "far")
        ip("-n", namespace, "link", "set", "lo", "up")
        ip("-n", namespace, "link", "set", "far", "up", "txqueuelen", "10000")
      }
      return line
    } catch (error) {
      await line.close()
      throw error
    }
  }

  /** To be called when every program at its ends has ended. */
  async close(): Promise<void> {
    await this.#program.kill()
    for (const namespace of this.#namespaces) ip("netns", "delete", namespace)
  }
}

const ADDRESSES = ["10.78.0.1", "10.78.0.2"] as const

export function canMakeDelayedLine(): boolean {
  const hasPython = spawnSync(PYTHON, ["-c", ""], { stdio: "ignore" }).status === 0
  return hasPython && existsSync("/dev/net/tun") && canMakeNetworks()
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] })
}
