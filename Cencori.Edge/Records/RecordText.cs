using System.Diagnostics.CodeAnalysis;

namespace Cencori.Edge.Records;

/// <summary>Text that a caller chose, as it is kept: short, and such that every database can hold it.</summary>
internal static class RecordText
{
    /// <summary>In characters.</summary>
    public const int MaxLength = 256;

    // Control characters and halves of pairs become this: PostgreSQL takes neither, and a batch must not fail for one text.
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
