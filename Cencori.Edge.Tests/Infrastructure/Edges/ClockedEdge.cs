using System.Globalization;
using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>An edge whose clock moves only when a test advances it. Each test uses its own project.</summary>
public partial class ClockedEdge : RespondingEdge
{
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>A chat that reserves exactly <paramref name="tokens"/>, of which 10 are for its text.</summary>
    public static object ChatOf(long tokens, bool stream = false) => new
    {
        model = "gpt-4o",
        max_tokens = tokens - 10,
        stream,
        messages = new[] { new { role = "user", content = new string('x', 25) } },
    };

    /// <summary>Returns when the response headers have arrived.</summary>
    public Task<HttpResponseMessage> PostChatAsync(string key, long tokens = 100, object? body = null) =>
        Edge.PostAsync(key, "/v1/chat/completions", body ?? ChatOf(tokens));

    /// <summary>Every chat uses exactly the output that it has reserved, so that balances do not change when it ends.</summary>
    public override void RespondToChats() => Provider.Respond((request, response) =>
        response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 10, MaxTokens().Match(request.BodyText) is { Success: true } bound ? int.Parse(bound.Groups[1].Value, CultureInfo.InvariantCulture) : 1_024)));

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);

    [GeneratedRegex("""max_tokens":(\d{1,9})\b""")]
    private static partial Regex MaxTokens();
}
