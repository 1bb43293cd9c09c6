namespace Cencori.Edge.RateLimiting;

/// <summary>
/// The one script that decides, in Redis and by its clock, over everything an edge has to say about a project at a moment:
/// which requests ended, which are still running, and which want to begin.
/// </summary>
/// <remarks>
/// <para>
/// Keys, both in the slot of the hash tag: a hash with the balances, and a sorted set with the id of every running request,
/// scored by when it ends unless it is renewed. Both vanish when the project is at rest.
/// </para>
/// <para>
/// A permit is 60,000,000 units, so that a microsecond refills exactly permits-per-minute units. Lua has only doubles: up to
/// 150 million permits every level is exact, beyond that it is to one part in 2^53.
/// </para>
/// <para>
/// Arguments: lifetime of a slot (µs) · capacity and permits per minute of requests, then of tokens (0: unlimited; -1: as
/// stored) · concurrency limit (0: none) · levels to begin with where Redis knows nothing of the project ('': full) · requests
/// and tokens that the edge has admitted alone since it was last heard · count of ended, then for each its slot ('': has none),
/// the token bucket that paid, tokens and requests to give back (where the bucket is '' only if the slot is still there, so that
/// this may be repeated) · count of running, then their slots · count of acquires, then for each permits, tokens and slot ('':
/// needs none).
/// </para>
/// <para>
/// Answer, all integers: id of the token bucket, then for each acquire 1 or 0, level of requests, level of tokens, slots held,
/// as they were for a refused and as they are after an admitted one.
/// </para>
/// </remarks>
internal static class RedisScript
{
    public const long UnitsPerPermit = 60_000_000;

    public const string Text = """
        local UNITS = 60000000
        local HUNDRED_YEARS = 3155760000000
        local balances, slots = KEYS[1], KEYS[2]
        local clock = redis.call('TIME')
        local now = clock[1] * 1000000 + clock[2]

        local at = 0
        local function following()
          at = at + 1
          return ARGV[at]
        end
        local function number()
          return tonumber(following())
        end

        -- tostring keeps 14 digits of a number, and a level may have more.
        local function text(n)
          return string.format('%.0f', n)
        end

        local lifetime = number()

        local stored = redis.call('HMGET', balances, 'at', 'requests', 'requests_capacity', 'requests_rate', 'tokens', 'tokens_capacity', 'tokens_rate', 'tokens_id')
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
        local isChanged = false

        -- Time before a change was refilled at the rate of that time; a full bucket stays full.
        local function limit(known, capacity, rate)
          if capacity < 0 then
            return known
          end
          if capacity == 0 then
            isChanged = isChanged or known ~= nil
            return nil
          end
          local full = capacity * UNITS
          if not known then
            isChanged = true
            return { level = full, full = full, rate = rate, isNew = true }
          end
          if known.full ~= full or known.rate ~= rate then
            isChanged = true
            known.level = known.level == known.full and full or math.min(full, known.level)
            known.full, known.rate = full, rate
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

        -- Of what was admitted without asking, no more is owed than a second gives back: an edge that was alone for long must not
        -- shut everybody out.
        local function owe(bucket, permits)
          if isKnown and bucket and permits > 0 then
            bucket.level = math.max(math.min(bucket.level, -bucket.rate * 1000000), bucket.level - permits * UNITS)
            isChanged = true
          end
        end
        owe(requests, number())
        owe(tokens, number())

        local function give(bucket, permits)
          if bucket and permits ~= 0 then
            bucket.level = math.min(bucket.full, bucket.level + permits * UNITS)
            isChanged = true
          end
        end

        local payer = text(tokensId)
        local released = {}
        for _ = 1, number() do
          local slot, paidBy, unusedTokens, unusedRequests = following(), following(), number(), number()
          local hasPaid = paidBy == payer
          if paidBy == '' then
            hasPaid = slot ~= '' and redis.call('ZREM', slots, slot) == 1
          elseif slot ~= '' then
            released[#released + 1] = slot
          end
          if hasPaid then
            give(tokens, unusedTokens)
            give(requests, unusedRequests)
          end
        end
        if #released > 0 then
          redis.call('ZREM', slots, unpack(released))
        end

        local ends = text(now + lifetime)
        local holding = {}
        local function hold(slot)
          if slot ~= '' then
            holding[#holding + 1] = ends
            holding[#holding + 1] = slot
          end
        end

        local running = number()
        for _ = 1, running do
          hold(following())
        end

        local held = 0
        if concurrency > 0 or running > 0 then
          if running > 0 then
            redis.call('ZADD', slots, unpack(holding))
            holding = {}
          end
          redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
          held = redis.call('ZCARD', slots)
        end

        local answer = { tokensId }
        for _ = 1, number() do
          local permits, cost, slot = number(), number(), following()
          local isAdmitted = (not requests or requests.level >= math.max(permits, 1) * UNITS)
            and (not tokens or tokens.level >= cost * UNITS)
            and (concurrency == 0 or held < concurrency)
          if isAdmitted and permits > 0 then
            give(requests, -permits)
            give(tokens, -cost)
            held = held + 1
            hold(slot)
          end
          answer[#answer + 1] = isAdmitted and 1 or 0
          -- A debt beyond 64 bits is as good as one of 64 bits.
          answer[#answer + 1] = requests and math.max(requests.level, -9e18) or 0
          answer[#answer + 1] = tokens and math.max(tokens.level, -9e18) or 0
          answer[#answer + 1] = held
        end

        if #holding > 0 then
          redis.call('ZADD', slots, unpack(holding))
        end
        redis.call('PEXPIRE', slots, text(lifetime / 1000))

        if isChanged then
          local fields = { 'at', text(now) }
          local untilFull = lifetime
          local function keep(bucket, name)
            if bucket then
              for field, value in pairs({ [''] = bucket.level, _capacity = bucket.full / UNITS, _rate = bucket.rate }) do
                fields[#fields + 1] = name .. field
                fields[#fields + 1] = text(value)
              end
              untilFull = math.max(untilFull, (bucket.full - bucket.level) / bucket.rate)
            elseif isKnown then
              redis.call('HDEL', balances, name, name .. '_capacity', name .. '_rate')
            end
          end
          keep(requests, 'requests')
          keep(tokens, 'tokens')
          fields[#fields + 1] = 'tokens_id'
          fields[#fields + 1] = text(tokensId)
          redis.call('HSET', balances, unpack(fields))
          -- Until a running request has settled, its bucket must be there to settle with. And it never goes earlier than was once
          -- set: an edge that saw it then remembers less than there is, and would begin with that.
          redis.call('PEXPIRE', balances, text(math.min(math.max(math.ceil(untilFull / 1000) + 1, redis.call('PTTL', balances)), HUNDRED_YEARS)))
        elseif running > 0 then
          local left = redis.call('PTTL', balances)
          if left >= 0 and left * 1000 < lifetime then
            redis.call('PEXPIRE', balances, text(lifetime / 1000))
          end
        end
        return answer
        """;
}
