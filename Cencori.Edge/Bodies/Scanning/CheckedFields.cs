using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>
/// Fields whose type the edge enforces, because the endpoint is known to have them. On other endpoints a value that the edge cannot
/// use is not an error, because the provider defines the field: a realtime session may have <c>"max_output_tokens":"inf"</c>.
/// </summary>
[Flags]
internal enum CheckedFields
{
    None = 0,
    Model = 1,
    Stream = 2,
    MaxTokens = 4,
    MaxCompletionTokens = 8,
    MaxOutputTokens = 16,
    Choices = 32,
    BestOf = 64,
    Messages = 128,
    All = 255,
}

internal static class CheckedFieldsExtensions
{
    /// <summary>The fields whose type the edge checks in requests for <paramref name="operation"/>.</summary>
    public static CheckedFields Fields(this Operation operation) => operation switch
    {
        Operation.Chat => CheckedFields.Model | CheckedFields.Stream | CheckedFields.MaxTokens | CheckedFields.MaxCompletionTokens
            | CheckedFields.Choices | CheckedFields.Messages,
        Operation.Completions => CheckedFields.Model | CheckedFields.Stream | CheckedFields.MaxTokens | CheckedFields.Choices | CheckedFields.BestOf,
        Operation.Responses => CheckedFields.Model | CheckedFields.Stream | CheckedFields.MaxOutputTokens,
        Operation.Embeddings or Operation.Images or Operation.Audio or Operation.Moderations => CheckedFields.Model,
        _ => CheckedFields.None,
    };
}
