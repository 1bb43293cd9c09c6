namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>When a <see cref="FrameProvider"/> acts on a request.</summary>
public enum FrameMoment
{
    Head,
    FirstData,
    End,
}

/// <summary>What a <see cref="FrameProvider"/> does with one request. Nothing of it is read, or given credit for, afterwards.</summary>
internal sealed record FrameScript(FrameMoment At, Func<FrameConnection, FrameRequest, Task> Act)
{
    public static FrameScript Respond { get; } = new(FrameMoment.End, (connection, request) => connection.RespondAsync(request));
}
