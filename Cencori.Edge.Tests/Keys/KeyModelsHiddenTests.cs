using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Keys;

/// <summary>A key with a list of models must not reach other models by hiding the model's name from the edge.</summary>
public sealed class KeyModelsHiddenTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private const string Json = "application/json";
    private const string Form = "multipart/form-data; boundary=b";
    private const string Forbidden = """{"model":"gpt-4.1","messages":[],"input":"x"}""";
    private const string Allowed = """{"model":"gpt-4o","input":"x"}""";

    private static readonly string[] AllowedModels = ["gpt-4o", "gpt-4o-mini*"];

    private string? _key;

    [Theory]

    // Bodies with a wrong content type, or without one.
    [InlineData("POST /v1/responses", "text/plain", Forbidden, 415)]
    [InlineData("POST /v1/responses", null, Allowed, 415)]
    [InlineData("POST /v1/moderations", "text/plain", Forbidden, 403)]
    [InlineData("POST /v1/moderations", null, Forbidden, 403)]
    [InlineData("POST /v1/moderations", "", Allowed, 403)]
    [InlineData("POST /v1/moderations", "json", Allowed, 403)]
    [InlineData("POST /v1/moderations", "application/x-www-form-urlencoded", "model=gpt-4.1", 403)]
    [InlineData("POST /v1/moderations", "application/json; charset=utf-7", Allowed, 403)]
    [InlineData("POST /v1/moderations", "application/json; charset=\"iso-8859-1\"", Allowed, 403)]
    [InlineData("POST /v1/moderations", "application/json, text/plain", Allowed, 403)]
    [InlineData("POST /v1/images/generations", "application/octet-stream", Allowed, 403)]
    [InlineData("DELETE /v1/responses/resp_1", "text/plain", Forbidden, 403)]
    [InlineData("GET /v1/evals", "text/plain", Forbidden, 403)]

    // A model in the query, with or without a body.
    [InlineData("POST /v1/images/generations?model=gpt-4o", "text/plain", Forbidden, 403)]
    [InlineData("POST /v1/images/generations?MODEL=gpt-4o", "text/plain", Forbidden, 403)]
    [InlineData("POST /v1/images/generations?model=gpt-4o", null, Forbidden, 403)]
    [InlineData("POST /v1/images/generations?model=gpt-4.1", null, null, 403)]
    [InlineData("POST /v1/images/generations?model=gpt-4o&model=gpt-4o", null, null, 400)]
    [InlineData("POST /v1/images/generations?model[]=gpt-4.1", Json, Allowed, 403)]
    [InlineData("POST /v1/images/generations?models=gpt-4.1", Json, Allowed, 403)]
    [InlineData("POST /v1/realtime?model=gpt-4.1", "application/sdp", "v=0", 403)]
    [InlineData("POST /v1/realtime?model=gpt-4o", "application/sdp", "v=0", 403)]
    [InlineData("POST /v1/chat/completions?model=gpt-4.1", Json, """{"model":"gpt-4o","messages":[]}""", 400)]
    [InlineData("POST /v1/audio/transcriptions?model=gpt-4o", Form, "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4o\r\n--b--\r\n", 400)]

    // Several models, or another model beside the one that the edge reads.
    [InlineData("POST /v1/responses", Json, """{"model":"gpt-4.1","model":"gpt-4o","input":"x"}""", 403)]
    [InlineData("POST /v1/responses", Json, """{"model":"gpt-4o","mod\u0065l":"gpt-4o","input":"x"}""", 403)]
    [InlineData("POST /v1/chat/completions", Json, """{"model":"gpt-4o","messages":[],"models":["gpt-4.1"]}""", 403)]
    [InlineData("POST /v1/chat/completions", Json, """{"model":"gpt-4o","messages":[],"fallbacks":["gpt-4.1"]}""", 403)]
    [InlineData("POST /v1/chat/completions", Json, """{"model":"gpt-4o","messages":[],"preset":"strong"}""", 403)]
    [InlineData("POST /v1/chat/completions", Json, """{"model":"gpt-4o","messages":[],"plugins":[{"id":"x","model":"gpt-4.1"}]}""", 403)]
    [InlineData("POST /v1/responses", Json, """{"model":"gpt-4o","input":"x","tools":[{"type":"image_generation","model":"gpt-image-1"}]}""", 403)]
    [InlineData("POST /v1/responses", Json, """{"model":"gpt-4o","input":"draw","tools":[{"type":"image_generation"}]}""", 403)]
    [InlineData("POST /v1/responses", Json, """{"model":"gpt-4o","input":"x","tools":[{"type":"function","name":"f","parameters":{}},{"parameters":{"model":"big"},"type":"openrouter:run"}]}""", 403)]
    [InlineData("POST /v1/chat/completions", Json, """{"model":"gpt-4o","messages":[],"Fallbacks":["gpt-4.1"]}""", 403)]
    [InlineData("POST /v1/responses", Json, """{"model":"gpt-4o","input":"x","tools":[{"type":"image_generation","mod\u0065l":"gpt-image-1"}]}""", 403)]
    [InlineData("POST /v1/anything", Json, """{"model":"gpt-4o","session":{"audio":{"input":{"Model":"gpt-4.1"}}}}""", 403)]
    [InlineData("POST /v1/anything", Json, """{"model":"gpt-4o","requests":[{"params":{"model":"gpt-4.1"}}]}""", 403)]
    [InlineData("POST /v1/audio/transcriptions", Form, "--b\r\nContent-Disposition: form-data; name=\"model[]\"\r\n\r\ngpt-4.1\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4o\r\n--b--\r\n", 400)]

    // Requests without a model, or that run a stored object.
    [InlineData("POST /v1/responses", Json, """{"prompt":{"id":"stored"}}""", 403)]
    [InlineData("POST /v1/batches", Json, """{"input_file_id":"file-1"}""", 403)]
    [InlineData("POST /v1/batches", Json, """{"model":"gpt-4o"}""", 403)]
    [InlineData("POST /v1/messages/batches", Json, """{"model":"gpt-4o"}""", 403)]
    [InlineData("POST /v1/realtime/calls", Json, """{"model":"gpt-4o"}""", 403)]
    [InlineData("POST /v1/videos/video_1/remix", Json, """{"model":"gpt-4o","prompt":"x"}""", 403)]
    [InlineData("POST /v1/fine_tuning/jobs/ftjob-1/resume", null, null, 403)]
    [InlineData("POST /v1/evals/e/runs", Json, """{"model":"gpt-4o"}""", 403)]
    [InlineData("POST /v1/conversations", Json, """{"model":"gpt-4o","agent_id":"ag:1"}""", 403)]
    [InlineData("POST /v1/videos", Form, "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4.1\r\n--b--\r\n", 403)]

    // A model in the path.
    [InlineData("GET /v1/models/gpt-4.1", null, null, 403)]
    [InlineData("GET /v1/models/ft%3Agpt-4.1%3Aacme", null, null, 403)]
    [InlineData("DELETE /v1/models/ft:gpt-4.1:acme", null, null, 403)]
    [InlineData("DELETE /v1/models/gpt-4o", null, null, 403)]
    [InlineData("DELETE /v1/MODELS%2fgpt-4.1", null, null, 403)]
    [InlineData("POST /v1/models/gpt-4.1:generateContent", Json, Allowed, 403)]
    [InlineData("POST /v1/engines/gpt-4.1/completions", Json, Allowed, 403)]
    [InlineData("POST /v1/deployments/gpt-4.1/chat/completions", Json, Allowed, 403)]
    [InlineData("POST /v1/chat//completions", "text/plain", Forbidden, 404)]
    [InlineData("POST /v1/chat//completions", Json, Forbidden, 404)]
    [InlineData("POST /v1/files/..%2Fchat/completions", "text/plain", Forbidden, 404)]
    [InlineData("POST /v1/files/%2e%2e%2Fchat%2Fcompletions", "text/plain", Forbidden, 404)]
    [InlineData("POST /v1/files/..%5Cchat/completions", "text/plain", Forbidden, 404)]
    public async Task A_hidden_or_missing_model_is_refused(string line, string? type, string? body, int status)
    {
        var before = scene.Provider.Requests.Count;
        using var response = await SendAsync(line, type, body);
        var refusal = await response.ErrorAsync();

        Assert.Equal(status, refusal.Status);
        Assert.Equal(status == 403 ? "model_not_allowed" : null, refusal.Reason);
        Assert.Equal(before, scene.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("GET /v1/files", null, null)]
    [InlineData("DELETE /v1/files/file-1", null, null)]
    [InlineData("GET /v1/models/gpt-4o", null, null)]
    [InlineData("POST /v1/batches/batch-1/cancel", null, null)]
    [InlineData("POST /v1/files", Json, "{}")]
    [InlineData("POST /v1/files", Form, "whatever stands there")]
    [InlineData("POST /v1/uploads/u/complete", null, null)]
    [InlineData("POST /v1/images/generations?model=gpt-4o", null, null)]
    [InlineData("POST /v1/images/generations", "application/json; charset=\"UTF-8\"", Allowed)]
    [InlineData("POST /v1/messages", Json, """{"model":"gpt-4o-mini-2","max_tokens":1,"metadata":{"model":"T"},"messages":[{"role":"user","content":[{"type":"tool_use","input":{"model":"T"}}]}]}""")]
    [InlineData("POST /v1/chat/completions", Json, """{"model":"gpt-4o","models":[],"messages":[],"tools":[{"type":"function","function":{"name":"buy","parameters":{"type":"object","properties":{"model":{"type":"string"}},"model":"T"}}}]}""")]
    [InlineData("POST /v1/audio/transcriptions", Form, "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4o\r\n--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nmodel[]\r\n--b--\r\n")]
    public async Task A_request_that_runs_no_other_model_passes(string line, string? type, string? body)
    {
        using var response = await SendAsync(line, type, body);

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> SendAsync(string line, string? type, string? body)
    {
        _key ??= await scene.Edge.CreateKeyAsync(scene.ProjectId, more: new { allowed_models = AllowedModels });
        using var content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
        {
            content?.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        var (method, target) = line.Split(' ') is [var first, var second] ? (first, second) : throw new ArgumentException(line);
        using var request = new HttpRequestMessage(new(method), new Uri(scene.Edge.Address.AbsoluteUri.TrimEnd('/') + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + _key);
        return await scene.Edge.Http.SendAsync(request);
    }
}
