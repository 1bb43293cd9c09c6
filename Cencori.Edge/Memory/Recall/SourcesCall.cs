using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Reads a request to <c>POST /api/ai/rag</c>, whose response lists its sources. The memory fields are at the top level of the request body.</summary>
internal static class SourcesCall
{
    // Minimum similarity of an entry if the request has no threshold.
    private const double DefaultThreshold = 0.5;

    /// <param name="body">The request body. The memory fields are removed from it, because providers do not support them.</param>
    /// <param name="call">How the request uses the memory.</param>
    /// <returns>The error. Null: success.</returns>
    public static EdgeError? Take(Bodies.JsonContent body, out MemoryCall? call)
    {
        call = null;
        if (body.Choices != 1)
        {
            return EdgeError.Invalid("'n' must be 1 in a request to POST /api/ai/rag.", "n");
        }

        var fields = new MemoryFields("", "include_sources");
        foreach (var noted in body.Scan.Noted ?? [])
        {
            var value = body.Text.Slice(noted.Value.Start, noted.Value.Length);
            if (Misplaced(noted.Field) is { } misplaced && !IsNullOrEmptyList(value))
            {
                return EdgeError.Invalid($"A request to POST /api/ai/rag must not have '{misplaced}'. Remove the field, or use POST /api/ai/chat with 'memory'.", misplaced);
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

        call = new(fields.Namespace!, fields.Limit, fields.Threshold ?? DefaultThreshold, Stores: false, "namespace") { ListsSources = fields.Flag ?? true };
        return null;
    }

    private static bool IsNullOrEmptyList(ReadOnlySpan<byte> value) => value is [(byte)'n', ..] || (value is [(byte)'[', .. var rest] && rest.TrimStart(" \t\r\n"u8) is [(byte)']', ..]);

    // Tools are refused, because the response format of POST /api/ai/rag has no tool calls.
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
