using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <summary>Finds links and images in a response whose URL carries unusually much data: to display an image, a browser sends
/// the URL, and the data in it, to a server. Reads Markdown, including references, and HTML.</summary>
/// <remarks>Of a link longer than <see cref="MaxLength"/>, only the first <see cref="MaxLength"/> characters become the finding.</remarks>
internal sealed class ExfiltrationDetector : Detector
{
    /// <summary>Length of the longest link that is found whole, in characters, including its text or <c>alt</c>.</summary>
    public const int MaxLength = 2_048;

    /// <summary>Maximum number of characters of a URL that could be exfiltrated data (see <see cref="Address.DataIn"/>). A URL with more is found.</summary>
    public const int MaxData = 64;

    /// <summary>
    /// Maximum length of a query value that could be exfiltrated data (see <see cref="Address.LongestValueIn"/>), in a URL that browsers fetch without a click.
    /// Such a URL with a longer value is a finding.
    /// </summary>
    public const int MaxValue = 24;

    private const int MaxLabel = 256;
    private const string Anchor = "<a";

    private static readonly string[] Tags = [Anchor, "<img", "<iframe", "<image", "<video", "<audio", "<source", "<input", "<embed", "<object", "<link", "<script"];
    private static readonly int LongestTag = Tags.Max(static tag => tag.Length);
    private static readonly SearchValues<string> Marks = SearchValues.Create(["](", "]:", .. Tags], StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<char> InTag = SearchValues.Create("<>\"'");
    private static readonly SearchValues<char> BeginOfAddress = SearchValues.Create(" <\t\r\nhH/");
    private static readonly SearchValues<char> EndOfAddress = SearchValues.Create(" \t\r\n)<>\"");

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        var done = 0;
        for (var at = Next(text, 0); at < text.Length;)
        {
            var link = Read(text, at, done);
            if (link.IsFound)
            {
                findings.Add(new Finding(link.Start, link.End - link.Start));
                done = link.End;
            }

            at = Next(text, link.End);
        }
    }

    public override int Open(ReadOnlySpan<char> text)
    {
        var done = 0;
        for (var at = Next(text, Math.Max(0, text.Length - MaxLength - MaxLabel - 1)); at < text.Length;)
        {
            var link = Read(text, at, done);
            if (link.IsOpen)
            {
                // This link may be inside the label of an earlier link that is unfinished too. Then the start of the earlier link is used.
                return text.Length - Math.Max(done, Math.Min(link.Start, FindUnfinished(text)));
            }

            done = link.IsFound ? link.End : done;
            at = Next(text, link.End);
        }

        return text.Length - Math.Max(done, FindUnfinished(text));
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var found = from < text.Length ? text[from..].IndexOfAny(Marks) : -1;
        return found < 0 ? text.Length : from + found;
    }

    // Start of an unfinished link whose URL has not arrived yet.
    private static int FindUnfinished(ReadOnlySpan<char> text)
    {
        var label = text switch
        {
            [.., '!'] => text.Length - 1,
            [.., ']'] => BeginOfLabel(text, text.Length - 1, 0),
            _ => BeginOfLabel(text, text.Length, 0),
        };
        return Math.Min(label, BeginOfTag(text));
    }

    private static int BeginOfTag(ReadOnlySpan<char> text)
    {
        var from = Math.Max(0, text.Length - LongestTag + 1);
        if (text[from..].LastIndexOf('<') is >= 0 and var begin)
        {
            foreach (var tag in Tags)
            {
                if (tag.AsSpan().StartsWith(text[(from + begin)..], StringComparison.OrdinalIgnoreCase))
                {
                    return from + begin;
                }
            }
        }

        return text.Length;
    }

    /// <summary>Start of the link label that the bracket at <paramref name="bracket"/> closes. Returns <paramref name="bracket"/> when the label is too long
    /// or has no start.</summary>
    private static int BeginOfLabel(ReadOnlySpan<char> text, int bracket, int from)
    {
        from = Math.Max(from, bracket - MaxLabel);
        var found = text[from..bracket].LastIndexOfAny('[', ']');
        if (found < 0 || text[from + found] == ']')
        {
            return bracket;
        }

        found += from;
        return found > from && text[found - 1] == '!' ? found - 1 : found;
    }

    private static Link Read(ReadOnlySpan<char> text, int at, int from)
    {
        if (text[at] == '<')
        {
            return ReadTag(text, at);
        }

        if (at + 2 < text.Length && !BeginOfAddress.Contains(text[at + 2]))
        {
            return new Link(at, at + 1, false, false);
        }

        var start = BeginOfLabel(text, at, from);
        var max = text[..Math.Min(text.Length, start + MaxLength)];
        var address = at + 2;
        var rest = max[Math.Min(max.Length, address)..];
        var space = rest.IndexOfAnyExcept(" <\t\r\n");
        if (space < 0)
        {
            return new Link(start, at + 1, false, max.Length == text.Length && max.Length < start + MaxLength);
        }

        address += space;
        var length = max[address..].IndexOfAny(EndOfAddress);
        var isCut = length < 0;
        var url = isCut ? max[address..] : max.Slice(address, length);
        var mayContinue = max.Length < start + MaxLength;
        if (!Address.IsAbsolute(url))
        {
            return new Link(start, at + 1, false, isCut && mayContinue && Address.MayBecomeAbsolute(url));
        }

        var end = address + url.Length;
        var isOpen = isCut && mayContinue;
        if (!isCut && text[at + 1] == '(')
        {
            // After the URL: a title, and the closing parenthesis.
            var close = max[end..].IndexOf(')');
            isOpen = close < 0 && mayContinue;
            end = close < 0 ? end : end + close + 1;
        }

        // If the label is too long, its start is unknown. The link then counts as an image, which is fetched without a click.
        var isFetched = text[start] == '!' || (start == at && !text[Math.Max(from, at - MaxLabel)..at].ContainsAny('[', ']'));
        return new Link(start, end, CarriesData(url, isFetched), isOpen);
    }

    private static bool CarriesData(ReadOnlySpan<char> url, bool isFetched) => Address.DataIn(url) > MaxData || (isFetched && Address.LongestValueIn(url) > MaxValue);

    private static Link ReadTag(ReadOnlySpan<char> text, int at)
    {
        var tag = text.Slice(at, Math.Min(text.Length - at, MaxLength));
        var name = tag[1..].IndexOfAnyExceptInRange('A', 'z') + 1;
        if (name == 0 || !IsTag(tag[..name]) || !(char.IsWhiteSpace(tag[name]) || tag[name] == '/'))
        {
            return new Link(at, at + 1, false, name == 0 && tag.Length < LongestTag + 1);
        }

        var close = EndOf(tag);
        var isOpen = close < 0 && tag.Length < MaxLength;
        var isFetched = !tag[..name].Equals(Anchor, StringComparison.OrdinalIgnoreCase);
        tag = close < 0 ? tag : tag[..(tag[close] == '>' ? close + 1 : close)];
        for (var rest = tag; rest.IndexOf("//", StringComparison.Ordinal) is >= 0 and var slashes;)
        {
            rest = rest[slashes..];
            var end = rest.IndexOfAny(EndOfAddress);
            var url = end < 0 ? rest : rest[..end];
            if (CarriesData(url, isFetched))
            {
                return new Link(at, at + tag.Length, true, isOpen);
            }

            rest = rest[Math.Max(2, url.Length)..];
        }

        return new Link(at, at + tag.Length, false, isOpen);
    }

    private static bool IsTag(ReadOnlySpan<char> name)
    {
        foreach (var tag in Tags)
        {
            if (name.Equals(tag, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Returns the position of the <c>></c> that ends the tag, or of the <c>&lt;</c> of a next tag. Negative: there is neither. Skips attribute values in
    /// quotes. If a closing quote is missing, the result is negative, because the quote may still arrive. But in a tag that was cut to
    /// <see cref="MaxLength"/>, the opening quote is ignored.
    /// </summary>
    private static int EndOf(ReadOnlySpan<char> tag)
    {
        for (var at = 1; at < tag.Length && tag[at..].IndexOfAny(InTag) is >= 0 and var offset;)
        {
            at += offset;
            if (tag[at] is '<' or '>')
            {
                return at;
            }

            var quoted = tag[at - 1] == '=' ? tag[(at + 1)..].IndexOf(tag[at]) : -1;
            if (quoted < 0 && tag[at - 1] == '=' && tag.Length < MaxLength)
            {
                return -1;
            }

            at += quoted < 0 ? 1 : quoted + 2;
        }

        return -1;
    }

    /// <param name="Start">Start of the link.</param>
    /// <param name="End">Where the search continues. If <paramref name="IsFound"/> is true, this is also the end of the finding.</param>
    /// <param name="IsFound">True when the URL carries data.</param>
    /// <param name="IsOpen">True when text that has not arrived yet may change this result.</param>
    private readonly record struct Link(int Start, int End, bool IsFound, bool IsOpen);
}
