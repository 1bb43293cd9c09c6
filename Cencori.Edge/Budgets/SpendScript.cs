using Cencori.Edge.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>The script that keeps the spend of a project's budgets for one month in Redis, and decides about reservations.</summary>
/// <remarks>
/// <para>
/// Keys: one hash per budget, all in the slot of the project's hash tag. A hash contains the sums counted and released of all edges, which only
/// rise (spend is their difference); a generation (when the hash was created), by which an edge notices that Redis has lost its data; and one
/// field per edge: the edge's part of both sums, its reservations for running requests, and the time of its last call. The reservations of an
/// edge are released when the edge has not called for too long.
/// </para>
/// <para>
/// Arguments: the edge · how long an edge may be silent (µs) · lifetime of the hashes (s) · for each budget: the generation that the edge
/// knows ('': none); for counted and for released: the sum that the edge knows (-1: no new sum; -2: not known to the edge, but
/// perhaps to Redis), the edge's own part that Redis has confirmed, and its own part now;
/// its reservations; and the cap (-1: none) · count of requests, then for each the amount, and one bit per budget that must admit it.
/// </para>
/// <para>
/// Nothing is added twice, however often it is reported: an edge reports its total, and the script adds the difference.
/// </para>
/// <para>
/// Reply, if a budget's generation differs from the one that the edge knows and the edge brings no sums: 0 and the number of the first such
/// budget; nothing is changed. Else: 1, for each budget its generation (µs), counted and released, and for each request 0 if it is admitted, or
/// the number of the budget that refuses it.
/// </para>
/// </remarks>
internal static class SpendScript
{
    public const string Text = ScriptPrelude.Text + """

        local edge, silence, lifetime = 'edge:' .. following(), number(), number()

        local budgets = {}
        for i, key in ipairs(KEYS) do
          local budget = { key = key, known = following(), others = 0, gone = {} }
          budget.counted = { news = number(), told = number(), own = number() }
          budget.released = { news = number(), told = number(), own = number() }
          budget.mine, budget.cap = number(), number()
          local stored = redis.call('HGETALL', key)
          for f = 1, #stored, 2 do
            local name, value = stored[f], stored[f + 1]
            if name == 'counted' or name == 'released' then
              budget[name].stored = tonumber(value)
            elseif name == 'generation' then
              budget.generation = value
            else
              local counted, released, aside, heard = string.match(value, '^(%d+) (%d+) (%d+) (%d+)$')
              if name == edge then
                budget.counted.heard, budget.released.heard = tonumber(counted), tonumber(released)
              elseif tonumber(heard) + silence < now then
                budget.gone[#budget.gone + 1] = name
              else
                budget.others = budget.others + tonumber(aside)
              end
            end
          end
          budget.isKnown = budget.counted.stored and budget.generation == budget.known
          budget.isForeign = budget.counted.stored and budget.counted.news == -2
          if not budget.isKnown and not budget.isForeign and budget.counted.news < 0 then
            return { 0, i }
          end
          budgets[i] = budget
        end

        local answer = { 1 }
        for _, budget in ipairs(budgets) do
          budget.generation = budget.generation or text(now)
          answer[#answer + 1] = tonumber(budget.generation)
          for _, sum in ipairs({ budget.counted, budget.released }) do
            if budget.isKnown or budget.isForeign then
              sum.stored = (sum.stored or 0) + sum.own - (sum.heard or sum.told)
            end
            sum.stored = math.max(sum.stored or 0, sum.news)
            answer[#answer + 1] = sum.stored
          end
          budget.spent = budget.counted.stored - budget.released.stored
        end

        for _ = 1, number() do
          local amount, upTo, refusedBy = number(), number(), 0
          for i, budget in ipairs(budgets) do
            budget.isAsked = upTo % 2 == 1
            upTo = math.floor(upTo / 2)
            local isUsedUp = budget.spent >= budget.cap or budget.spent + budget.others + budget.mine + amount > budget.cap
            if budget.isAsked and budget.cap >= 0 and isUsedUp and refusedBy == 0 then
              refusedBy = i
            end
          end
          if refusedBy == 0 then
            for _, budget in ipairs(budgets) do
              budget.mine = budget.mine + (budget.isAsked and amount or 0)
            end
          end
          answer[#answer + 1] = refusedBy
        end

        for _, budget in ipairs(budgets) do
          if #budget.gone > 0 then
            redis.call('HDEL', budget.key, unpack(budget.gone))
          end
          redis.call('HSET', budget.key, 'counted', text(budget.counted.stored), 'released', text(budget.released.stored), 'generation', budget.generation,
            edge, text(budget.counted.own) .. ' ' .. text(budget.released.own) .. ' ' .. text(budget.mine) .. ' ' .. text(now))
          redis.call('EXPIRE', budget.key, lifetime)
        end
        return answer
        """;
}
