import { createHash } from "node:crypto"

/** A Lua script as Redis keeps it: run by its digest, sent whole only when the server lacks it. */
export interface RedisScript {
  readonly lua: string
  /** SHA-1 of the text, hex: what EVALSHA takes. */
  readonly digest: string
}

/**
 * Keys of every script: the document (a number, 1 more than its completions; expires after `forgetSeconds` without use), and
 * its seeders and leechers: sorted sets of compact peers by the second they were last seen, in the server's time. Redis drops
 * a set without an addition for the expiry.
 */
const PRELUDE = `
local now = tonumber(redis.call('TIME')[1])
local function sweep(expiry)
  local before = '(' .. (now - expiry)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', before)
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', before)
end
local function sizes()
  return redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[3])
end
local function touch(keep)
  local left = redis.call('TTL', KEYS[1])
  if left == -2 then return false end
  if left < keep - math.min(86400, keep / 2) then redis.call('EXPIRE', KEYS[1], keep) end
  return true
end
local function put(key, peer, expiry)
  redis.call('ZADD', key, now, peer)
  redis.call('EXPIRE', key, expiry + 1)
end
`

/** ARGV: peer, expiry in seconds, most peers, seconds a document is kept unused. Answers nothing. */
export const registerScript = script(`${PRELUDE}
local peer, expiry = ARGV[1], tonumber(ARGV[2])
local keep = tonumber(ARGV[4])
if not redis.call('SET', KEYS[1], '1', 'EX', keep, 'NX') then redis.call('EXPIRE', KEYS[1], keep) end
sweep(expiry)
local seeders, leechers = sizes()
redis.call('ZREM', KEYS[3], peer)
if seeders + leechers < tonumber(ARGV[3]) then put(KEYS[2], peer, expiry) end
return nil
`)

/** ARGV: expiry in seconds. Answers nothing for an unknown document, or seeders, leechers and completions. */
export const countScript = script(`${PRELUDE}
local document = redis.call('GET', KEYS[1])
if not document then return nil end
sweep(tonumber(ARGV[1]))
local seeders, leechers = sizes()
return {seeders, leechers, tonumber(document) - 1}
`)

/**
 * ARGV: peer, expiry in seconds, most peers, state ("seeder", "leecher", "stopped"), limit, "1" if the caller may be
 * added, a random number in [0, 1) (Redis' own starts from the same seed in every run of a script), "1" if the caller
 * may be among the peers, because others are answered them, too, seconds a document is kept unused, "1" if the event is "completed".
 * Answers nothing for an unknown document, or: seeders, leechers, "known" | "added" | "refused", compact IPv4 peers,
 * compact IPv6 peers. The caller is left out of a sample that has room for one more, so that all others are equally likely.
 */
export const announceScript = script(`${PRELUDE}
if not touch(tonumber(ARGV[9])) then return nil end
local peer, expiry, state, limit = ARGV[1], tonumber(ARGV[2]), ARGV[4], tonumber(ARGV[5])
local random, isShared = tonumber(ARGV[7]), ARGV[8] == '1'
sweep(expiry)
local wasSeeder = redis.call('ZSCORE', KEYS[2], peer)
local wasKnown = wasSeeder or redis.call('ZSCORE', KEYS[3], peer)
local seeders, leechers = sizes()
local caller = 'known'
if state == 'stopped' then
  redis.call('ZREM', KEYS[2], peer)
  redis.call('ZREM', KEYS[3], peer)
else
  if not wasKnown then
    if ARGV[6] ~= '1' or seeders + leechers >= tonumber(ARGV[3]) then return {seeders, leechers, 'refused', '', ''} end
    caller = 'added'
  end
  local own, other = KEYS[2], KEYS[3]
  if state == 'leecher' then own, other = other, own end
  if wasKnown then redis.call('ZREM', other, peer) end
  put(own, peer, expiry)
  if ARGV[10] == '1' and state == 'seeder' and not wasSeeder then redis.call('INCR', KEYS[1]) end
end
seeders, leechers = sizes()
if limit == 0 then return {seeders, leechers, caller, '', ''} end

local function choose(key, size, count, isCallers)
  if count <= 0 or size == 0 then return {} end
  if size <= count then return redis.call('ZRANGE', key, 0, -1) end
  return redis.call('ZRANDMEMBER', key, isCallers and count + 1 or count)
end
local ofSeeders, ofLeechers = seeders, leechers
local callerSeeds = state == 'seeder' and not isShared and 1 or 0
local callerLeeches = state == 'leecher' and not isShared and 1 or 0
local others = seeders + leechers - callerSeeds - callerLeeches
if others > limit then
  ofSeeders = math.min(seeders - callerSeeds, math.floor(limit * (seeders - callerSeeds) / others + random))
  ofLeechers = limit - ofSeeders
end
local four, six = {}, {}
local function take(members, count)
  local skipped = #members > count and math.floor(random * #members) + 1 or 0
  for place, member in ipairs(members) do if member == peer and not isShared then skipped = place end end
  for place, member in ipairs(members) do
    if place ~= skipped then
      if #member == 6 then four[#four + 1] = member else six[#six + 1] = member end
    end
  end
end
take(choose(KEYS[2], seeders, ofSeeders, callerSeeds == 1), ofSeeders)
take(choose(KEYS[3], leechers, ofLeechers, callerLeeches == 1), ofLeechers)
return {seeders, leechers, caller, table.concat(four), table.concat(six)}
`)

/** Writes the key, which expires. */
export const probeScript = script(`redis.call('SET', KEYS[1], '1', 'EX', 60)`)

function script(lua: string): RedisScript {
  return { lua, digest: createHash("sha1").update(lua).digest("hex") }
}
