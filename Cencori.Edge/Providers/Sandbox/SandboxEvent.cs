namespace Cencori.Edge.Providers.Sandbox;

/// <summary>One server-sent event, framing included.</summary>
/// <param name="Bytes">Valid until the next event: all events of a stream share one buffer.</param>
/// <param name="IsDelta">True: the event holds generated output. A slow model waits only before such events.</param>
internal readonly record struct SandboxEvent(ReadOnlyMemory<byte> Bytes, bool IsDelta)
{
    public static SandboxEvent Done { get; } = new("data: [DONE]\n\n"u8.ToArray(), IsDelta: false);
}
