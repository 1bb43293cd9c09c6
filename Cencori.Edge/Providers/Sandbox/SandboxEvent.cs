namespace Cencori.Edge.Providers.Sandbox;

/// <summary>One server-sent event, framing included.</summary>
/// <param name="Bytes">Valid until the next event is taken: a stream's events share one buffer.</param>
/// <param name="IsDelta">Carries generated text; only such events are paced.</param>
internal readonly record struct SandboxEvent(ReadOnlyMemory<byte> Bytes, bool IsDelta)
{
    public static SandboxEvent Done { get; } = new("data: [DONE]\n\n"u8.ToArray(), IsDelta: false);
}
