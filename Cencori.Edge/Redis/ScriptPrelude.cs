namespace Cencori.Edge.Redis;

/// <summary>What every script begins with: its clock, and how it reads its arguments and writes its numbers.</summary>
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

        -- tostring keeps 14 digits of a number, and one of a script may have more.
        local function text(n)
          return string.format('%.0f', n)
        end

        """;
}
