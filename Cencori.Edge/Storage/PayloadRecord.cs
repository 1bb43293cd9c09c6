namespace Cencori.Edge.Storage;

/// <summary>
/// What was said in one request, for a project that keeps it. It belongs to the <see cref="RequestRecord"/> of the same project, request
/// and start.
/// </summary>
public sealed class PayloadRecord
{
    /// <summary>A number that the database gives.</summary>
    public long Id { get; init; }

    public required string ProjectId { get; init; }

    public required string RequestId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The body as the caller sent it, under the master key; null where it has none, or one that is not JSON. See <see cref="SecretSealer"/>.</summary>
    public byte[]? SealedRequest { get; init; }

    public bool IsRequestTruncated { get; init; }

    /// <summary>The response as the provider sent it, JSON or events, under the master key; null where there was none.</summary>
    public byte[]? SealedAnswer { get; init; }

    public bool IsAnswerTruncated { get; init; }

    /// <summary>Which master key sealed it.</summary>
    public required string SealKeyId { get; init; }
}
