using Cencori.Edge.Keys;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>What a provider can learn about a caller: the headers that reach the provider, with tracing on.</summary>
public sealed class RequestHeadersTests(TracedEdge openai) : IClassFixture<TracedEdge>
{
    private static readonly (string Name, string Value)[] Private =
    [
        ("Cookie", "private-session"),
        ("baggage", "user=private"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", "private=1"),
        ("Request-Id", "|private.1."),
        ("Correlation-Context", "user=private"),
        ("X-Forwarded-For", "10.9.8.7"),
        ("X-Forwarded-Host", "private.example"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Prefix", "/private"),
        ("Forwarded", "for=10.9.8.7;host=private.example"),
        ("X-Real-IP", "10.9.8.7"),
        ("Via", "1.1 private"),
        ("OpenAI-Organization", "org-private"),
        ("OpenAI-Project", "proj-private"),
        ("Accept-Encoding", "gzip, br"),
        ("X-Cencori-App", "private-app"),
        ("X-Cencori-User-IP", "10.9.8.7"),
        ("X-Skip-Cache", "true"),
        ("X-Request-Id", "private-id"),
        ("x-stainless-lang", "private"),
        ("X-Whatever", "private"),
        ("Origin", "https://private.example"),
        ("Referer", "https://private.example/page"),
        ("Proxy-Authorization", "Basic private"),
        ("If-None-Match", "\"private\""),
    ];

    [Fact]
    public async Task The_provider_gets_the_headers_of_the_allow_list_and_no_others()
    {
        // yarp traps 6 and 33, field trap 16
        using var response = await openai.ChatAsync(
            null,
            null,
            [.. Private, .. Keys(openai.Key), ("Accept", "application/json"), ("User-Agent", "OpenAI/1"), ("OpenAI-Beta", "assistants=v2"), ("Idempotency-Key", "k1")]);
        var received = await openai.Provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(
            ["Accept", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "Host", "Idempotency-Key", "OpenAI-Beta", "User-Agent", "X-Cencori-Via"],
            received.Headers.Select(header => header.Name).Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal([openai.Provider.Address.Authority], received.Values("Host"));
        Assert.DoesNotContain("private", received.HeadText, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(openai.Key, received.HeadText, StringComparison.Ordinal);
        Assert.DoesNotContain("10.9.8.7", received.HeadText, StringComparison.Ordinal);
        Assert.DoesNotContain("0af7651916cd43dd8448eb211c80319c", received.HeadText, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Name, string Value)> Keys(string key) =>
        PresentedKey.HeaderNames.Select(name => (name, key));

    [Fact]
    public async Task A_caller_can_set_neither_the_trace_nor_its_baggage()
    {
        using var response = await openai.ChatAsync(null, null, [
            ("traceparent", "00-11111111111111111111111111111111-2222222222222222-00"),
            ("baggage", "account=mine")]);
        await openai.Provider.NextRequestAsync();

        Assert.Contains(openai.Spans.Spans, span => span.Source.Name == "System.Net.Http");
        Assert.DoesNotContain(openai.Spans.Spans, span => span.TraceId.ToHexString() == new string('1', 32));
        Assert.DoesNotContain(openai.Spans.Spans, span => span.Baggage.Any());
    }

    [Fact]
    public async Task Headers_that_the_caller_names_in_Connection_do_not_remove_the_edges_own_headers()
    {
        using var response = await openai.ChatAsync(null, null, [("Connection", "Content-Type, X-Whatever"), ("X-Whatever", "private")]);
        var received = await openai.Provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], received.Values("Authorization"));
        Assert.Empty(received.Values("Connection"));
        Assert.DoesNotContain("private", received.HeadText, StringComparison.OrdinalIgnoreCase);
    }
}
