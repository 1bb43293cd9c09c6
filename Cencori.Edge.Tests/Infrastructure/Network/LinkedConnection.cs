using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Cencori.Edge.Tests.Infrastructure.Network;

/// <summary>One connection through a <see cref="FaultyLink"/>. When one side ends it, the other side gets a reset.</summary>
internal sealed class LinkedConnection(FaultyLink link, Socket client, CancellationToken cut)
{
    /// <summary>Runs until one side ends the connection or the link is cut.</summary>
    public async Task RunAsync()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.NoDelay = client.NoDelay = true;
        // Without a reset, a client would see an orderly end and could not tell that the network broke.
        server.LingerState = client.LingerState = new LingerOption(enable: true, seconds: 0);
        using (client)
        using (var over = CancellationTokenSource.CreateLinkedTokenSource(cut))
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, link.ServerPort, over.Token);
                await Task.WhenAll(
                    CarryAsync(client, server, () => link.DelayToServer, over),
                    CarryAsync(server, client, () => link.DelayToClient, over));
            }
            catch (Exception end) when (IsEnd(end))
            {
            }
        }
    }

    private async Task CarryAsync(Socket from, Socket to, Func<TimeSpan> delay, CancellationTokenSource over)
    {
        // Reading does not wait for sending, so that each piece is delayed once and delays do not accumulate.
        var underway = Channel.CreateUnbounded<Piece>();
        await Task.WhenAll(
            EndingAllAsync(() => ReadAsync(from, underway.Writer, delay, over.Token), over),
            EndingAllAsync(() => SendAsync(to, underway.Reader, over.Token), over));
    }

    private static async Task ReadAsync(Socket from, ChannelWriter<Piece> underway, Func<TimeSpan> delay, CancellationToken over)
    {
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await from.ReceiveAsync(buffer, over)) > 0)
        {
            underway.TryWrite(new Piece(buffer[..count], TimeProvider.System.GetTimestamp(), delay()));
        }
    }

    private async Task SendAsync(Socket to, ChannelReader<Piece> underway, CancellationToken over)
    {
        await foreach (var piece in underway.ReadAllAsync(over))
        {
            var left = piece.Delay - TimeProvider.System.GetElapsedTime(piece.Read);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, TimeProvider.System, over);
            }

            await link.Flowing.WaitAsync(over);
            for (var rest = piece.Bytes.AsMemory(); !rest.IsEmpty;)
            {
                rest = rest[await to.SendAsync(rest, over)..];
            }
        }
    }

    private static async Task EndingAllAsync(Func<Task> run, CancellationTokenSource over)
    {
        try
        {
            await run();
        }
        catch (Exception end) when (IsEnd(end))
        {
        }

        await over.CancelAsync();
    }

    private static bool IsEnd(Exception exception) => exception is SocketException or OperationCanceledException;

    private readonly record struct Piece(byte[] Bytes, long Read, TimeSpan Delay);
}
