using System.Diagnostics;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Exchanges;

public sealed class RequestSpansTests(TracedEdge traced) : IClassFixture<TracedEdge>
{
    [Fact]
    public void A_span_has_the_attributes_of_the_semantic_conventions_and_only_ids_otherwise()
    {
        using var span = Recorded();
        RequestSpans.Finish(span, SomeRecord.Of());

        Assert.Equal(
            """
            cencori.key.id=key-1
            cencori.outcome=success
            cencori.project.id=project-1
            cencori.request.id=req_1
            gen_ai.operation.name=chat
            gen_ai.provider.name=openai
            gen_ai.request.model=gpt-4o
            gen_ai.response.model=gpt-4o
            gen_ai.usage.cache_read.input_tokens=2
            gen_ai.usage.input_tokens=7
            gen_ai.usage.output_tokens=11
            """.ReplaceLineEndings("\n"),
            string.Join('\n', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_rejected_request_has_an_error_type_and_no_gen_ai_attributes()
    {
        using var span = Recorded();
        RequestSpans.Finish(span, SomeRecord.Of(provider: null, status: 429, outcome: RequestOutcome.RateLimited, errorCode: "RATE_LIMIT_EXCEEDED"));

        Assert.Equal("RATE_LIMIT_EXCEEDED", span.GetTagItem("error.type"));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Key.StartsWith("gen_ai.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_model_name_is_cut()
    {
        using var span = Recorded();
        RequestSpans.Finish(span, SomeRecord.Of(new string('x', 5_000)));
        Assert.Equal(new string('x', 128), span.GetTagItem("gen_ai.request.model"));
    }

    [Fact]
    public void Without_a_span_nothing_is_allocated()
    {
        var record = SomeRecord.Of();
        RequestSpans.Finish(null, record);
        var before = GC.GetAllocatedBytesForCurrentThread();
        RequestSpans.Finish(null, record);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task A_request_is_one_server_span_with_the_forwarder_and_client_spans_below_it()
    {
        const string Id = "spans-one-below-the-other";
        using var response = await traced.ChatAsync(headers: ("X-Request-Id", Id));
        Assert.Equal(200, (int)response.StatusCode);

        // The port of the provider identifies the client span of this request.
        Activity? client = null;
        await Eventually.IsTrueAsync(() => (client = traced.Spans.Spans.FirstOrDefault(span => span.Source.Name == "System.Net.Http"
            && span.GetTagItem("server.port") is int port && port == traced.Provider.Address.Port)) is not null);
        Assert.Equal("127.0.0.1", client!.GetTagItem("server.address"));
        Activity? Parent(Activity child) => traced.Spans.Spans.FirstOrDefault(span => span.SpanId == child.ParentSpanId);
        await Eventually.IsTrueAsync(() => Parent(client) is { } forwarder && Parent(forwarder) is not null);
        var forwarder = Parent(client)!;
        Assert.Equal("Yarp.ReverseProxy", forwarder.Source.Name);
        Assert.Equal(("Microsoft.AspNetCore", ActivityKind.Server), (Parent(forwarder)!.Source.Name, Parent(forwarder)!.Kind));
    }

    private static Activity Recorded() => new("test") { IsAllDataRequested = true };
}
