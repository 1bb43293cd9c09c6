using System.Net.Http.Headers;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>What the edge reads from the headers of a provider's response: the request id, the Location, and whether the response is a stream.</summary>
public sealed class ResponseHeadReaderTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private const string Header = "x-cencori-provider-request-id";

    [Theory]
    [InlineData(200, "x-request-id", "req_0123456789abcdef0123456789abcdef")]
    [InlineData(400, "x-request-id", "req_of_openai")]
    [InlineData(429, "X-Request-ID", "4b1c:9/x")]
    [InlineData(500, "request-id", "req_011CSHoEeqs5C35K2UUqR7Fy")]
    [InlineData(200, "apim-request-id", "6a7f")]
    [InlineData(401, "x-request-id", "req_of_a_replaced_answer")]
    public async Task The_providers_request_id_is_in_the_response_and_in_the_record(int status, string name, string id)
    {
        var (response, record, project) = await SendAsync(status, (name, id));

        Assert.Equal(id, response.Header(Header));
        Assert.NotEqual(id, response.Header("X-Request-Id"));
        Assert.Equal(id, record.ProviderRequestId);
        var reported = (await openai.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]![0]!;
        Assert.Equal(id, (string?)reported["provider_request_id"]);
    }

    [Fact]
    public async Task The_header_first_in_the_list_wins()
    {
        var (response, record, _) = await SendAsync(200, ("request-id", "second"), ("apim-request-id", "third"), ("x-request-id", "first"));

        Assert.Equal(("first", "first"), (response.Header(Header), record.ProviderRequestId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("caf\u00e9")]
    [InlineData("LONG")]
    public async Task An_invalid_request_id_is_dropped(string id)
    {
        var (response, record, _) = await SendAsync(200, ("x-request-id", id == "LONG" ? new string('x', 129) : id));

        Assert.Equal((null, null), (response.Header(Header), record.ProviderRequestId));
    }

    [Fact]
    public async Task A_repeated_request_id_is_dropped()
    {
        var (response, record, _) = await SendAsync(200, ("x-request-id", "a"), ("x-request-id", "b"));

        Assert.Equal((null, null), (response.Header(Header), record.ProviderRequestId));
    }

    [Theory]
    [InlineData("/v1/realtime/calls", "/v1/realtime/calls/rtc_1", "/v1/realtime/calls/rtc_1")]
    [InlineData("/api/v1/realtime/calls", "/v1/realtime/calls/rtc_1", "/api/v1/realtime/calls/rtc_1")]
    [InlineData("/v1/realtime/calls", "https://api.openai.com/v1/realtime/calls/rtc_1?a=%20b", "/v1/realtime/calls/rtc_1?a=%20b")]
    [InlineData("/v1/realtime/calls/", "/openai/v1/realtime/calls/rtc_1", "/v1/realtime/calls/rtc_1")]
    [InlineData("/v1/realtime/calls", "https://operator.example/elsewhere", null)]
    [InlineData("/v1/realtime/calls", "/v1/realtime/calls/", null)]
    [InlineData("/v1/realtime/calls", "/v1/realtime/calls", null)]
    [InlineData("/v1/realtime/calls", "/v1/realtime/calls2/rtc_1", null)]
    public async Task The_Location_of_a_created_object_is_mapped_to_the_callers_path(string path, string location, string? expected)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(201, ("Content-Type", "application/sdp"), ("Content-Length", "3"), ("Location", location));
            await response.SendAsync("v=0");
        });
        using var content = new StringContent("v=0", new MediaTypeHeaderValue("application/sdp"));
        using var edgeResponse = await openai.Edge.SendAsync(openai.Key, HttpMethod.Post, path, content);
        await openai.Provider.NextRequestAsync();

        Assert.Equal((201, "v=0"), ((int)edgeResponse.StatusCode, await edgeResponse.Content.ReadAsStringAsync()));
        Assert.Equal(expected, edgeResponse.Header("Location"));
    }

    [Fact]
    public async Task The_Location_of_an_error_response_is_dropped()
    {
        openai.Provider.Enqueue((_, response) => response.JsonAsync(409, "{}", ("Location", "/v1/realtime/calls/rtc_1")));
        using var edgeResponse = await openai.Edge.PostAsync(openai.Key, "/v1/realtime/calls", "{}");
        await openai.Provider.NextRequestAsync();

        Assert.Equal((409, null), ((int)edgeResponse.StatusCode, edgeResponse.Header("Location")));
    }

    [Theory]
    [InlineData("text/event-stream", true)]
    [InlineData("application/json", false)]
    public async Task A_form_request_with_a_streamed_response_is_recorded_as_a_stream(string type, bool isStream)
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue(async (_, response) =>
        {
            var text = isStream ? "data: {\"type\":\"transcript.text.done\",\"text\":\"hi\"}\n\n" : "{\"text\":\"hi\"}";
            await response.SendHeadAsync(200, ("Content-Type", type), ("Content-Length", $"{text.Length}"));
            await response.SendAsync(text);
        });
        using var form = new MultipartFormDataContent
        {
            { new StringContent("gpt-4o-mini-transcribe"), "model" },
            { new StringContent("true"), "stream" },
            { new ByteArrayContent(new byte[100]), "file", "a.wav" },
        };
        using var edgeResponse = await openai.Edge.SendAsync(key, HttpMethod.Post, "/v1/audio/transcriptions", form);
        await openai.Provider.NextRequestAsync();
        await edgeResponse.Content.ReadAsStringAsync();

        Assert.Equal(isStream, (await OneOfAsync(project)).IsStream);
    }

    private async Task<(HttpResponseMessage Response, RequestRecord Record, string Project)> SendAsync(int status, params (string, string)[] headers)
    {
        var (project, key) = await openai.CreateAsync(new { });
        openai.Provider.Enqueue((_, response) => response.JsonAsync(status, """{"error":{"message":"as it is"}}""", headers));
        var edgeResponse = await openai.ChatAsync(key);
        await openai.Provider.NextRequestAsync();
        return (edgeResponse, await OneOfAsync(project), project);
    }

    private async Task<RequestRecord> OneOfAsync(string project)
    {
        RequestRecord[] records = [];
        await Eventually.IsTrueAsync(async () =>
        {
            await openai.Edge.Records().FlushAsync();
            records = [.. (await openai.Edge.RowsAsync()).Where(record => record.ProjectId == project)];
            return records.Length > 0;
        });
        return Assert.Single(records);
    }
}
