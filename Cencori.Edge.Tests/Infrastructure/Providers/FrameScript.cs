namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>When a <see cref="FrameProvider"/> acts on a request.</summary>
public enum FrameMoment
{
    Head,
    FirstData,
    End,
}

/// <summary>The action of a <see cref="FrameProvider"/> on one request. Afterwards, further data of the stream is ignored and gets no stream credit.</summary>
internal sealed record FrameScript(FrameMoment At, Func<FrameConnection, FrameRequest, Task> Act)
{
    public static FrameScript Respond { get; } = new(FrameMoment.End, (connection, request) => connection.RespondAsync(request));
}
