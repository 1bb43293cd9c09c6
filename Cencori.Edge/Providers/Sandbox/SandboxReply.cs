using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>The reply of an endpoint, before <see cref="SandboxPacing"/> delays it or breaks it off.</summary>
internal abstract record SandboxReply
{
    private SandboxReply()
    {
    }

    public static SandboxReply Of(Action<Utf8JsonWriter> write) => new Json(SandboxJson.Write(write));

    internal sealed record Refused(SandboxError Error) : SandboxReply;

    internal sealed record Json(byte[] Body) : SandboxReply;

    /// <summary>A body that is not JSON.</summary>
    internal sealed record Bytes(byte[] Body, string ContentType) : SandboxReply;

    internal sealed record Events(IEnumerable<SandboxEvent> Items) : SandboxReply;
}
