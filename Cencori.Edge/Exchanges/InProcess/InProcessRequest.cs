using System.Net;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges.InProcess;

/// <summary>A request that the edge makes of itself, for somebody who has no key at hand: it belongs to a project as any caller's does.</summary>
public sealed record InProcessRequest
{
    public required string ProjectId { get; init; }

    /// <summary>Whose credentials it uses.</summary>
    public required KeyEnvironment Environment { get; init; }

    /// <summary>The one credential that its project has for it, enabled or not. Null: those of the environment.</summary>
    public ProviderCredential? Credential { get; init; }

    /// <summary>The project as it is for this request. Its response may be null: then nothing is sent. Null: as it is.</summary>
    public Func<ProjectSnapshot, ProjectSnapshot?>? Fit { get; init; }

    /// <inheritdoc cref="Keys.Caller.ShadowOf"/>
    public string? ShadowOf { get; init; }

    /// <summary>As whom it goes: a caller's, of which it is a part. Null: as nobody who has a key.</summary>
    public Caller? As { get; init; }

    /// <inheritdoc cref="Keys.Caller.RecordedAs"/>
    public string? RecordedAs { get; init; }

    /// <summary>What records have in the place of a key's id. No stored key has it, and none can be shown for it.</summary>
    public required string KeyId { get; init; }

    /// <summary>What records say of where it comes from, as <c>X-Cencori-App</c> does.</summary>
    public required string App { get; init; }

    /// <summary>Such as <c>/v1/chat/completions</c>. It is posted to.</summary>
    public required string Path { get; init; }

    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The address of whoever it is for; null: nobody knows.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Other headers. Default none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Runs before the response's first byte, when its status and headers are as a client would get them. Null: nobody wants them.</summary>
    public Action<HttpResponse>? Beginning { get; init; }
}
