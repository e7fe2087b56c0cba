/** Message ids on the wire: BEP 3 (0 to 8), BEP 6 (13 to 17), BEP 10 (20). */
export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
} as const

/** Bytes of the length prefix before every message (BEP 3). */
export const LENGTH_PREFIX_BYTES = 4

/** Bytes of a `piece` before its payload: length prefix, id, index, begin (BEP 3). */
export const PIECE_HEADER_BYTES = 13

/** The same as the length prefix counts them: id, index, begin. */
export const PIECE_FIELD_BYTES = 9

/** Largest `extended` message we read (our choice; a peer exchange of 200 peers needs less than 5 KiB). */
export const MAX_EXTENDED_BYTES = 64 * 1024

/**
 * How an `extended` message is read (our choice): leniently, for clients append bytes; and few values, for 64 KiB of them would cost
 * milliseconds, as often as a peer likes. None of ours has more than twenty.
 */
export const EXTENDED_LIMITS = { maxDepth: 8, maxBytes: MAX_EXTENDED_BYTES, maxValues: 1_000, lenient: true } as const

/** Largest message of an id we don't know that is skipped rather than refused (our choice; BEP 5 `port` has 2 bytes). */
export const MAX_UNKNOWN_BYTES = 64 * 1024

/**
 * Bytes per read while the next message is unknown (our choice, measured): small, because payload read here has to be copied; large
 * enough for dozens of requests.
 */
export const SCRATCH_BYTES = 1024

/** Bytes of one handshake (BEP 3): 1 + 19 + 8 reserved + 20 info hash + 20 peer id. */
export const HANDSHAKE_BYTES = 68
export const INFO_HASH_BYTES = 20
export const PEER_ID_BYTES = 20

/** First byte of a BitTorrent handshake (BEP 3), and of a TLS record that carries a hello (RFC 8446, 5.1). */
export const HANDSHAKE_FIRST_BYTE = 19
export const TLS_FIRST_BYTE = 0x16

/** Time for a TCP connection to be made, and for the whole handshake after it (our choice): a silent caller must not hold its place. */
export const CONNECT_DEADLINE_MS = 10_000
export const HANDSHAKE_DEADLINE_MS = 10_000

/**
 * Both of these while an address is dialled for the first time: most addresses of an old swarm are dead. Two lost SYNs are outlived (TCP
 * sends again after 1 and 3 s); our choice.
 */
export const FIRST_TRY_DEADLINE_MS = 5_000

/** Silence from us after which a keep-alive is sent, ms: well below the two minutes of BEP 3. */
export const KEEP_ALIVE_AFTER_MS = 100_000

/** Time without a byte after which a peer of this program counts as gone, ms. It sends a keep-alive after 100 s. */
export const IDLE_CLOSE_MS = 120_000

/** The same for other clients. BEP 3 allows a keep-alive every 120 s (aria2 does that), so the limit is longer. */
export const FOREIGN_IDLE_CLOSE_MS = 150_000

/** Base of the time for a message once begun, and of the time until the kernel accepts our data, ms (our choice). */
export const STALL_CLOSE_MS = 60_000

/**
 * Rate that a stalled message or send must keep on top of that, bytes per second: slow links are no offence. A send gets at most as long
 * again: what one peer may have on its way follows its rate, and blocks that wait hold memory.
 */
export const STALL_BYTES_PER_SECOND = 8 * 1024

/** Idle time before TCP keep-alive probes, ms; libuv sends ten, a second apart, so a power failure is detected in about 70 s. */
export const TCP_KEEP_ALIVE_MS = 60_000

/**
 * Unsent bytes of answers (rejects, chokes and the like) at which reading from the peer pauses, and at which it resumes (our choice): a
 * peer that requests has to accept the answers. An honest peer is sent a tenth of that at a time.
 */
export const ANSWERS_HIGH_BYTES = 64 * 1024
export const ANSWERS_LOW_BYTES = 16 * 1024

/**
 * Unsent bytes at which a connection is given up: a peer that makes us answer and reads none of it. Holds a burst of
 * blocks beside 200,000 `have` messages.
 */
export const SEND_LIMIT_BYTES = 8 * 1024 * 1024
