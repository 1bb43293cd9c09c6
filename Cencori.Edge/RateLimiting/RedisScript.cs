using Cencori.Edge.Redis;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// The one script that decides, in Redis and by its clock, over everything an edge has to say about a project at a moment:
/// what it admitted alone, what its requests did not use, how many it has under way, and which want to begin.
/// </summary>
/// <remarks>
/// <para>
/// Key: a hash with the balances and, for each edge, a field of what it last did: number of the call · slots it holds · when
/// those end unless it calls again (µs) · requests and tokens that the call took · the token bucket that paid them. <c>held</c> is
/// the sum of all slots, and no edge's end before <c>held_until</c>. The hash vanishes when the project is at rest.
/// </para>
/// <para>
/// A permit is 60,000,000 units, so that a microsecond refills exactly permits-per-minute units. Lua has only doubles: up to
/// 150 million permits every level is exact, beyond that it is to one part in 2^53.
/// </para>
/// <para>
/// Arguments: field of the edge · number of the call, and of the last one whose reply has arrived · lifetime of slots (µs) ·
/// capacity and permits per minute of requests, then of tokens (0: unlimited; -1: as stored) · concurrency limit (0: none) ·
/// levels to begin with where Redis knows nothing of the project ('': full) · slots that the edge holds · count of reports, then
/// for each the call that told it first, requests and tokens admitted alone, a token bucket, and tokens to give back to it ·
/// permits of each acquire · count of acquires, then the tokens of each.
/// </para>
/// <para>
/// Everything counts once, whatever becomes of replies. A report is repeated until one arrives, and passed over when its first call
/// is known to have been here; what a call took whose reply never arrived is given back by the next, since the edge decided
/// without it; and a call that arrives after a later one is an error.
/// </para>
/// <para>
/// Answer, all integers: id of the token bucket, level of requests, level of tokens and slots held before the first acquire, then
/// for each acquire 1 or 0.
/// </para>
/// </remarks>
internal static class RedisScript
{
    public const long UnitsPerPermit = 60_000_000;

    public const string Text = ScriptPrelude.Text + """

        local UNITS = 60000000
        local HUNDRED_YEARS = 3155760000000
        -- An edge that was away for longer than this many lifetimes is a new one.
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
        -- A clock that steps back refills nothing, and goes on from where it is.
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

        -- Time before a change was refilled at the rate of that time; a full bucket stays full.
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

        -- Of what was admitted without asking, no more is owed than a second gives back: an edge that was alone for long must not
        -- shut everybody out.
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
        -- Those that have ended are in the sum no more, or it is made anew below.
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

        -- A debt beyond 64 bits is as good as one of 64 bits.
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
        -- Without a bucket nothing is known of the balance: whoever brings the limits brings what it remembers.
        if isKnown or requests or tokens then
          set('at', text(now))
          set('tokens_id', payer)
        end
        redis.call('HSET', key, unpack(fields))
        -- Until a running request has settled, its bucket must be there to settle with. And it never goes earlier than was once
        -- set: an edge that saw it then remembers less than there is, and would begin with that.
        redis.call('PEXPIRE', key, text(math.min(math.max(math.ceil(untilFull / 1000) + 1, redis.call('PTTL', key)), HUNDRED_YEARS)))
        return answer
        """;
}
