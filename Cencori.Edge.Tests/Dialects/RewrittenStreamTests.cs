using System.Text;
using System.Threading.Tasks.Sources;
using Cencori.Edge.Dialects;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>How a rewritten response is read.</summary>
public sealed class RewrittenStreamTests
{
    private const string Begun = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";
    private const string Error = "data: {\"error\":\"gone\"}\n\n";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_pending_read_is_checked_only_once(int looks)
    {
        var (stream, provider) = Open(looks, [Begun[..20], Begun[20..], "data: [DONE]\n\n"]);
        var text = await ReadAsync(stream);

        Assert.StartsWith("data: {\"delta\":\"a\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Equal(0, provider.Left);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(64)]
    public async Task Nothing_is_read_after_an_error(int room)
    {
        var (stream, provider) = Open(0, [Begun, Error, Begun, "data: [DONE]\n\n"]);
        var text = await ReadAsync(stream, room);

        Assert.EndsWith("data: {\"error\":\"gone\",\"finish_reason\":\"error\"}\n\n", text, StringComparison.Ordinal);
        Assert.Equal(2, provider.Left);
    }

    private static (Stream Stream, LookedAtStream Provider) Open(int looks, string[] pieces)
    {
        var provider = new LookedAtStream(looks, pieces);
        return (new NativeResponse(NativeShape.Chat, "openai", "gpt-4o", 1, () => NativeReading.Bill).Open(provider, isEventStream: true, _ => { }), provider);
    }

    private static async Task<string> ReadAsync(Stream stream, int room = 4096)
    {
        var text = new StringBuilder();
        var buffer = new byte[room];
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        await stream.DisposeAsync();
        return text.ToString();
    }

    /// <summary>Each read completes only after its status was checked a given number of times, and is invalid after its result was taken.</summary>
    private sealed class LookedAtStream(int looks, string[] pieces) : ForwardOnlyStream, IValueTaskSource<int>
    {
        private readonly Queue<string> _pieces = new(pieces);
        private int _looks;
        private int _read;
        private short _token;

        public int Left => _pieces.Count;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _looks = 0;
            _read = _pieces.TryDequeue(out var piece) ? Encoding.UTF8.GetBytes(piece, buffer.Span) : 0;
            return new(this, ++_token);
        }

        public int GetResult(short token)
        {
            Check(token);
            _token++;
            return _read;
        }

        public ValueTaskSourceStatus GetStatus(short token)
        {
            Check(token);
            return _looks++ < looks ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;
        }

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            Check(token);
            ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: false);
        }

        private void Check(short token)
        {
            if (token != _token)
            {
                throw new InvalidOperationException("The token belongs to an earlier read.");
            }
        }
    }
}
