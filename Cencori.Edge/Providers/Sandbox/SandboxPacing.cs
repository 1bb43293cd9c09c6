using System.Runtime.CompilerServices;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>Delays or breaks off the reply of an endpoint, if the model is one that is slow, is silent or fails.</summary>
internal sealed class SandboxPacing(SandboxModel model, TimeProvider time)
{
    private const int DeltasBeforeBreak = 3;

    private static readonly TimeSpan BetweenTokens = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BeforeJson = TimeSpan.FromSeconds(2);

    public Task WaitBeforeJsonAsync(CancellationToken cancellationToken) => model.Behaviour switch
    {
        SandboxBehaviour.Slow => Task.Delay(BeforeJson, time, cancellationToken),
        SandboxBehaviour.Silent => Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken),
        _ => Task.CompletedTask,
    };

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PaceAsync(
        IEnumerable<SandboxEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var deltas = 0;
        foreach (var item in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (deltas > 0)
            {
                await WaitBetweenAsync(item, deltas, cancellationToken);
            }

            yield return item.Bytes;

            if (item.IsDelta)
            {
                deltas++;
            }

            if (model.Behaviour == SandboxBehaviour.Silent)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            }
        }
    }

    /// <summary>A reply of the model <c>error-stream</c> that is not an event stream: half of the body, and then a failure.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> BreakAsync(ReadOnlyMemory<byte> body)
    {
        yield return body[..(body.Length / 2)];
        await Task.CompletedTask;
        throw Broken();
    }

    private Task WaitBetweenAsync(SandboxEvent next, int deltas, CancellationToken cancellationToken) => model.Behaviour switch
    {
        SandboxBehaviour.Slow when next.IsDelta => Task.Delay(BetweenTokens, time, cancellationToken),

        // A stream with fewer deltas must break, too, before any event that says that the reply is complete.
        SandboxBehaviour.BreakingStream when deltas == DeltasBeforeBreak || !next.IsDelta => throw Broken(),
        _ => Task.CompletedTask,
    };

    private static IOException Broken() => new("The sandbox was asked to break this stream.");
}
