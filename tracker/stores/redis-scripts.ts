import { createHash } from "node:crypto"
import { KEEP_GONE_SECONDS, MAX_SEARCHED } from "../peers/gone-peers.js"

/** A Lua script as Redis keeps it: run by its digest, sent whole only when the server lacks it. */
export interface RedisScript {
  readonly lua: string
  /** SHA-1 of the text, hex: what EVALSHA takes. */
  readonly digest: string
}

/**
 * Keys of every script: the document (a number, 1 more than its completions; expires after `forgetSeconds` without use); its
 * seeders and leechers, and those that left or expired, seeders and leechers: sorted sets of compact peers by the second they were
 * last seen, in the server's time; and two hashes of leechers, here and gone, with the bytes each lacks and its bytes per second. Redis
 * drops each set with its hash a day and an expiry after the last addition.
 */
const PRELUDE = `
local now = tonumber(redis.call('TIME')[1])
local keepGone = ${KEEP_GONE_SECONDS}
local function cap(key, most, isLeechers)
  local excess = redis.call('ZCARD', key) - most
  for first = 1, excess, 1000 do
    local oldest = redis.call('ZRANGE', key, 0, math.min(1000, excess - first + 1) - 1)
    redis.call('ZREM', key, unpack(oldest))
    if isLeechers then redis.call('HDEL', KEYS[7], unpack(oldest)) end
  end
end
local function sweepGone()
  local before = '(' .. (now - keepGone)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', before)
  local old = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', before, 'LIMIT', 0, 1000)
  if #old == 0 then return end
  redis.call('ZREM', KEYS[5], unpack(old))
  redis.call('HDEL', KEYS[7], unpack(old))
end
local function retire(from, to, before, most, isLeechers)
  local moved = false
  while true do
    local old = redis.call('ZRANGEBYSCORE', from, '-inf', before, 'WITHSCORES', 'LIMIT', 0, 1000)
    if #old == 0 then break end
    local members, added, lefts = {}, {}, {}
    for at = 1, #old, 2 do members[#members + 1] = old[at] end
    local known = isLeechers and redis.call('HMGET', KEYS[6], unpack(members))
    for place, member in ipairs(members) do
      if not known or known[place] then
        added[#added + 1] = old[2 * place]
        added[#added + 1] = member
        lefts[#lefts + 1] = member
        lefts[#lefts + 1] = known and known[place]
      end
    end
    redis.call('ZREM', from, unpack(members))
    if isLeechers then redis.call('HDEL', KEYS[6], unpack(members)) end
    if #added > 0 then redis.call('ZADD', to, unpack(added)) end
    if #added > 0 and isLeechers then redis.call('HSET', KEYS[7], unpack(lefts)) end
    moved = true
  end
  if moved then
    redis.call('EXPIRE', to, keepGone)
    if isLeechers then redis.call('EXPIRE', KEYS[7], keepGone) end
    sweepGone()
    cap(to, most, isLeechers)
  end
end
local function sweep(expiry, most)
  local before = '(' .. (now - expiry)
  retire(KEYS[2], KEYS[4], before, most, false)
  retire(KEYS[3], KEYS[5], before, most, true)
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
  redis.call('EXPIRE', key, keepGone + expiry)
end
local function forget(peer)
  local found = redis.call('ZREM', KEYS[4], peer)
  if redis.call('ZREM', KEYS[5], peer) == 0 then return found == 1 end
  redis.call('HDEL', KEYS[7], peer)
  return true
end
local function cameBack(peer, isComplete)
  local gone = redis.call('ZCARD', KEYS[4]) + redis.call('ZCARD', KEYS[5])
  if gone == 0 or forget(peer) or gone > ${MAX_SEARCHED} then return end
  local host = string.sub(peer, 1, -3)
  for _, other in ipairs(redis.call('ZRANGE', isComplete and KEYS[4] or KEYS[5], 0, -1)) do
    if string.sub(other, 1, -3) == host then return forget(other) end
  end
end
`

/** ARGV: peer, expiry in seconds, most peers, seconds a document is kept unused. Answers nothing. */
export const registerScript = script(`${PRELUDE}
local peer, expiry = ARGV[1], tonumber(ARGV[2])
local keep = tonumber(ARGV[4])
if not redis.call('SET', KEYS[1], '1', 'EX', keep, 'NX') then redis.call('EXPIRE', KEYS[1], keep) end
sweep(expiry, tonumber(ARGV[3]))
local seeders, leechers = sizes()
if redis.call('ZREM', KEYS[3], peer) == 1 then redis.call('HDEL', KEYS[6], peer) end
if seeders + leechers < tonumber(ARGV[3]) then
  if not redis.call('ZSCORE', KEYS[2], peer) then cameBack(peer, true) end
  put(KEYS[2], peer, expiry)
end
return nil
`)

/** ARGV: expiry in seconds, most peers. Answers nothing for an unknown document, or seeders, leechers and completions. */
export const countScript = script(`${PRELUDE}
local document = redis.call('GET', KEYS[1])
if not document then return nil end
sweep(tonumber(ARGV[1]), tonumber(ARGV[2]))
local seeders, leechers = sizes()
return {seeders, leechers, tonumber(document) - 1}
`)

/**
 * ARGV: expiry in seconds, most peers, seconds after which a peer is silent. Answers nothing for an unknown document, or: the server's
 * second, complete, downloading and silent peers.
 */
export const statusScript = script(`${PRELUDE}
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
sweep(tonumber(ARGV[1]), tonumber(ARGV[2]))
sweepGone()
local seeders, leechers = sizes()
local downloading = redis.call('ZCOUNT', KEYS[3], now - tonumber(ARGV[3]), '+inf')
local complete = seeders + redis.call('ZCARD', KEYS[4])
return {now, complete, downloading, leechers - downloading + redis.call('ZCARD', KEYS[5])}
`)

/**
 * ARGV: which set (2 to 5), the hash of its bytes left (6 or 7), and its first and last place. Answers peers and the seconds they were last seen in, in turn, and for each
 * peer "<bytes left> <bytes per second>" or nothing.
 */
export const pageScript = script(`
local page = redis.call('ZRANGE', KEYS[tonumber(ARGV[1])], ARGV[3], ARGV[4], 'WITHSCORES')
local members = {}
for at = 1, #page, 2 do members[#members + 1] = page[at] end
if #members == 0 then return {{}, {}} end
return {page, redis.call('HMGET', KEYS[tonumber(ARGV[2])], unpack(members))}
`)

/**
 * ARGV: peer, expiry in seconds, most peers, state ("seeder", "leecher", "stopped"), limit, "1" if the caller may be
 * added, a random number in [0, 1) (Redis' own starts from the same seed in every run of a script), "1" if the caller
 * may be among the peers, because others are answered them, too, seconds a document is kept unused, "1" if the event is "completed", bytes left
 * or -1.
 * Answers nothing for an unknown document, or: seeders, leechers, "known" | "added" | "refused", compact IPv4 peers,
 * compact IPv6 peers. The caller is left out of a sample that has room for one more, so that all others are equally likely.
 */
export const announceScript = script(`${PRELUDE}
if not touch(tonumber(ARGV[9])) then return nil end
local peer, expiry, state, limit = ARGV[1], tonumber(ARGV[2]), ARGV[4], tonumber(ARGV[5])
local random, isShared = tonumber(ARGV[7]), ARGV[8] == '1'
local most, left = tonumber(ARGV[3]), tonumber(ARGV[11])
sweep(expiry, most)
local wasSeeder = redis.call('ZSCORE', KEYS[2], peer)
local heard = not wasSeeder and redis.call('ZSCORE', KEYS[3], peer)
local wasKnown = wasSeeder or heard
local seeders, leechers = sizes()
local caller = 'known'
local function noteLeft()
  if left < 0 then return redis.call('HDEL', KEYS[6], peer) end
  local before = heard and redis.call('HGET', KEYS[6], peer)
  local rate = '0'
  if before then
    local leftBefore, rateBefore = string.match(before, '(%d+) (%d+)')
    local seconds = now - tonumber(heard)
    rate = seconds > 0 and string.format('%.0f', math.max(0, tonumber(leftBefore) - left) / seconds) or rateBefore
  end
  redis.call('HSET', KEYS[6], peer, ARGV[11] .. ' ' .. rate)
  redis.call('EXPIRE', KEYS[6], keepGone + expiry)
end
local function leave()
  local before = heard and redis.call('HGET', KEYS[6], peer)
  redis.call('ZREM', KEYS[2], peer)
  if redis.call('ZREM', KEYS[3], peer) == 1 then redis.call('HDEL', KEYS[6], peer) end
  local gone
  if left == 0 or (left < 0 and wasSeeder) then
    gone = KEYS[4]
  elseif left > 0 or before then
    gone = KEYS[5]
    redis.call('HSET', KEYS[7], peer, left > 0 and (ARGV[11] .. ' 0') or before)
    redis.call('EXPIRE', KEYS[7], keepGone)
  else
    return
  end
  redis.call('ZADD', gone, now, peer)
  redis.call('EXPIRE', gone, keepGone)
  sweepGone()
  cap(gone, most, gone == KEYS[5])
end
if state == 'stopped' then
  if wasKnown then leave() end
else
  if not wasKnown then
    if ARGV[6] ~= '1' or seeders + leechers >= most then return {seeders, leechers, 'refused', '', ''} end
    caller = 'added'
    cameBack(peer, state == 'seeder')
  end
  local own, other = KEYS[2], KEYS[3]
  if state == 'leecher' then own, other = other, own end
  if wasKnown then redis.call('ZREM', other, peer) end
  if state == 'leecher' then noteLeft() elseif heard then redis.call('HDEL', KEYS[6], peer) end
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
