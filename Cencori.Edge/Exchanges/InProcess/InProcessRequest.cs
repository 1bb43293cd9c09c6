using System.Net;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges.InProcess;

/// <summary>A request that the edge itself makes for a project, without a key.</summary>
public sealed record InProcessRequest
{
    public required string ProjectId { get; init; }

    /// <summary>The environment whose credentials the request uses.</summary>
    public required KeyEnvironment Environment { get; init; }

    /// <summary>The only credential that the request may use, enabled or not. Null: all credentials of the environment.</summary>
    public ProviderCredential? Credential { get; init; }

    /// <summary>A function that returns a changed project for this request only, or null to send nothing. No function: the project is not changed.</summary>
    public Func<ProjectSnapshot, ProjectSnapshot?>? ChangeProject { get; init; }

    /// <inheritdoc cref="Keys.Caller.ShadowOf"/>
    public string? ShadowOf { get; init; }

    /// <summary>The caller of the operation for which the edge sends this request. Null: no caller.</summary>
    public Caller? ParentCaller { get; init; }

    /// <inheritdoc cref="Keys.Caller.RecordedAs"/>
    public string? RecordedAs { get; init; }

    /// <summary>The key id in the records if <see cref="ParentCaller"/> is null. No stored key has that id, so the records can show no key for it.</summary>
    public required string KeyId { get; init; }

    /// <summary>The name of the application in the records. Clients send this name in <c>X-Cencori-App</c>.</summary>
    public required string App { get; init; }

    /// <summary>The path of the POST, such as <c>/v1/chat/completions</c>.</summary>
    public required string Path { get; init; }

    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The client address in the records; null: unknown.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Further headers. Default none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Called before the first byte of the response, when its status and headers are final. Null: not called.</summary>
    public Action<HttpResponse>? Beginning { get; init; }
}
