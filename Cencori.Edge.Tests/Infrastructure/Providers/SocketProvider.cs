using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>A WebSocket provider on loopback. By default it echoes all messages.</summary>
public sealed class SocketProvider : IAsyncDisposable
{
    private readonly Channel<SocketRequest> _unread = Channel.CreateUnbounded<SocketRequest>();
    private readonly WebApplication _app;
    private int _count;

    private SocketProvider(WebApplication app)
    {
        _app = app;
        app.UseWebSockets();
        app.Run(ServeAsync);
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>Number of requests so far, upgraded or not.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Selects a subprotocol of those offered by the edge. Default: the first.</summary>
    public Func<IList<string>, string?> Choose { get; set; } = offered => offered.FirstOrDefault();

    /// <summary>Sends a response without an upgrade to a WebSocket. Null (default): every request is upgraded.</summary>
    public Func<HttpContext, Task>? Refuse { get; set; }

    public Func<WebSocket, HttpContext, Task> Script { get; set; } = EchoAsync;

    /// <param name="overTls">With a self-signed certificate.</param>
    public static async Task<SocketProvider> StartAsync(bool overTls = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (overTls)
            {
                listen.UseHttps(Certificate());
            }
        }));
        builder.Logging.ClearProviders();
        var provider = new SocketProvider(builder.Build());
        await provider._app.StartAsync();
        return provider;
    }

    public static async Task EchoAsync(WebSocket socket, HttpContext context)
    {
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult frame;
        while ((frame = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted)).MessageType != WebSocketMessageType.Close)
        {
            await socket.SendAsync(buffer.AsMemory(0, frame.Count), frame.MessageType, frame.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, context.RequestAborted);
    }

    /// <summary>Returns the next request, each once.</summary>
    public Task<SocketRequest> NextRequestAsync() => _unread.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Timeout, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        Interlocked.Increment(ref _count);
        var request = new SocketRequest(
            context.Request.Method,
            $"{context.Request.Path}{context.Request.QueryString}",
            [.. context.Request.Headers.SelectMany(header => header.Value, (header, value) => (header.Key, value ?? ""))]);
        _unread.Writer.TryWrite(request);
        if (Refuse is { } refuse)
        {
            await refuse(context);
            return;
        }

        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(Choose(context.WebSockets.WebSocketRequestedProtocols));
            await Script(socket, context);
            request.End(socket.CloseStatus);
        }
        catch (Exception exception)
        {
            request.Fail(exception);
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var created = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(created.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>The handshake request of a WebSocket, and how the socket ended at the provider.</summary>
public sealed record SocketRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers)
{
    private readonly TaskCompletionSource<WebSocketCloseStatus?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The close status that the edge sent. Fails if the connection broke.</summary>
    public Task<WebSocketCloseStatus?> Ended => _ended.Task;

    public IReadOnlyList<string> Values(string name) =>
        [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    internal void End(WebSocketCloseStatus? status) => _ended.TrySetResult(status);

    internal void Fail(Exception exception) => _ended.TrySetException(exception);
}
