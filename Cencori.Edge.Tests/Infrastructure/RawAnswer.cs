using System.Net.Sockets;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A GET written by hand, for header lines that an HTTP client would join, trim or refuse.</summary>
public static class RawAnswer
{
    /// <summary>Head and body as they came.</summary>
    public static async Task<string> GetAsync(Uri address, string path, params string[] headerLines)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, limit.Token);
        var stream = client.GetStream();
        string[] lines = [$"GET {path} HTTP/1.1", $"Host: {address.Authority}", "Connection: close", .. headerLines, "", ""];
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines)), limit.Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(limit.Token);
    }
}
