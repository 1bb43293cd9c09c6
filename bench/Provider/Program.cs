// A provider with very low cost, so that a benchmark measures the proxy in front of it. Every POST is a chat; the response is
// one completion, or events when the request asks for a stream.
// The User-Agent sets pace and length, because every proxy forwards that header:
//   bench first=20 chunks=200 rate=50    first byte after 20 ms, 200 chunks, 50 of them a second (0: all at once)
using System.Globalization;
using Cencori.Edge.Bench.Provider;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
await using var app = builder.Build();

var whole = """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I help you today?"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}}"""u8.ToArray();
var last = "data: [DONE]\n\n"u8.ToArray();
var requests = 0L;

app.MapGet("/count", () => Volatile.Read(ref requests).ToString(CultureInfo.InvariantCulture));
app.MapPost("/{**path}", async (HttpContext context) =>
{
    Interlocked.Increment(ref requests);
    var (isStream, asksForUsage) = await Asked.ReadAsync(context.Request.BodyReader);
    var pacing = Pacing.Read(context.Request.Headers.UserAgent.ToString());
    if (pacing.FirstByte > TimeSpan.Zero)
    {
        await Task.Delay(pacing.FirstByte, TimeProvider.System);
    }

    var response = context.Response;
    if (!isStream)
    {
        response.ContentType = "application/json";
        response.ContentLength = whole.Length;
        await response.BodyWriter.WriteAsync(whole);
        return;
    }

    response.ContentType = "text/event-stream";
    await Chunks.SendAsync(response.BodyWriter, pacing, asksForUsage, context.RequestAborted);
    await response.BodyWriter.WriteAsync(last);
});
await app.RunAsync();
