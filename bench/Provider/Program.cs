// A provider that costs next to nothing, so that a benchmark measures what stands in front of it.
// It answers every POST with one fixed chat completion, and a request for a stream with a fixed number of chunks at once.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
await using var app = builder.Build();

var whole = """{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I help you today?"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}}"""u8.ToArray();
var chunk = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"token "},"finish_reason":null}]}"""u8.ToArray();
var chunks = app.Configuration.GetValue("Chunks", 20);

var requests = 0L;

app.MapGet("/count", () => Volatile.Read(ref requests).ToString(System.Globalization.CultureInfo.InvariantCulture));
app.MapPost("/{**path}", async (HttpContext context) =>
{
    Interlocked.Increment(ref requests);
    var isStream = false;
    while (true)
    {
        var read = await context.Request.BodyReader.ReadAsync();
        foreach (var part in read.Buffer)
        {
            isStream |= part.Span.IndexOf("\"stream\":true"u8) >= 0;
        }

        context.Request.BodyReader.AdvanceTo(read.Buffer.End);
        if (read.IsCompleted)
        {
            break;
        }
    }

    if (!isStream)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = whole.Length;
        await context.Response.BodyWriter.WriteAsync(whole);
        return;
    }

    context.Response.ContentType = "text/event-stream";
    for (var i = 0; i < chunks; i++)
    {
        await context.Response.BodyWriter.WriteAsync(chunk);
        await context.Response.BodyWriter.WriteAsync("\n\n"u8.ToArray());
    }

    await context.Response.BodyWriter.WriteAsync("data: [DONE]\n\n"u8.ToArray());
});
await app.RunAsync();
