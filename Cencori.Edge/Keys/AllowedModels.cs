namespace Cencori.Edge.Keys;

/// <summary>Which models a key may use: entries <c>model</c> or <c>provider:model</c>, <c>*</c> at the end as wildcard.</summary>
public static class AllowedModels
{
    /// <summary>Null allows every model, an empty list none.</summary>
    public static bool Allows(IReadOnlyList<string>? entries, string provider, string model)
    {
        if (entries is null)
        {
            return true;
        }

        foreach (var entry in entries)
        {
            if (Matches(entry, model)
                || (entry.Length > provider.Length
                    && entry[provider.Length] == ':'
                    && entry.StartsWith(provider, StringComparison.Ordinal)
                    && Matches(entry.AsSpan(provider.Length + 1), model)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(ReadOnlySpan<char> entry, string model) => entry.EndsWith('*')
        ? model.AsSpan().StartsWith(entry[..^1], StringComparison.Ordinal)
        : entry.Equals(model, StringComparison.Ordinal);
}
