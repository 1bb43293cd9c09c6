using System.Text.Json;

namespace Cencori.Edge.Dialects;

/// <summary>Writes a <c>usage</c> object that always has the three token counts that Cencori's clients read.</summary>
internal static class UsageText
{
    private const int All = 3;

    private static ReadOnlySpan<byte> PromptTokens => "prompt_tokens"u8;

    private static ReadOnlySpan<byte> CompletionTokens => "completion_tokens"u8;

    private static ReadOnlySpan<byte> TotalTokens => "total_tokens"u8;

    /// <param name="output">Receives the object.</param>
    /// <param name="reported">The provider's complete <c>usage</c> object. Empty when the provider sent none.</param>
    /// <param name="bill">The usage that the edge recorded for the request. Replaces counts that the provider did not report, or reported implausibly.</param>
    public static void Write(TextBuffer output, ReadOnlySpan<byte> reported, in NativeBill bill)
    {
        var known = bill.IsReported ? NumbersOf(reported, out var hasMembers) : Refuse(out hasMembers);
        if (known is [true, true, true])
        {
            output.Append(reported);
            return;
        }

        output.Append(known is null ? "{"u8 : reported[..^1]);
        hasMembers &= known is not null;
        var usage = bill.Usage;
        Add(output, PromptTokens, usage.PromptTokens, known?[0], ref hasMembers);
        Add(output, CompletionTokens, usage.CompletionTokens, known?[1], ref hasMembers);
        Add(output, TotalTokens, usage.TotalTokens, known?[2], ref hasMembers);
        output.Append((byte)'}');
    }

    public static void WriteCost(TextBuffer output, decimal? cost)
    {
        if (cost is { } known)
        {
            output.Append(known);
        }
        else
        {
            output.Append("null"u8);
        }
    }

    private static bool[]? Refuse(out bool hasMembers)
    {
        hasMembers = false;
        return null;
    }

    private static void Add(TextBuffer output, ReadOnlySpan<byte> name, long number, bool? isThere, ref bool hasMembers)
    {
        if (isThere == true)
        {
            return;
        }

        output.Append(hasMembers ? ",\""u8 : "\""u8);
        output.Append(name);
        output.Append("\":"u8);
        output.Append(number);
        hasMembers = true;
    }

    // Finds which of the three counts the provider sent. Null when the usage is not an object, or when one of the counts is not a number.
    // The edge then writes a new object. In the provider's object, an added count would repeat the member that is not a number.
    private static bool[]? NumbersOf(ReadOnlySpan<byte> reported, out bool hasMembers)
    {
        hasMembers = false;
        if (reported is not [(byte)'{', ..])
        {
            return null;
        }

        var known = new bool[All];
        try
        {
            var reader = new Utf8JsonReader(reported);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                hasMembers = true;
                var index = reader.ValueSpan.SequenceEqual(PromptTokens) ? 0 : reader.ValueSpan.SequenceEqual(CompletionTokens) ? 1 : reader.ValueSpan.SequenceEqual(TotalTokens) ? 2 : All;
                reader.Read();
                if (index < All)
                {
                    if (reader.TokenType != JsonTokenType.Number)
                    {
                        return null;
                    }

                    known[index] = true;
                }

                reader.Skip();
            }

            return known;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
