using System.Globalization;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

public sealed partial class ScriptedResponse
{
    public async Task JsonAsync(int status, string json, params (string Name, string Value)[] headers)
    {
        var body = Encoding.UTF8.GetBytes(json);
        await SendHeadAsync(status, [
            ("Content-Type", "application/json"),
            ("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture)),
            .. headers]);
        await SendAsync(body);
    }

    /// <summary>
    /// Streams events, each in its own chunk. If given, <paramref name="split"/> gets the bytes of the whole stream and returns the chunks. Sends a head first,
    /// unless the script has already sent one (200, chunked).
    /// </summary>
    public async Task SseAsync(
        IEnumerable<string> events,
        bool done = true,
        string newline = "\n",
        Func<byte[], IEnumerable<byte[]>>? split = null,
        TimeSpan? pace = null)
    {
        if (!_headSent)
        {
            await SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        }

        var pieces = events.Concat(done ? ["[DONE]"] : [])
            .Select(data => Encoding.UTF8.GetBytes($"data: {data}{newline}{newline}"));
        var first = true;
        foreach (var piece in split?.Invoke([.. pieces.SelectMany(piece => piece)]) ?? pieces)
        {
            if (pace is { } pause && !first)
            {
                await PauseAsync(pause);
            }

            first = false;
            await SendChunkAsync(piece);
        }

        await EndChunksAsync();
    }
}
