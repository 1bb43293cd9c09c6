using System.Buffers;
using System.Text;

namespace Cencori.Edge.Screening;

/// <summary>Recognizes the name of the requested model, which is not user text.</summary>
internal static class KnownModel
{
    // Number of characters of the longest date suffix: -2024-08-06.
    private const int LongestDate = 11;

    private static readonly SearchValues<byte> Date = SearchValues.Create("-0123456789"u8);

    /// <summary>True when the value is the name <paramref name="model"/>, or that name with a date after it: <c>gpt-4o-2024-08-06</c>.</summary>
    public static bool Is(string? model, ReadOnlySpan<byte> value) =>
        model is not null && value.Length >= model.Length && value.Length - model.Length <= LongestDate && Ascii.Equals(value[..model.Length], model) && value[model.Length..].IndexOfAnyExcept(Date) < 0;
}
