namespace Cencori.Edge.Routing;

/// <summary>What the edge must find in a request to this endpoint.</summary>
/// <param name="NeedsModel">Without a model there is no provider to choose.</param>
/// <param name="NeedsMessages">A chat without messages is refused before it costs anything.</param>
/// <param name="HasOutput">The answer has tokens, so an output bound is reserved.</param>
/// <param name="HasModelInForm">A multipart body names the model in a form field.</param>
public readonly record struct EndpointShape(bool NeedsModel, bool NeedsMessages, bool HasOutput, bool HasModelInForm)
{
    /// <summary>The shape of a POST to <paramref name="path"/>, the part after <c>/v1</c>; anything unknown is passed through as it is.</summary>
    public static EndpointShape Of(ReadOnlySpan<char> path)
    {
        path = path.TrimEnd('/');
        if (Is(path, "/chat/completions"))
        {
            return new(NeedsModel: true, NeedsMessages: true, HasOutput: true, HasModelInForm: false);
        }

        if (Is(path, "/completions"))
        {
            return new(NeedsModel: true, NeedsMessages: false, HasOutput: true, HasModelInForm: false);
        }

        if (Is(path, "/responses"))
        {
            // A stored prompt may bring its own model.
            return new(NeedsModel: false, NeedsMessages: false, HasOutput: true, HasModelInForm: false);
        }

        if (Is(path, "/embeddings"))
        {
            return new(NeedsModel: true, NeedsMessages: false, HasOutput: false, HasModelInForm: false);
        }

        var hasForm = path.StartsWith("/audio/", StringComparison.OrdinalIgnoreCase) || path.StartsWith("/images/", StringComparison.OrdinalIgnoreCase);
        return new(NeedsModel: false, NeedsMessages: false, HasOutput: false, HasModelInForm: hasForm);
    }

    private static bool Is(ReadOnlySpan<char> path, string known) => path.Equals(known, StringComparison.OrdinalIgnoreCase);
}
