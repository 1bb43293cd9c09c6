using System.Runtime.CompilerServices;
using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Reads a provider's event stream byte for byte. Where the provider dies or stays silent past its activity timeout after
/// the answer has begun, the stream ends with one error event and without <c>[DONE]</c>, in place of a connection reset.
/// </summary>
/// <remarks>
/// It has to be here: YARP resets the client's connection on a failed read before any middleware runs again. Its own
/// activity timeout is set a little later than this one, so that this one is met first.
/// </remarks>
public sealed partial class GuardedEventStream(Stream inner, ProviderDefinition provider, TimeProvider time, ILogger logger) : ForwardOnlyStream
{
    private readonly CancellationTokenSource _silence = new(Timeout.InfiniteTimeSpan, time);
    private CancellationTokenRegistration _caller;
    private bool _hasPassed;
    private ReadOnlyMemory<byte>? _lastWords;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_lastWords is not null)
        {
            return new(TakeLastWords(buffer));
        }

        // The copier passes the same token to every read, so one registration lasts for the stream.
        if (_caller.Token != cancellationToken)
        {
            _caller.Dispose();
            _caller = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _silence);
        }

        var reading = inner.ReadAsync(buffer, _silence.Token);
        if (!reading.IsCompletedSuccessfully)
        {
            return AwaitAsync(reading, buffer, cancellationToken);
        }

        var read = reading.Result;
        _hasPassed |= read > 0;
        return new(read);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _caller.Dispose();
            _silence.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // Pooled: a stream of thousands of chunks waits thousands of times.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            _silence.CancelAfter(provider.ActivityTimeout);
            var read = await reading;
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            _hasPassed |= read > 0;
            return read;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is IOException or HttpRequestException or OperationCanceledException)
        {
            var isSilence = exception is OperationCanceledException;
            Log.Broke(logger, exception, provider.Id, isSilence ? "stayed silent" : "broke off");
            if (!_hasPassed)
            {
                // Nothing has reached the client: it can still have a proper error.
                throw isSilence ? new TimeoutException($"The provider '{provider.Id}' sent nothing for {provider.ActivityTimeout}.", exception) : new IOException("The provider broke off.", exception);
            }

            _lastWords = ErrorEvent(isSilence);
            return TakeLastWords(buffer);
        }
    }

    private int TakeLastWords(Memory<byte> buffer)
    {
        var words = _lastWords!.Value;
        var length = Math.Min(buffer.Length, words.Length);
        words[..length].CopyTo(buffer);
        _lastWords = words[length..];
        return length;
    }

    private ReadOnlyMemory<byte> ErrorEvent(bool isSilence)
    {
        var error = isSilence
            ? new EdgeError(ErrorKind.ProviderTimeout, $"The provider '{provider.Id}' stayed silent for too long.")
            : new EdgeError(ErrorKind.ProviderError, $"The provider '{provider.Id}' broke off its answer.");

        // The break may lie within an event; an empty line ends that one and is nothing where none is open.
        // The official .NET client skips an event without choices as if nothing had happened; at this one it throws, as the
        // other clients do at the error itself.
        return (byte[])[.. "\n\ndata: "u8, .. ErrorWriter.Format(error, ErrorDialect.OpenAI).Span[..^1], .. ",\"choices\":null}\n\n"u8];
    }

    private static partial class Log
    {
        [LoggerMessage(41, LogLevel.Warning, "Provider {Provider} {Event} within an event stream.", EventName = "EventStreamBroke")]
        public static partial void Broke(ILogger logger, Exception exception, string provider, string @event);
    }
}
