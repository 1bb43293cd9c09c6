using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Stored request and response bodies, for projects that have enabled them.</summary>
public sealed class PayloadLogTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private const string Prompt = "a-recognisable-prompt";

    [Fact]
    public async Task By_default_only_the_record_is_stored()
    {
        var (project, key) = await openai.CreateAsync(new { });
        using var response = await openai.ChatAsync(key, headers: [("X-Request-Id", "unsaid")]);

        var log = await ReadAsync(project, "unsaid");

        Assert.Equal(["record", "request", "answer", "request_truncated", "answer_truncated"], log.AsObject().Select(member => member.Key));
        Assert.Equal(("unsaid", "gpt-4o"), ((string?)log["record"]!["request_id"], (string?)log["record"]!["model_served"]));
        Assert.Equal((null, null, false, false), Payload(log));
        Assert.Equal(0, await openai.Edge.ReadAsync(database => database.Payloads.CountAsync(row => row.ProjectId == project)));
    }

    [Fact]
    public async Task The_request_is_stored_as_the_caller_sent_it_and_the_response_as_the_provider_sent_it()
    {
        var (project, key) = await CreateAsync();
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = "gpt-4o-mini" } });
        var request = """{"model":"fast","stream":true,"messages":[{"role":"user","content":"PROMPT"}]}""".Replace("PROMPT", Prompt, StringComparison.Ordinal);
        var events = ScriptedProvider.ChatChunks("gpt-4o-mini", ["Grüße", " 🙂"], (7, 2));
        openai.Provider.Enqueue((_, response) => response.SseAsync(events, split: bytes => bytes.Chunk(7)));
        using var edgeResponse = await openai.ChatAsync(key, request, ("X-Request-Id", "said/streamed"));

        var log = await ReadAsync(project, "said/streamed");

        Assert.Equal((request, string.Concat(events.Append("[DONE]").Select(data => $"data: {data}\n\n")), false, false), Payload(log));
        AssertNowhereInClearText();
    }

    [Fact]
    public async Task Each_is_cut_off_at_64_KiB_and_says_so()
    {
        var (project, key) = await CreateAsync();
        var request = ScriptedEdge.ChatOf("gpt-4o").Replace("Hello!", new string('x', PayloadCopy.MaxBytes), StringComparison.Ordinal);
        var completion = ScriptedProvider.ChatCompletion("gpt-4o", new string('ü', PayloadCopy.MaxBytes), 3, 1);
        openai.Provider.Enqueue((_, response) => response.JsonAsync(200, completion));
        using var edgeResponse = await openai.ChatAsync(key, request, ("X-Request-Id", "long"));
        Assert.Equal(completion, await edgeResponse.Content.ReadAsStringAsync());

        var log = await ReadAsync(project, "long");

        Assert.Equal((request[..PayloadCopy.MaxBytes], true, true), ((string?)log["request"], (bool)log["request_truncated"]!, (bool)log["answer_truncated"]!));
        Assert.StartsWith(((string)log["answer"]!).TrimEnd('\uFFFD'), completion, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_and_sound_are_not_stored()
    {
        var (project, key) = await CreateAsync();
        openai.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"text":"hi"}"""));
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "audio/mpeg"), ("Content-Length", "3"));
            await response.SendAsync("ID3");
        });
        using var form = new MultipartFormDataContent { { new StringContent("whisper-1"), "model" }, { new ByteArrayContent(new byte[100]), "file", "a.wav" } };
        using var text = await openai.Edge.SendAsync(key, HttpMethod.Post, "/v1/audio/transcriptions", form, ("X-Request-Id", "form"));
        await text.Content.ReadAsStringAsync();
        const string Speech = """{"model":"tts-1","input":"hi","voice":"x"}""";
        using var sound = await openai.Edge.PostAsync(key, "/v1/audio/speech", Speech, ("X-Request-Id", "sound"));
        await sound.Content.ReadAsStringAsync();

        Assert.Equal((null, """{"text":"hi"}""", false, false), Payload(await ReadAsync(project, "form")));
        Assert.Equal((Speech, null, false, false), Payload(await ReadAsync(project, "sound")));
    }

    [Fact]
    public async Task A_refused_request_is_not_stored_and_nothing_is_stored_when_switched_off()
    {
        var (project, key) = await CreateAsync();
        using var refused = await openai.ChatAsync(key, """{"model":"claude-haiku-4-5","messages":[]}""", ("X-Request-Id", "refused"));
        Assert.Equal((null, null, false, false), Payload(await ReadAsync(project, "refused")));

        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = false });
        using var response = await openai.ChatAsync(key, headers: [("X-Request-Id", "after")]);
        Assert.Equal((null, null, false, false), Payload(await ReadAsync(project, "after")));

        using var cleared = await openai.Edge.Admin.PatchAsync($"/api/projects/{project}", RunningEdge.Json("""{"log_payloads":null}"""));
        Assert.Equal(("INVALID_REQUEST", "log_payloads"), ((await cleared.ErrorAsync()).Code, (await cleared.ErrorAsync()).Param));
    }

    [Fact]
    public async Task Payloads_are_deleted_with_their_project_and_belong_to_it_alone()
    {
        var (project, key) = await CreateAsync();
        using var response = await openai.ChatAsync(key, headers: [("X-Request-Id", "theirs")]);
        Assert.NotNull((string?)(await ReadAsync(project, "theirs"))["request"]);

        using var elsewhere = await openai.Edge.Admin.GetAsync($"/api/projects/{openai.ProjectId}/logs/theirs");
        Assert.Equal((404, "NOT_FOUND"), ((int)elsewhere.StatusCode, (await elsewhere.ErrorAsync()).Code));

        await openai.Edge.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}");
        Assert.Equal(0, await openai.Edge.ReadAsync(database => database.Payloads.CountAsync(row => row.ProjectId == project)));
    }

    private static (string? Request, string? Answer, bool, bool) Payload(JsonNode log) =>
        ((string?)log["request"], (string?)log["answer"], (bool)log["request_truncated"]!, (bool)log["answer_truncated"]!);

    private async Task<(string Project, string Key)> CreateAsync()
    {
        var created = await openai.CreateAsync(new { });
        var changed = await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{created.ProjectId}", new { log_payloads = true });
        Assert.True((bool)changed["project"]!["log_payloads"]!);
        return created;
    }

    // A request's record appears shortly after its response.
    private async Task<JsonNode> ReadAsync(string project, string requestId)
    {
        var text = "";
        await Eventually.IsTrueAsync(async () =>
        {
            using var response = await openai.Edge.Admin.GetAsync($"/api/projects/{project}/logs/{requestId}");
            text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode;
        });
        return JsonNode.Parse(text)!;
    }

    private void AssertNowhereInClearText()
    {
        Assert.DoesNotContain(openai.Edge.Logs.Lines, line => line.Text.Contains(Prompt, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(openai.Edge.DataDirectory, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal) && Path.GetFileName(file) != "edge.owner"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var content = new MemoryStream();
            stream.CopyTo(content);
            Assert.Equal(-1, content.GetBuffer().AsSpan(0, (int)content.Length).IndexOf(Encoding.UTF8.GetBytes(Prompt)));
        }
    }
}
