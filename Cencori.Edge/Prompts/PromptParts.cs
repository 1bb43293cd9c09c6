using System.Buffers;

namespace Cencori.Edge.Prompts;

/// <summary>
/// Splits a prompt's content into parts. A part is a text, perhaps followed by a placeholder. <c>{{name}}</c> is a placeholder, with or without spaces
/// around the name. If there are more than two opening braces, the last two open the placeholder. After one backslash, the braces are text, and the backslash
/// is removed. After two backslashes, the braces open a placeholder, and one backslash remains. Everything else is text.
/// </summary>
internal ref struct PromptParts(ReadOnlySpan<char> content)
{
    /// <summary>Maximum length of a variable's name, in characters.</summary>
    public const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    private readonly ReadOnlySpan<char> _content = content;
    private int _start;
    private int _search;
    private bool _isOver;

    /// <summary>Text before the placeholder. May be empty.</summary>
    public ReadOnlySpan<char> Text { get; private set; }

    /// <summary>Name of the placeholder's variable. Empty: the part has no placeholder.</summary>
    public ReadOnlySpan<char> Variable { get; private set; }

    /// <summary>Position of the first braces that do not form a valid placeholder and are read as text. Negative: none so far.</summary>
    public int InvalidAt { get; private set; } = -1;

    public static bool IsName(ReadOnlySpan<char> name) => name.Length is > 0 and <= MaxNameLength && !name.ContainsAnyExcept(NameCharacters);

    public bool MoveNext()
    {
        Variable = default;
        if (_isOver)
        {
            return false;
        }

        var open = _content[_search..].IndexOf("{{");
        if (open < 0)
        {
            Text = _content[_start..];
            _isOver = true;
            return true;
        }

        open += _search;
        var before = _content[_start..open];
        var backslashes = before.Length - before.TrimEnd('\\').Length;
        var behind = _content.Length - _content[open..].TrimStart('{').Length;
        if (backslashes > 0)
        {
            Text = before[..^(backslashes - (backslashes / 2))];
            _start = open;
            _search = backslashes % 2 == 0 ? open : behind;
            return true;
        }

        var close = _content[behind..].IndexOf("}}");
        var name = close < 0 ? default : _content.Slice(behind, close).Trim(" \t\r\n");
        if (IsName(name))
        {
            Text = _content[_start..(behind - 2)];
            Variable = name;
            _start = _search = behind + close + 2;
            return true;
        }

        InvalidAt = InvalidAt < 0 ? behind - 2 : InvalidAt;
        Text = _content[_start..behind];
        _start = _search = behind;
        return true;
    }
}
