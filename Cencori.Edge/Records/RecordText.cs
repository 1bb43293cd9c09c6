using System.Diagnostics.CodeAnalysis;

namespace Cencori.Edge.Records;

/// <summary>Prepares text from callers for storage: cuts it, and replaces characters that a database may refuse.</summary>
internal static class RecordText
{
    /// <summary>Length of the longest stored text, in characters. Longer texts are cut.</summary>
    public const int MaxLength = 256;

    // Replaces control characters and surrogates. PostgreSQL refuses some of them, and one such text would make a whole batch fail.
    private const char Replacement = '\uFFFD';

    [return: NotNullIfNotNull(nameof(text))]
    public static string? Keep(string? text)
    {
        if (text is null || (text.Length <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '\uD7FF')))
        {
            return text;
        }

        return string.Create(Math.Min(text.Length, MaxLength), text, static (kept, text) =>
        {
            for (var index = 0; index < kept.Length; index++)
            {
                kept[index] = char.IsControl(text[index]) || char.IsSurrogate(text[index]) ? Replacement : text[index];
            }
        });
    }
}
