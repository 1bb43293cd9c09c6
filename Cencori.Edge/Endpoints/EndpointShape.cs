namespace Cencori.Edge.Endpoints;

/// <summary>What the edge must find in a request to this endpoint.</summary>
/// <param name="NeedsModel">Without a model there is no provider to choose.</param>
/// <param name="NeedsMessages">A chat without messages is refused before it costs anything.</param>
/// <param name="HasOutput">The answer has tokens, so an output bound is reserved.</param>
/// <param name="StoresFiles">It keeps what is sent and runs no model: its bodies pass unread, however large.</param>
public readonly record struct EndpointShape(bool NeedsModel, bool NeedsMessages, bool HasOutput, bool StoresFiles)
{
    /// <summary>Where the edge must be able to read the body, it takes JSON and nothing else.</summary>
    public bool NeedsJson => NeedsModel || HasOutput;

    /// <summary>Its streams tell usage where <c>stream_options</c> ask for it: those of the chat and the older completions.</summary>
    public bool HasStreamOptions => NeedsModel && HasOutput;

    /// <summary>The shape of a POST to <paramref name="path"/>, the part after <c>/v1</c>; anything unknown is passed through as it is.</summary>
    public static EndpointShape Of(ReadOnlySpan<char> path)
    {
        path = path.TrimEnd('/');
        if (Is(path, "/chat/completions"))
        {
            return new(NeedsModel: true, NeedsMessages: true, HasOutput: true, StoresFiles: false);
        }

        if (Is(path, "/completions"))
        {
            return new(NeedsModel: true, NeedsMessages: false, HasOutput: true, StoresFiles: false);
        }

        if (Is(path, "/responses"))
        {
            // A stored prompt may bring its own model.
            return new(NeedsModel: false, NeedsMessages: false, HasOutput: true, StoresFiles: false);
        }

        if (Is(path, "/embeddings"))
        {
            return new(NeedsModel: true, NeedsMessages: false, HasOutput: false, StoresFiles: false);
        }

        return new(NeedsModel: false, NeedsMessages: false, HasOutput: false, StoresFiles: IsOrBelow(path, "/files") || IsOrBelow(path, "/uploads"));
    }

    private static bool Is(ReadOnlySpan<char> path, string known) => path.Equals(known, StringComparison.OrdinalIgnoreCase);

    private static bool IsOrBelow(ReadOnlySpan<char> path, string known) =>
        path.StartsWith(known, StringComparison.OrdinalIgnoreCase) && (path.Length == known.Length || path[known.Length] == '/');
}
