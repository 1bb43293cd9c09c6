using System.Buffers;
using System.Collections.Frozen;

namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Finds e-mail addresses: one @ and a domain of at least two labels. Excludes user names of git and ssh, packages, decorators and file names.</summary>
internal sealed class EmailDetector : Detector
{
    private const int LongestLocal = 64;
    private const int LongestDomain = 189;

    // Number of characters after the domain that can show that this is no address: a colon or slash, and the start of a path.
    private const int Context = 2;

    // Letters that an address may contain. Letters of scripts without spaces between words are excluded: they belong to the text around an address.
    private static readonly char[] Letters =
        [.. Enumerable.Range(0, 0x530).Select(code => (char)code).Where(character => char.IsAscii(character) ? char.IsAsciiLetterOrDigit(character) : char.IsLetter(character))];

    private static readonly SearchValues<char> Atoms = SearchValues.Create([.. Letters, .. "._+-'%~"]);
    private static readonly SearchValues<char> DomainCharacters = SearchValues.Create([.. Letters, .. ".-"]);

    // File extensions that are not top-level domains.
    private static readonly FrozenSet<string> Files = FrozenSet.ToFrozenSet(
        [
            "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "bmp", "pdf", "css", "scss", "json", "html", "htm", "txt", "xml", "yaml", "yml", "toml", "lock", "tgz", "gz", "exe", "dll",
            "jar", "tsx", "jsx", "mjs", "log", "csv",
        ],
        StringComparer.OrdinalIgnoreCase);

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOf('@');
            if (next < 0)
            {
                return;
            }

            at += next;
            var start = LocalBefore(text, at);
            var domain = start < 0 ? 0 : DomainAfter(text, at);
            if (domain > 0)
            {
                findings.Add(new Finding(start, at + 1 + domain - start));
            }

            at += 1 + domain;
        }
    }

    public override int Open(ReadOnlySpan<char> text)
    {
        var open = Math.Max(0, RunBefore(text, text.Length));
        var tail = text[Math.Max(0, text.Length - LongestDomain - Context - 1)..];
        var last = tail.LastIndexOf('@');
        if (last >= 0)
        {
            var at = text.Length - tail.Length + last;
            var local = RunBefore(text, at);
            var run = DomainRun(text, at);
            if (local > 0 && run <= LongestDomain && at + 1 + run + Context > text.Length)
            {
                open = Math.Max(open, text.Length - at + local);
            }
        }

        return open;
    }

    /// <summary>Number of characters directly before <paramref name="end"/> that may be the name in an address. Negative when there are more than a name can
    /// have.</summary>
    private static int RunBefore(ReadOnlySpan<char> text, int end)
    {
        var window = text[Math.Max(0, end - LongestLocal - 1)..end];
        var length = window.Length - 1 - window.LastIndexOfAnyExcept(Atoms);
        return length > LongestLocal ? -1 : length;
    }

    private static int LocalBefore(ReadOnlySpan<char> text, int at)
    {
        var length = RunBefore(text, at);
        if (length > 0 && length < at && text[at - length - 1] == '@')
        {
            // If there is an earlier @, a domain follows it, and the name begins after that domain.
            var domain = text.Slice(at - length, length).IndexOfAnyExcept(DomainCharacters);
            length = domain < 0 ? 0 : length - domain;
        }

        if (length <= 0)
        {
            return -1;
        }

        var local = text.Slice(at - length, length);
        var dots = local.LastIndexOf("..");
        var start = dots < 0 ? 0 : dots + 2;
        while (start < length && !char.IsLetterOrDigit(local[start]) && local[start] != '_')
        {
            start++;
        }

        return start == length || local[^1] == '.' ? -1 : at - length + start;
    }

    private static int DomainRun(ReadOnlySpan<char> text, int at)
    {
        var window = text[(at + 1)..Math.Min(text.Length, at + 1 + LongestDomain + 1)];
        var other = window.IndexOfAnyExcept(DomainCharacters);
        return other < 0 ? window.Length : other;
    }

    /// <summary>Length of the domain after the @. 0 when there is none.</summary>
    private static int DomainAfter(ReadOnlySpan<char> text, int at)
    {
        var run = DomainRun(text, at);
        if (run > LongestDomain || IsPath(text, at, at + 1 + run))
        {
            return 0;
        }

        // The domain ends with the last label that can be a top-level domain.
        var domain = text.Slice(at + 1, run);
        var length = 0;
        for (var start = 0; start < run;)
        {
            var dot = domain[start..].IndexOf('.');
            var end = dot < 0 ? run : start + dot;
            var label = domain[start..end];
            if (start > 0 && TopLevel(label) is var top and > 0)
            {
                length = start + top;
            }

            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
            {
                break;
            }

            start = end + 1;
        }

        return length;
    }

    // True for paths on a server, which are not addresses: git@host:path, git@host/path, user@host:/path and user@host:~/path.
    private static bool IsPath(ReadOnlySpan<char> text, int at, int end)
    {
        if (end + 1 >= text.Length || text[end] is not (':' or '/'))
        {
            return false;
        }

        var isGit = text[..at].EndsWith("git") && (at == 3 || !Atoms.Contains(text[at - 4]));
        return isGit ? char.IsAsciiLetterOrDigit(text[end + 1]) || text[end + 1] is '/' or '~' or '_' or '.' : text[end] == ':' && text[end + 1] is '/' or '~';
    }

    /// <summary>Length of the top-level domain at the start of a label: letters up to the first hyphen.</summary>
    private static int TopLevel(ReadOnlySpan<char> label)
    {
        var length = 0;
        if (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase))
        {
            length = label[^1] == '-' ? 0 : label.Length;
        }
        else
        {
            while (length < label.Length && char.IsLetter(label[length]))
            {
                length++;
            }

            if (length < label.Length && label[length] != '-')
            {
                return 0;
            }
        }

        return length is < 2 or > 63 || IsFile(label[..length]) ? 0 : length;
    }

    private static bool IsFile(ReadOnlySpan<char> label) => Files.GetAlternateLookup<ReadOnlySpan<char>>().Contains(label);
}
