using System.Buffers;

namespace Cencori.Edge.Prompts;

/// <summary>
/// Walks through the content of a prompt: text, and behind it perhaps a placeholder. <c>{{name}}</c> is one, with spaces around the name or
/// without; of more than two braces the last two open it. A backslash in front of the braces makes them text and goes away; of two such
/// backslashes one is left, and the braces open. Everything else stands for itself.
/// </summary>
internal ref struct PromptParts(ReadOnlySpan<char> content)
{
    /// <summary>Characters of a variable's name at most.</summary>
    public const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    private readonly ReadOnlySpan<char> _content = content;
    private int _start;
    private int _search;
    private bool _isOver;

    /// <summary>May be empty.</summary>
    public ReadOnlySpan<char> Text { get; private set; }

    /// <summary>Empty: only text.</summary>
    public ReadOnlySpan<char> Variable { get; private set; }

    /// <summary>Where braces stand that open no placeholder, the first of them; they pass as text. Negative: nowhere so far.</summary>
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
