/** `0A` is LISTEN in the table of the kernel (include/net/tcp_states.h). */
const LISTENING = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /

/** The TCP ports in state LISTEN, from the text of /proc/net/tcp and /proc/net/tcp6 (proc(5)). */
export function parseListeningPorts(table: string): readonly number[] {
  return table.split("\n").flatMap((line) => {
    const port = LISTENING.exec(line)?.[1]
    return port === undefined ? [] : [Number.parseInt(port, 16)]
  })
}
