using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>
/// Maps each character of a <see cref="ScannedText"/> to its place in the source of that text, where the character may be an escape of several bytes. Adjacent
/// characters whose sources have the same width share an entry, so a text with few escapes needs few entries.
/// </summary>
internal sealed class SourceMap : IDisposable
{
    private Stretch[] _stretches = [];
    private int _count;

    /// <summary>Maps the characters from index <paramref name="text"/> to the index of the next call. Each of these characters takes <paramref name="width"/>
    /// units of the source (bytes of JSON, or characters of plain text). The first of them begins at unit <paramref name="source"/>.</summary>
    public void Add(int text, int source, int width)
    {
        if (_count > 0)
        {
            var last = _stretches[_count - 1];
            if (last.Width == width && last.Source + ((long)(text - last.Text) * width) == source)
            {
                return;
            }
        }

        Push(new Stretch(text, source, width));
    }

    /// <summary>Maps two characters (a surrogate pair) to one place in the source, which takes <paramref name="width"/> units.</summary>
    public void AddPair(int text, int source, int width) => Push(new Stretch(text, source, -width));

    public Finding Of(int text)
    {
        var at = _stretches.AsSpan(0, _count).BinarySearch(new Stretch(text, 0, 0));
        var stretch = _stretches[at < 0 ? ~at - 1 : at];
        return stretch.Width < 0 ? new Finding(stretch.Source, -stretch.Width) : new Finding(stretch.Source + ((text - stretch.Text) * stretch.Width), stretch.Width);
    }

    public void Clear() => _count = 0;

    public void Dispose()
    {
        if (_stretches.Length > 0)
        {
            ArrayPool<Stretch>.Shared.Return(_stretches);
        }

        (_stretches, _count) = ([], 0);
    }

    private void Push(Stretch stretch)
    {
        if (_count == _stretches.Length)
        {
            var larger = ArrayPool<Stretch>.Shared.Rent(Math.Max(64, _count * 2));
            _stretches.AsSpan(0, _count).CopyTo(larger);
            var count = _count;
            Dispose();
            (_stretches, _count) = (larger, count);
        }

        _stretches[_count++] = stretch;
    }

    private readonly record struct Stretch(int Text, int Source, int Width) : IComparable<Stretch>
    {
        public int CompareTo(Stretch other) => Text.CompareTo(other.Text);
    }
}
