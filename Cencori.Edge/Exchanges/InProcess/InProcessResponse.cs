using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Exchanges.InProcess;

/// <summary>
/// The response to a request that the edge sends to itself, without a connection. Calls the OnStarting and OnCompleted callbacks as the server does.
/// </summary>
internal sealed class InProcessResponse : IHttpResponseFeature, IHttpResponseBodyFeature
{
    private readonly Stack<(Func<object, Task> Tell, object State)> _starting = new();
    private readonly Stack<(Func<object, Task> Tell, object State)> _completed = new();
    private PipeWriter? _writer;

    public InProcessResponse(Stream body) => Stream = Body = new ResponseBody(body, StartAsync);

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public Stream Body { get; set; }

    public bool HasStarted { get; private set; }

    public Stream Stream { get; }

    public PipeWriter Writer => _writer ??= PipeWriter.Create(Stream, new StreamPipeWriterOptions(leaveOpen: true));

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

    public void DisableBuffering()
    {
    }

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (!HasStarted)
        {
            await RunCallbacksAsync(_starting);
            HasStarted = true;
        }
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public async Task CompleteAsync()
    {
        await StartAsync();
        if (_writer is not null)
        {
            await _writer.FlushAsync();
        }
    }

    /// <summary>Ends the request and runs the completion callbacks, also after a failure.</summary>
    public Task EndAsync() => RunCallbacksAsync(_completed);

    private static async Task RunCallbacksAsync(Stack<(Func<object, Task> Tell, object State)> waiting)
    {
        while (waiting.TryPop(out var next))
        {
            await next.Tell(next.State);
        }
    }

    /// <summary>Starts the response at the first write.</summary>
    private sealed class ResponseBody(Stream inner, Func<CancellationToken, Task> startAsync) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await startAsync(cancellationToken);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            await startAsync(cancellationToken);
            await inner.FlushAsync(cancellationToken);
        }

        public override void Flush() => throw new NotSupportedException("Responses must be written asynchronously.");

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Responses must be written asynchronously.");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
