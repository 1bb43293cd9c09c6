using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Links and images of an answer whose address carries more data than addresses do: a page that shows the image has sent it. In Markdown, references included, and <c>img</c> of HTML.</summary>
/// <remarks>Of a link that is longer than <see cref="MaxLength"/> only as much is found.</remarks>
internal sealed class ExfiltrationDetector : Detector
{
    /// <summary>In characters, its text or <c>alt</c> included.</summary>
    public const int MaxLength = 2_048;

    /// <summary>More characters of data than this are found.</summary>
    public const int MaxData = 64;

    private const int MaxLabel = 256;
    private const int MaxSpace = 8;
    private const string Image = "<img";

    private static readonly SearchValues<string> Marks = SearchValues.Create(["](", "]:", Image], StringComparison.OrdinalIgnoreCase);
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
                return text.Length - link.Start;
            }

            done = link.IsFound ? link.End : done;
            at = Next(text, link.End);
        }

        return text.Length - Math.Max(done, Begun(text));
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var found = from < text.Length ? text[from..].IndexOfAny(Marks) : -1;
        return found < 0 ? text.Length : from + found;
    }

    // A link that has not come as far as its address.
    private static int Begun(ReadOnlySpan<char> text)
    {
        for (var length = Math.Min(text.Length, Image.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(Image.AsSpan(0, length), StringComparison.OrdinalIgnoreCase))
            {
                return text.Length - length;
            }
        }

        return text switch
        {
            [.., '!'] => text.Length - 1,
            [.., ']'] => BeginOfLabel(text, text.Length - 1, 0),
            _ => BeginOfLabel(text, text.Length, 0),
        };
    }

    /// <summary>Where the label begins that a bracket at this place closes; the bracket itself where that is too far off.</summary>
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
            return ReadImage(text, at);
        }

        if (at + 2 < text.Length && !BeginOfAddress.Contains(text[at + 2]))
        {
            return new Link(at, at + 1, false, false);
        }

        var start = BeginOfLabel(text, at, from);
        var most = text[..Math.Min(text.Length, start + MaxLength)];
        var address = at + 2;
        var rest = most[Math.Min(most.Length, address)..];
        var space = rest[..Math.Min(rest.Length, MaxSpace)].IndexOfAnyExcept(" <\t\r\n");
        if (space < 0)
        {
            return new Link(start, at + 1, false, rest.Length < MaxSpace && most.Length == text.Length && most.Length < start + MaxLength);
        }

        address += space;
        var length = most[address..].IndexOfAny(EndOfAddress);
        var isCut = length < 0;
        var url = isCut ? most[address..] : most.Slice(address, length);
        var mayGoOn = most.Length < start + MaxLength;
        if (!Address.IsAbsolute(url))
        {
            return new Link(start, at + 1, false, isCut && mayGoOn && Address.MayBecomeAbsolute(url));
        }

        var end = address + url.Length;
        var isOpen = isCut && mayGoOn;
        if (!isCut && text[at + 1] == '(')
        {
            // A title, and what closes the link.
            var close = most[end..].IndexOf(')');
            isOpen = close < 0 && mayGoOn;
            end = close < 0 ? end : end + close + 1;
        }

        return new Link(start, end, Address.DataIn(url) > MaxData, isOpen);
    }

    private static Link ReadImage(ReadOnlySpan<char> text, int at)
    {
        // A tag that is not closed ends where the next begins.
        var tag = text.Slice(at, Math.Min(text.Length - at, MaxLength));
        var close = tag[1..].IndexOfAny('<', '>') + 1;
        var isOpen = close == 0 && tag.Length < MaxLength;
        tag = close == 0 ? tag : tag[..(tag[close] == '>' ? close + 1 : close)];
        for (var rest = tag; rest.IndexOf("//", StringComparison.Ordinal) is >= 0 and var slashes;)
        {
            rest = rest[slashes..];
            var end = rest.IndexOfAny(EndOfAddress);
            var url = end < 0 ? rest : rest[..end];
            if (Address.DataIn(url) > MaxData)
            {
                return new Link(at, at + tag.Length, true, isOpen);
            }

            rest = rest[Math.Max(2, url.Length)..];
        }

        return new Link(at, at + tag.Length, false, isOpen);
    }

    /// <param name="Start">Where it begins.</param>
    /// <param name="End">Where the search goes on; what is found ends there.</param>
    /// <param name="IsFound">It carries data.</param>
    /// <param name="IsOpen">More text may change it.</param>
    private readonly record struct Link(int Start, int End, bool IsFound, bool IsOpen);
}
