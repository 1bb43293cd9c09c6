using System.Buffers.Binary;
using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>One connection to a <see cref="FrameProvider"/>: as much of RFC 9113 as a well-behaved client needs.</summary>
public sealed class FrameConnection : IDisposable
{
    public const int NoError = 0;
    public const int RefusedStream = 7;

    private const int PrefaceLength = 24;
    private const byte Ack = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private readonly FrameProvider _provider;
    private readonly Socket _socket;
    private readonly NetworkStream _wire;
    private readonly int _number;
    private readonly Dictionary<int, (FrameRequest Request, FrameScript Script)> _open = [];
    private bool _hasHungUp;

    internal FrameConnection(FrameProvider provider, Socket socket, int number)
    {
        _provider = provider;
        _socket = socket;
        _wire = new NetworkStream(socket, ownsSocket: true);
        _number = number;
    }

    private enum Frame : byte
    {
        Data = 0,
        Headers = 1,
        Reset = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
    }

    /// <summary>Responds with status 200 and a small JSON object.</summary>
    public async Task RespondAsync(FrameRequest request)
    {
        // Entry 8 of HPACK's static table is ":status: 200", and entry 31 is "content-type".
        await SendAsync(Frame.Headers, EndHeaders, request.Stream, [0x88, 0x0F, 0x10, 16, .. "application/json"u8]);
        await SendAsync(Frame.Data, EndStream, request.Stream, [.. "{}"u8]);
    }

    public Task ResetAsync(FrameRequest request, int error) => SendAsync(Frame.Reset, 0, request.Stream, Number(error));

    /// <summary>Sends GOAWAY with the last stream that is processed.</summary>
    public Task GoAwayAsync(int lastStream, int error = NoError) => SendAsync(Frame.GoAway, 0, 0, [.. Number(lastStream), .. Number(error)]);

    /// <summary>Sends FIN and continues to read: closing with unread bytes would send a reset, and the last frames could be lost.</summary>
    public void HangUp()
    {
        _hasHungUp = true;
        _socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose() => _wire.Dispose();

    internal async Task RunAsync(CancellationToken stopping)
    {
        using var wire = _wire;
        try
        {
            await wire.ReadExactlyAsync(new byte[PrefaceLength], stopping);
            await SendAsync(Frame.Settings, 0, 0, []);
            var head = new byte[9];
            while (true)
            {
                await wire.ReadExactlyAsync(head, stopping);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
                await wire.ReadExactlyAsync(payload, stopping);
                await ReceiveAsync((Frame)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload, stopping);
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private async Task ReceiveAsync(Frame type, byte flags, int stream, byte[] payload, CancellationToken stopping)
    {
        switch (type)
        {
            case Frame.Settings or Frame.Ping when (flags & Ack) == 0:
                await SendAsync(type, Ack, 0, type == Frame.Ping ? payload : []);
                break;
            case Frame.Headers:
                var request = new FrameRequest(_number, stream, payload);
                _open.Add(stream, (request, _provider.Accept(request)));
                await ActAsync(FrameMoment.Head, stream);
                break;
            case Frame.Data:
                await ReceiveDataAsync(stream, payload, isEnd: (flags & EndStream) != 0, stopping);
                break;
            default:
                break;
        }
    }

    private async Task ReceiveDataAsync(int stream, byte[] data, bool isEnd, CancellationToken stopping)
    {
        if (_open.TryGetValue(stream, out var entry))
        {
            entry.Request.Append(data);
            entry.Request.IsWhole = isEnd;
            await ActAsync(FrameMoment.FirstData, stream);
            if (isEnd)
            {
                await ActAsync(FrameMoment.End, stream);
            }
        }

        if (data.Length > 0)
        {
            // The credit of the connection is shared by all streams, so it is always returned.
            await Task.Delay(_provider.CreditDelay, TimeProvider.System, stopping);
            await SendAsync(Frame.WindowUpdate, 0, 0, Number(data.Length));
            if (!isEnd && _open.ContainsKey(stream))
            {
                await SendAsync(Frame.WindowUpdate, 0, stream, Number(data.Length));
            }
        }
    }

    private async Task ActAsync(FrameMoment moment, int stream)
    {
        if (_open.TryGetValue(stream, out var entry) && entry.Script.At == moment)
        {
            _open.Remove(stream);
            await entry.Script.Act(this, entry.Request);
        }
    }

    private Task SendAsync(Frame type, byte flags, int stream, byte[] payload) => _hasHungUp
        ? Task.CompletedTask
        : _wire.WriteAsync((byte[])[.. Number(payload.Length)[1..], (byte)type, flags, .. Number(stream), .. payload]).AsTask();
}
