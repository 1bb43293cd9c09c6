using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Memory.Recall;

/// <summary>What a request for an answer with sources says of a memory, at the top of its body.</summary>
internal static class SourcesCall
{
    // Where the namespace says nothing better of its model: hits that are worth a look.
    private const double UsualThreshold = 0.5;

    /// <param name="body">Gives up what no provider knows.</param>
    /// <param name="call">What it says.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static EdgeError? Take(Bodies.JsonContent body, out MemoryCall? call)
    {
        call = null;
        if (body.Choices != 1)
        {
            return EdgeError.Invalid("An answer with sources is one answer.", "n");
        }

        var fields = new MemoryFields("", "include_sources");
        foreach (var noted in body.Scan.Noted ?? [])
        {
            var value = body.Text.Slice(noted.Value.Start, noted.Value.Length);
            if (Misplaced(noted.Field) is { } misplaced && !IsNothing(value))
            {
                return EdgeError.Invalid($"There is no '{misplaced}' in a request for an answer with sources. Use POST /api/ai/chat, with 'memory'.", misplaced);
            }

            if (NameOf(noted.Field) is not { } name)
            {
                continue;
            }

            if (name != "memory" && fields.Read(name, value) is { } wrong)
            {
                return wrong;
            }

            body.Edits.Remove(noted, body.Text);
        }

        if (fields.Missing() is { } missing)
        {
            return missing;
        }

        call = new(fields.Namespace!, fields.Limit, fields.Threshold ?? UsualThreshold, Stores: false, "namespace") { TellsSources = fields.Flag ?? true };
        return null;
    }

    private static bool IsNothing(ReadOnlySpan<byte> value) => value is [(byte)'n', ..] || (value is [(byte)'[', .. var rest] && rest.TrimStart(" \t\r\n"u8) is [(byte)']', ..]);

    // Its answer has no place for calls.
    private static string? Misplaced(RequestField field) => field switch
    {
        RequestField.Memory => "memory",
        RequestField.Tools => "tools",
        RequestField.Functions => "functions",
        _ => null,
    };

    private static string? NameOf(RequestField field) => field switch
    {
        RequestField.Memory => "memory",
        RequestField.Namespace => "namespace",
        RequestField.Limit => "limit",
        RequestField.Threshold => "threshold",
        RequestField.IncludeSources => "include_sources",
        _ => null,
    };
}
