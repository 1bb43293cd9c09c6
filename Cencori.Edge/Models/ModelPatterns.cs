namespace Cencori.Edge.Models;

/// <summary>
/// Finds values by model name: by exact name, or by prefix if the pattern ends with <c>*</c>. An exact name takes precedence over a
/// pattern, and a longer pattern over a shorter one. Names are case-sensitive. Immutable.
/// </summary>
public sealed class ModelPatterns<T>
{
    private const char AnyRest = '*';

    private readonly Dictionary<string, T[]>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly Dictionary<string, T[]>.AlternateLookup<ReadOnlySpan<char>> _prefixes;

    // One lookup per pattern length, longest first, instead of one comparison per pattern: there may be thousands of patterns.
    private readonly int[] _lengths;

    /// <param name="entries">A name or pattern may occur several times. Its values are then returned in the order of these entries.</param>
    public ModelPatterns(IEnumerable<(string Pattern, T Value)> entries)
    {
        var byKind = entries.GroupBy(entry => entry.Pattern, entry => entry.Value, StringComparer.Ordinal).ToLookup(group => group.Key.EndsWith(AnyRest));
        var prefixes = byKind[true].ToDictionary(group => group.Key[..^1], group => group.ToArray(), StringComparer.Ordinal);
        _exact = byKind[false].ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixes = prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengths = [.. prefixes.Keys.Select(prefix => prefix.Length).Distinct().OrderDescending()];
    }

    /// <summary>True if this exact name is among the entries.</summary>
    public bool Names(string model) => _exact.ContainsKey(model);

    /// <summary>All values for this model, best match first.</summary>
    public Matches Of(ReadOnlySpan<char> model) => new(this, model);

    /// <summary>The values for a model, for <c>foreach</c>. Enumerating allocates nothing.</summary>
    public ref struct Matches
    {
        private readonly ModelPatterns<T> _patterns;
        private readonly ReadOnlySpan<char> _model;

        // Index of the next pattern length to try. -1: the exact name.
        private int _nextLength = -1;

        internal Matches(ModelPatterns<T> patterns, ReadOnlySpan<char> model)
        {
            _patterns = patterns;
            _model = model;
            Current = [];
        }

        public T[] Current { get; private set; }

        public readonly Matches GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_nextLength < _patterns._lengths.Length)
            {
                if (TryGet(_nextLength++, out var values))
                {
                    Current = values;
                    return true;
                }
            }

            return false;
        }

        private readonly bool TryGet(int length, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T[]? values)
        {
            values = null;
            return length < 0
                ? _patterns._exact.TryGetValue(_model, out values)
                : _patterns._lengths[length] <= _model.Length && _patterns._prefixes.TryGetValue(_model[.._patterns._lengths[length]], out values);
        }
    }
}
