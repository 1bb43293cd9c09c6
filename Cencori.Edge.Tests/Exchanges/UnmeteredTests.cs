using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Exchanges;

/// <summary>An edge with metering off.</summary>
public sealed class UnmeteredTests(UnmeteredTests.Unmetered openai) : IClassFixture<UnmeteredTests.Unmetered>
{
    [Fact]
    public async Task Requests_are_served_and_leave_no_record()
    {
        using var chat = await openai.ChatAsync();
        await openai.Edge.Records().FlushAsync();
        using var metrics = await openai.Edge.SendAsync(openai.Key, HttpMethod.Get, "/v1/metrics?period=1h");

        Assert.Equal(200, (int)chat.StatusCode);
        Assert.Empty(await openai.Edge.RowsAsync());
        Assert.Equal(0, (int)JsonNode.Parse(await metrics.Content.ReadAsStringAsync())!["requests"]!["total"]!);
    }

    [Fact]
    public async Task Token_limits_count_the_reservation()
    {
        var (_, key) = await openai.CreateAsync(new { tokens_per_minute = 1_000 });
        const string ask = """{"model":"gpt-4o","max_tokens":900,"messages":[{"role":"user","content":"Hello!"}]}""";
        using var first = await openai.ChatAsync(key, ask);
        using var second = await openai.ChatAsync(key, ask);

        Assert.Equal((200, 429), ((int)first.StatusCode, (int)second.StatusCode));
    }

    public sealed class Unmetered : RespondingEdge
    {
        protected override IEnumerable<string> Settings => ["Usage:Metering=false"];
    }
}
