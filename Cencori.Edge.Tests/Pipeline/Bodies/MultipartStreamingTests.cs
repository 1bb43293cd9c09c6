using System.Net;
using System.Net.Sockets;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>
/// Uploads reach the provider while the client is still sending. The client holds back the last byte until the provider has
/// all the others, except those in socket buffers. With an edge that buffers the body, both would wait forever.
/// </summary>
public class MultipartStreamingTests
{
    private const int Size = 20 * 1024 * 1024;

    private const int SocketBuffers = 64 * 1024;

    [Theory]
    [InlineData("/v1/files", "")]
    [InlineData("/v1/audio/transcriptions", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n")]
    public async Task An_upload_reaches_the_provider_before_its_end_is_sent(string path, string model)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("openai", new Uri($"http://{listener.LocalEndpoint}/"))]);
        var key = await edge.CreateOpenAIKeyAsync();
        var start = Encoding.ASCII.GetBytes($"{model}--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n");
        var end = "\r\n--b--\r\n"u8.ToArray();
        var allButTheLast = start.Length + Size + end.Length - 1;
        using var client = await RawClient.ConnectAsync(edge);

        await client.SendHeadAsync(key, path, "multipart/form-data; boundary=b", $"Content-Length: {allButTheLast + 1}");
        await client.SendAsync(start);
        using var provider = await listener.AcceptTcpClientAsync().WaitAsync(Eventually.Timeout, TimeProvider.System);
        var receiving = ReceiveBodyAsync(provider.GetStream(), allButTheLast - SocketBuffers);
        await client.SendAsync(new byte[Size]);
        await client.SendAsync(end.AsMemory(0, end.Length - 1));
        await receiving.WaitAsync(Eventually.Timeout, TimeProvider.System);

        await client.SendAsync(end.AsMemory(end.Length - 1));
        await provider.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray());
        var response = await client.ReadResponseAsync();

        Assert.Equal((200, "{}"), (response.Status, response.Body));
    }

    /// <summary>Completes when that many bytes of the body have arrived.</summary>
    private static async Task ReceiveBodyAsync(NetworkStream stream, long count)
    {
        var buffer = new byte[64 * 1024];
        var head = new List<byte>();
        int bodyAt;
        while ((bodyAt = Encoding.Latin1.GetString([.. head]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            head.AddRange(buffer[..await stream.ReadAtLeastAsync(buffer, 1)]);
        }

        for (var received = (long)head.Count - bodyAt - 4; received < count;)
        {
            received += await stream.ReadAtLeastAsync(buffer, 1);
        }
    }
}
