namespace Cencori.Edge.Bodies;

/// <summary>What the edge has read of a request, and how it is sent on.</summary>
public abstract class RequestContent : IDisposable
{
    /// <summary>A request without a body, or one whose body does not matter here and passes as it comes.</summary>
    public static RequestContent PassThrough(bool mayRunAnyModel = false) => new Untouched { MayRunAnyModel = mayRunAnyModel };

    /// <summary>The model as the caller wrote it; null where the request names none.</summary>
    public string? Model { get; protected init; }

    /// <summary>True where the caller asked for a stream of events.</summary>
    public bool IsStream { get; protected init; }

    /// <summary>
    /// True where a body may run a model that the edge has not found in it, such as a batch, a stored prompt or a list of
    /// fallbacks. A key that is limited to some models must not send it.
    /// </summary>
    public bool MayRunAnyModel { get; init; }

    /// <summary>Tokens to take from the project's bucket before the request is sent.</summary>
    public long ReservedTokens { get; protected init; }

    /// <summary>Those of <see cref="ReservedTokens"/> that the answer may have at most.</summary>
    public long OutputTokens { get; protected init; }

    /// <summary>The rest of <see cref="ReservedTokens"/>: what the request itself has, estimated.</summary>
    public long InputTokens => ReservedTokens - OutputTokens;

    /// <summary>What the caller has written, as far as it is text that the edge holds; else empty.</summary>
    public virtual ReadOnlySpan<byte> Text => [];

    /// <summary>Sends this model in place of the one the caller wrote.</summary>
    public abstract void UseModel(string model);

    /// <summary>
    /// Asks the provider to tell usage at the end of the stream, where the caller wants a stream that can tell it and has not asked.
    /// </summary>
    /// <returns>True where the request now asks for what the caller does not expect.</returns>
    public virtual bool AskForUsage() => false;

    /// <summary>Gives the request the body, and the length, that go to the provider.</summary>
    public abstract void ForwardFrom(HttpRequest request);

    /// <summary>The body as it goes to the provider, where it is so small that one write sends it; else null.</summary>
    public virtual HttpContent? HeldBody() => null;

    public virtual void Dispose() => GC.SuppressFinalize(this);

    private sealed class Untouched : RequestContent
    {
        public override void UseModel(string model)
        {
        }

        public override void ForwardFrom(HttpRequest request)
        {
        }
    }
}
