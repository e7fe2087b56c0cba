import { ConfigError } from "../../core/base/errors.js"

/** Where a Redis is, as --store names it. */
export interface RedisAddress {
  readonly isCluster: boolean
  readonly tls: boolean
  /** One server, or some nodes of a cluster by which the others are found. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly username: string | undefined
  readonly password: string | undefined
  /** Number of the database; a cluster has only 0. */
  readonly database: number
  /** As it was given, without the password: for logs. */
  readonly shown: string
}

const DEFAULT_REDIS_PORT = 6379

const FORM = /^(redis|rediss|redis-cluster|rediss-cluster):\/\/(?:([^@]*)@)?([^/@?#]+)(?:\/(\d{0,5}))?$/

/** A server, with TLS or without, and a cluster. */
export const REDIS_FORMS = [
  "redis://[user:password@]host[:port][/database], rediss:// for TLS",
  "redis-cluster://host:port,host:port,… for a cluster, rediss-cluster:// for TLS",
] as const

/** Reads one of `REDIS_FORMS`. Throws a ConfigError "bad_usage"; the password is in no message. */
export function parseRedisAddress(text: string): RedisAddress {
  const [, scheme = "", login, hosts = "", database = ""] = FORM.exec(text) ?? []
  const nodes = hosts.split(",").map(parseNode)
  const known = nodes.filter((node) => node !== undefined)
  const isCluster = scheme.endsWith("-cluster")
  if (scheme === "" || known.length !== nodes.length || (!isCluster && nodes.length > 1))
    throw new ConfigError("bad_usage", `--store takes ${REDIS_FORMS.join(", ")}`)
  if (isCluster && Number(database) !== 0)
    throw new ConfigError("bad_usage", "--store: a Redis Cluster has no database but 0")
  return {
    isCluster,
    tls: scheme.startsWith("rediss"),
    nodes: known,
    ...parseLogin(login),
    database: Number(database),
    shown: text.replace(/\/\/[^@]*@/, "//"),
  }
}

function parseNode(text: string) {
  const [, host = "", port] = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i.exec(text) ?? []
  const portNumber = port === undefined ? DEFAULT_REDIS_PORT : Number(port)
  if (host === "" || portNumber < 1 || portNumber > 65_535) return undefined
  return { host: host.replace(/^\[|\]$/g, ""), port: portNumber }
}

function parseLogin(login: string | undefined) {
  if (login === undefined) return { username: undefined, password: undefined }
  const colon = login.indexOf(":")
  const [user, password] = colon === -1 ? ["", login] : [login.slice(0, colon), login.slice(colon + 1)]
  return { username: user === "" ? undefined : decode(user), password: decode(password) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone "%" in a password that is not percent-encoded.
    return text
  }
}
