namespace Cencori.Edge.Redis;

/// <summary>The start of every script: the clock, and functions that read arguments and write numbers.</summary>
internal static class ScriptPrelude
{
    public const string Text = """
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

        -- tostring keeps only 14 digits, and numbers in the scripts may have more.
        local function text(n)
          return string.format('%.0f', n)
        end

        """;
}
