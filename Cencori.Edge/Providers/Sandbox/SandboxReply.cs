using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>What an endpoint decided to say, before the model's pace and faults are laid over it.</summary>
internal abstract record SandboxReply
{
    private SandboxReply()
    {
    }

    public static SandboxReply Of(Action<Utf8JsonWriter> write) => new Json(SandboxJson.Write(write));

    internal sealed record Refused(SandboxError Error) : SandboxReply;

    internal sealed record Json(byte[] Body) : SandboxReply;

    /// <summary>What is no JSON.</summary>
    internal sealed record Bytes(byte[] Body, string ContentType) : SandboxReply;

    internal sealed record Events(IEnumerable<SandboxEvent> Items) : SandboxReply;
}
