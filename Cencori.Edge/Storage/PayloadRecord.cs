using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Storage;

/// <summary>
/// The request and response bodies of one request, for a project that logs payloads. Belongs to the <see cref="RequestRecord"/> with the same project,
/// request id and start.
/// </summary>
public sealed class PayloadRecord
{
    /// <summary>Assigned by the database.</summary>
    public long Id { get; init; }

    public required string ProjectId { get; init; }

    public required string RequestId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The request body as the caller sent it, sealed by the master key (see <see cref="SecretSealer"/>). Null: there was no body, or it was not JSON.</summary>
    public byte[]? SealedRequest { get; init; }

    public bool IsRequestTruncated { get; init; }

    /// <summary>The response as the provider sent it, JSON or events, sealed by the master key. Null: there was no response.</summary>
    public byte[]? SealedAnswer { get; init; }

    public bool IsAnswerTruncated { get; init; }

    /// <summary>Id of the master key that sealed the bodies.</summary>
    public required string SealKeyId { get; init; }
}
