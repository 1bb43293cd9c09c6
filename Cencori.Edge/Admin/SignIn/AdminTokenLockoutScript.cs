using Cencori.Edge.Redis;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>Redis script that counts wrong admin tokens for all edges, by the clock of Redis.</summary>
/// <remarks>
/// <para>Key: a list, oldest first, of "address time" for each wrong token of the last window. It expires with the last entry.</para>
/// <para>Arguments: window (µs) · maximum per address · maximum in total · address · 1 for a wrong token, 0 for a check.</para>
/// <para>Result: two times in µs for which the address is refused: by its own count, and by the total. 0: not refused. A wrong token of a refused address is not
/// counted. Beyond twice the total limit the oldest entries are dropped, so that the list stays short.</para>
/// </remarks>
internal static class AdminTokenLockoutScript
{
    public const string Key = "cencori:{admin}:wrong-tokens";

    public const string Text = ScriptPrelude.Text + """

        local key = KEYS[1]
        local window, mostOfOne, mostInAll, address, wrong = number(), number(), number(), following(), number()

        local function countedAt(entry)
          return tonumber(string.match(entry, ' (%d+)$'))
        end

        local entries = redis.call('LRANGE', key, 0, -1)
        local first = 1
        -- Removes entries of the future too: if the clock was set back, they would refuse an address for longer than a window.
        while entries[first] and (now - countedAt(entries[first]) >= window or countedAt(entries[first]) > now) do
          redis.call('LPOP', key)
          first = first + 1
        end

        local own, ownSince = 0, 0
        for i = first, #entries do
          if string.match(entries[i], '^(%S+) ') == address then
            own = own + 1
            if own == 1 then ownSince = countedAt(entries[i]) end
          end
        end

        local shutOut, shutOutByAll = 0, 0
        if own >= mostOfOne then shutOut = window - (now - ownSince) end
        if #entries - first + 1 >= mostInAll then shutOutByAll = window - (now - countedAt(entries[first])) end
        if wrong == 1 and shutOut == 0 then
          redis.call('RPUSH', key, address .. ' ' .. text(now))
          redis.call('LTRIM', key, -2 * mostInAll, -1)
          redis.call('PEXPIRE', key, math.ceil(window / 1000))
        end
        return { shutOut, shutOutByAll }
        """;
}
