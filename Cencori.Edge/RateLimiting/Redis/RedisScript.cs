using Cencori.Edge.Redis;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>
/// The script that processes in Redis, by the clock of Redis, everything that an edge sends for a project in one call:
/// usage admitted without Redis, unused reservations, running requests, and new acquires.
/// </summary>
/// <remarks>
/// <para>
/// Key: a hash with the balances, and one field per edge about the edge's last call: number of the call · slots held · expiry of
/// the slots unless renewed (µs) · requests and tokens that the call took · the token bucket that paid. The field <c>held</c> is
/// the sum of all slots; no edge's slots expire before <c>held_until</c>. The hash expires when the project's limits are unused.
/// </para>
/// <para>
/// A permit is 60,000,000 units, so that one microsecond refills exactly permits-per-minute units. Lua has only doubles: levels
/// are exact up to 150 million permits, beyond that to one part in 2^53.
/// </para>
/// <para>
/// Arguments: field of the edge · number of the call, and of the last call with a reply · lifetime of slots (µs) ·
/// capacity and permits per minute of requests, then of tokens (0: unlimited; -1: as stored) · concurrency limit (0: none) ·
/// initial levels, used if Redis has no balance of the project ('': full) · slots that the edge holds · count of reports, then
/// for each: the first call that reported it, requests and tokens admitted without Redis, a token bucket, tokens to return to it,
/// requests to return · permits of each acquire · count of acquires, then the tokens of each.
/// </para>
/// <para>
/// The script never counts a report twice, even if replies are lost. An edge repeats a report until a reply arrives, and the script skips the report if
/// its first call was executed. If the reply of a call was lost, the next call returns what that call took, because the edge decided
/// without Redis. A call that arrives after a later call of the same edge is an error.
/// </para>
/// <para>
/// Reply, all integers: id of the token bucket, level of requests, level of tokens and slots held before the first acquire, then
/// for each acquire 1 or 0.
/// </para>
/// </remarks>
internal static class RedisScript
{
    public const long UnitsPerPermit = 60_000_000;

    public const string Text = ScriptPrelude.Text + """

        local UNITS = 60000000
        local HUNDRED_YEARS = 3155760000000
        -- The field of an edge is deleted after this many slot lifetimes without a call from that edge.
        local LIFETIMES_REMEMBERED = 20
        local key = KEYS[1]

        local edge, call, answered, lifetime = following(), number(), number(), number()

        local stored = redis.call('HMGET', key, 'at', 'requests', 'requests_capacity', 'requests_rate', 'tokens', 'tokens_capacity', 'tokens_rate', 'tokens_id', 'held', 'held_until', edge)
        local lastCall, lastSlots, lastEnd, tookRequests, tookTokens, tookFrom
        if stored[11] then
          lastCall, lastSlots, lastEnd, tookRequests, tookTokens, tookFrom = string.match(stored[11], '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)')
          lastCall = tonumber(lastCall)
          if lastCall >= call then
            return redis.error_reply('OVERTAKEN by a later call of this edge')
          end
        end

        local isKnown = stored[1]
        -- If the clock steps back, nothing is refilled, and the time continues from the stored one.
        local elapsed = isKnown and math.max(0, now - tonumber(stored[1])) or 0

        local function bucket(level, capacity, rate)
          if not level then
            return nil
          end
          local full = tonumber(capacity) * UNITS
          return { level = math.min(full, tonumber(level) + tonumber(rate) * elapsed), full = full, rate = tonumber(rate) }
        end
        local requests = bucket(stored[2], stored[3], stored[4])
        local tokens = bucket(stored[5], stored[6], stored[7])
        local tokensId = tonumber(stored[8] or 0)

        -- Time before a change of limits refills at the old rate. A full bucket stays full.
        local function limit(known, capacity, rate)
          if capacity < 0 then
            return known
          end
          if capacity == 0 then
            return nil
          end
          local full = capacity * UNITS
          if not known then
            return { level = full, full = full, rate = rate, isNew = true, isChanged = true }
          end
          if known.full ~= full or known.rate ~= rate then
            known.level = known.level == known.full and full or math.min(full, known.level)
            known.full, known.rate, known.isChanged = full, rate, true
          end
          return known
        end
        requests = limit(requests, number(), number())
        tokens = limit(tokens, number(), number())
        local concurrency = number()

        local function begin(bucket, level)
          if not isKnown and bucket and level ~= '' then
            bucket.level = math.min(bucket.full, tonumber(level))
          end
        end
        begin(requests, following())
        begin(tokens, following())
        if tokens and tokens.isNew then
          tokensId = now
        end
        local payer = text(tokensId)

        local function give(bucket, permits)
          if bucket and permits ~= 0 then
            bucket.level = math.min(bucket.full, bucket.level + permits * UNITS)
          end
        end

        -- Usage admitted without Redis creates a debt of at most one second's refill: an edge that was without Redis for long
        -- must not block all others.
        local function owe(bucket, permits)
          if isKnown and bucket and permits > 0 then
            bucket.level = math.max(math.min(bucket.level, -bucket.rate * 1000000), bucket.level - permits * UNITS)
          end
        end

        if lastCall and lastCall > answered and tookFrom == payer then
          give(requests, tonumber(tookRequests))
          give(tokens, tonumber(tookTokens))
        end

        local ends = now + lifetime
        local slots = number()
        local held = tonumber(stored[9] or 0) + slots
        -- Subtracts the edge's previous slots. Expired slots are not in the sum any more, or the sum is recomputed below.
        if lastCall and tonumber(lastEnd) > now then
          held = held - lastSlots
        end
        local heldUntil = math.min(tonumber(stored[10] or 0), ends)
        if heldUntil <= now then
          held, heldUntil = slots, ends
          local fields = redis.call('HGETALL', key)
          for i = 1, #fields, 2 do
            if fields[i] ~= edge and string.sub(fields[i], 1, 5) == 'edge:' then
              local theirs, theirEnd = string.match(fields[i + 1], '%S+ (%S+) (%S+)')
              if tonumber(theirEnd) > now then
                held = held + theirs
                heldUntil = math.min(heldUntil, tonumber(theirEnd))
              elseif theirEnd + LIFETIMES_REMEMBERED * lifetime <= now then
                redis.call('HDEL', key, fields[i])
              end
            end
          end
        end

        for _ = 1, number() do
          local toldBy, requestsAlone, tokensAlone, paidBy, unusedTokens, unusedRequests = number(), number(), number(), following(), number(), number()
          if toldBy == call or (lastCall and lastCall < toldBy) then
            owe(requests, requestsAlone)
            owe(tokens, tokensAlone)
            give(requests, unusedRequests)
            if paidBy == payer then
              give(tokens, unusedTokens)
            end
          end
        end

        -- Clamps a debt beyond 64 bits.
        local answer = { tokensId, requests and math.max(requests.level, -9e18) or 0, tokens and math.max(tokens.level, -9e18) or 0, held }
        local permits = number()
        local admitted, paid = 0, 0
        for _ = 1, number() do
          local cost = number()
          local isAdmitted = (not requests or requests.level >= math.max(permits, 1) * UNITS)
            and (not tokens or tokens.level >= cost * UNITS)
            and (concurrency == 0 or held < concurrency)
          if isAdmitted and permits > 0 then
            give(requests, -permits)
            give(tokens, -cost)
            admitted, paid = admitted + 1, paid + cost
            if concurrency > 0 then
              held, slots = held + 1, slots + 1
            end
          end
          answer[#answer + 1] = isAdmitted and 1 or 0
        end

        local fields = {
          edge, string.format('%.0f %.0f %.0f %.0f %.0f %s', call, slots, ends, admitted * permits, paid, payer),
          'held', text(held), 'held_until', text(heldUntil),
        }
        local function set(field, value)
          fields[#fields + 1] = field
          fields[#fields + 1] = value
        end
        local untilFull = lifetime
        local function keep(bucket, name)
          if bucket then
            set(name, text(bucket.level))
            if bucket.isChanged then
              set(name .. '_capacity', text(bucket.full / UNITS))
              set(name .. '_rate', text(bucket.rate))
            end
            untilFull = math.max(untilFull, (bucket.full - bucket.level) / bucket.rate)
          elseif isKnown then
            redis.call('HDEL', key, name, name .. '_capacity', name .. '_rate')
          end
        end
        keep(requests, 'requests')
        keep(tokens, 'tokens')
        -- Without a bucket there is no balance, so the project stays unknown. Then the first call with limits sets the initial levels.
        if isKnown or requests or tokens then
          set('at', text(now))
          set('tokens_id', payer)
        end
        redis.call('HSET', key, unpack(fields))
        -- The bucket of a running request must exist until the request settles. Never shortens the TTL: an edge that
        -- recreates the key would start from a stale balance.
        redis.call('PEXPIRE', key, text(math.min(math.max(math.ceil(untilFull / 1000) + 1, redis.call('PTTL', key)), HUNDRED_YEARS)))
        return answer
        """;
}
