using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>The playground: requests pass the normal pipeline without a key.</summary>
public sealed class PlaygroundTests(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private const string Hostile = "</textarea><img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_request_passes_the_normal_pipeline_and_its_record_names_the_user()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var (project, _) = await openai.CreateAsync(new { });
        await client.GetAsync($"/dashboard/p/{project}/playground");
        Assert.Contains(client.Document.QuerySelectorAll("#models-production option"), option => option.GetAttribute("value") == "gpt-4o");
        Assert.DoesNotContain("cake_", client.Html);

        openai.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", Hostile, 3, 1)));
        await SendAsync(client, ("content", "say it"), ("temperature", "0.5"), ("max_tokens", "20"), ("system", "be short"));

        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        var said = client.Document.QuerySelectorAll<IHtmlTextAreaElement>("[data-turn] textarea").Select(area => area.Value).ToList();
        Assert.Equal(["say it", Hostile, ""], said);
        Assert.Empty(client.Document.QuerySelectorAll("img[src=x]"));
        var sent = JsonNode.Parse(openai.Provider.Requests.Last().BodyText)!;
        Assert.Equal((0.5m, 20, "be short"), ((decimal)sent["temperature"]!, (int)sent["max_completion_tokens"]!, (string?)sent["messages"]![0]!["content"]));
        Assert.Equal([$"Bearer {RunningEdge.ProviderKey}"], openai.Provider.Requests.Last().Values("Authorization"));
        Assert.Empty(openai.Provider.Requests.Last().Values("Cookie"));

        var record = await openai.Edge.RowAsync(row => row.ProjectId == project);
        Assert.Equal(("playground", "playground: token", 3L, 1L, 200), (record.KeyId, record.App, record.PromptTokens, record.CompletionTokens, record.Status));
        await client.GetAsync(client.Document.QuerySelector(".answer-facts a")!.GetAttribute("href")!);
        Assert.StartsWith("Answered in", client.Title);
        Assert.Contains("Playground", client.Text);
    }

    [Fact]
    public async Task A_conversation_continues_and_tool_calls_get_results()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var (project, _) = await openai.CreateAsync(new { });
        await client.GetAsync($"/dashboard/p/{project}/playground");
        openai.Provider.Enqueue((_, response) => response.JsonAsync(200, """
            {"id":"x","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,
            "tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]}}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}
            """));
        await SendAsync(client, ("content", "weather?"), ("tools", """[{"type":"function","function":{"name":"weather"}}]"""));
        Assert.Contains("weather", client.Document.QuerySelector(".turn.assistant pre")!.TextContent);

        await SendAsync(client, ("content", "weather?"), ("content", ""), ("content", "sunny"));
        var messages = JsonNode.Parse(openai.Provider.Requests.Last().BodyText)!["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "tool"], messages.Select(message => (string?)message!["role"]));
        Assert.Equal(("call_1", "sunny", "call_1"), ((string?)messages[2]!["tool_call_id"], (string?)messages[2]!["content"], (string?)messages[1]!["tool_calls"]![0]!["id"]));
    }

    [Fact]
    public async Task A_picture_is_sent()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var (project, _) = await openai.CreateAsync(new { });
        await client.GetAsync($"/dashboard/p/{project}/playground");
        await SendAsync(client, file: ("image/png", [1, 2, 3]), values: ("content", "what is it?"));
        var parts = JsonNode.Parse(openai.Provider.Requests.Last().BodyText)!["messages"]![0]!["content"]!;
        Assert.Equal(("what is it?", "data:image/png;base64,AQID"), ((string?)parts[0]!["text"], (string?)parts[1]!["image_url"]!["url"]));

        await client.GetAsync($"/dashboard/p/{project}/playground");
        await SendAsync(client, file: ("text/html", [1]), values: ("content", "x"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains("PNG", client.Text);
    }

    [Theory]
    [InlineData("tools", "{", "Tools must be valid JSON")]
    [InlineData("tools", "{}", "Tools must be a JSON list")]
    [InlineData("temperature", "hot", "from 0 to 2")]
    [InlineData("max_tokens", "0", "whole number")]
    [InlineData("content", "", "Write a message")]
    [InlineData("model", "", "Choose a model")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string field, string value, string reported)
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        await client.GetAsync($"/dashboard/p/{openai.ProjectId}/playground");
        var before = openai.Provider.Requests.Count;

        await SendAsync(client, ("system", "kept"), ("content", "kept too"), (field, value));

        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(reported, client.Text);
        Assert.Equal("kept", client.Document.QuerySelector<IHtmlTextAreaElement>("#system")!.Value);
        Assert.Equal(before, openai.Provider.Requests.Count);
    }

    [Fact]
    public async Task Limits_apply_and_give_the_same_error()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var (project, key) = await openai.CreateAsync(new { requests_per_minute = 1 });
        await client.GetAsync($"/dashboard/p/{project}/playground");
        await SendAsync(client, ("content", "one"));
        await SendAsync(client, ("content", "two"));
        Assert.Contains("RATE_LIMIT_EXCEEDED", client.Document.QuerySelector(".notice.bad")!.TextContent);
        Assert.Equal("two", client.Document.QuerySelector<IHtmlTextAreaElement>("[data-turn] textarea")!.Value);

        using var refused = await openai.ChatAsync(key);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    public async Task A_stream_is_forwarded_unchanged_and_ends_with_its_facts()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        var (project, _) = await openai.CreateAsync(new { });
        await client.GetAsync($"/dashboard/p/{project}/playground");
        var events = ScriptedProvider.ChatChunks("gpt-4o", ["one", " two"], (7, 2));
        openai.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Set-Cookie", "edge=stolen; Path=/"), ("Content-Security-Policy", "script-src *"), ("Transfer-Encoding", "chunked"));
            foreach (var data in events.Append("[DONE]"))
            {
                await response.SendChunkAsync($"data: {data}\n\n");
            }

            await response.EndChunksAsync();
        });
        await SendAsync(client, "/stream", ("content", "count"));

        Assert.Equal("text/event-stream", client.Response.Content.Headers.ContentType!.MediaType);
        Assert.False(client.Response.Headers.Contains("Set-Cookie"));
        Assert.Contains("default-src 'none'", client.Response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("\" two\"", client.Html);
        var facts = JsonNode.Parse(client.Html[(client.Html.LastIndexOf("event: edge\ndata: ", StringComparison.Ordinal) + "event: edge\ndata: ".Length)..])!;
        Assert.Equal(("Success", "7 → 2"), ((string?)facts["outcome"], (string?)facts["tokens"]));
        Assert.Equal((string?)facts["requestId"], client.Response.Headers.GetValues("X-Playground-Request").Single());

        await client.GetAsync($"/dashboard/p/{project}/playground");
        await SendAsync(client, "/stream", ("content", "x"), ("model", "no-such-model"));
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
        Assert.Equal("MODEL_NOT_FOUND", (string?)JsonNode.Parse(client.Html)!["error"]!["code"]);
    }

    [Fact]
    public async Task The_generated_code_sends_the_same_request()
    {
        using var client = await PageClient.SignedInAsync(openai.Edge);
        await client.GetAsync($"/dashboard/p/{openai.ProjectId}/playground");
        await SendAsync(client, "/code", ("system", "be\r\nbrief"), ("content", "it's \"\"\" true \U0001F600 \\ud83d"), ("tools", """[{"type":"function","function":{"name":"f","strict":true}}]"""));

        Assert.Equal("Code", client.Title);
        foreach (var (id, held) in new[] { ("code-curl", "it'\\''s"), ("code-NET", "\\\"\\\"\\\" true"), ("code-Python", "\"strict\": True"), ("code-JavaScript", "\"strict\": true") })
        {
            var text = client.Document.GetElementById(id)!.TextContent;
            Assert.Contains(held, text);
            Assert.Contains(openai.Edge.Address.GetLeftPart(UriPartial.Authority), text);
            Assert.Contains("CENCORI_API_KEY", text);
        }

        // Python reads an escaped pair of surrogates as two characters, and browsers send line breaks as CRLF.
        var python = client.Document.GetElementById("code-Python")!.TextContent;
        Assert.Contains("true \U0001F600 \\\\ud83d\"", python, StringComparison.Ordinal);
        Assert.Contains("\"be\\nbrief\"", python, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_logged_request_is_replayed()
    {
        var (project, key) = await openai.CreateAsync(new { });
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = true });
        using var response = await openai.ChatAsync(
            key, """{"model":"gpt-4o","temperature":0.25,"messages":[{"role":"system","content":"be short"},{"role":"user","content":[{"type":"text","text":"hello there"}]}]}""", ("X-Request-Id", "again#1"));
        await openai.Edge.RowAsync(row => row.RequestId == "again#1");
        using var client = await openai.Edge.SignedInAsync(UserRole.Member, project);
        await client.GetAsync($"/dashboard/p/{project}/logs/again%231");

        await client.SubmitAsync(client.Document.QuerySelector("form[action$='/playground/replay']")!.GetAttribute("action")!);

        Assert.Equal("Playground", client.Title);
        Assert.Equal(("be short", "hello there", "0.25"), (
            client.Document.QuerySelector<IHtmlTextAreaElement>("#system")!.Value,
            client.Document.QuerySelector<IHtmlTextAreaElement>("[data-turn] textarea")!.Value,
            client.Document.QuerySelector("#temperature")!.GetAttribute("value")));
    }

    [Fact]
    public async Task A_replay_is_of_the_shown_request_even_if_its_id_is_repeated()
    {
        var (project, key) = await openai.CreateAsync(new { });
        await openai.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { log_payloads = true });
        foreach (var text in (string[])["the older", "the newer"])
        {
            using var response = await openai.ChatAsync(key, ScriptedEdge.Chat.Replace("Hello!", text, StringComparison.Ordinal), ("X-Request-Id", "twice"));
        }

        await openai.Edge.RowsOfAsync(project, 2);
        using var client = await openai.Edge.SignedInAsync(UserRole.Member, project);
        await client.GetAsync($"/dashboard/p/{project}/logs");
        await client.GetAsync(client.Document.QuerySelectorAll("[data-row] th a")[1].GetAttribute("href")!);

        await client.SubmitAsync(client.Document.QuerySelector("form[action*='/playground/replay']")!.GetAttribute("action")!);

        Assert.Equal("the older", client.Document.QuerySelector<IHtmlTextAreaElement>("[data-turn] textarea")!.Value);
    }

    [Fact]
    public async Task Viewers_and_strangers_cannot_send()
    {
        var before = openai.Provider.Requests.Count;
        using var viewer = await openai.Edge.SignedInAsync(UserRole.Viewer, openai.ProjectId);
        await viewer.GetAsync($"/dashboard/p/{openai.ProjectId}/playground");
        Assert.Equal(HttpStatusCode.Forbidden, viewer.Response.StatusCode);
        await viewer.GetAsync($"/dashboard/p/{openai.ProjectId}/logs");
        var token = viewer.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        using var stranger = await openai.Edge.SignedInAsync(UserRole.Member);
        foreach (var path in new[] { "", "/stream", "/code", "/replay" })
        {
            await viewer.PostAsync($"/dashboard/p/{openai.ProjectId}/playground{path}", ("form_token", token), ("model", "gpt-4o"), ("content", "x"));
            Assert.Equal(HttpStatusCode.Forbidden, viewer.Response.StatusCode);
            await stranger.GetAsync("/dashboard");
            await stranger.PostAsync($"/dashboard/p/{openai.ProjectId}/playground{path}", ("form_token", stranger.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!), ("model", "gpt-4o"), ("content", "x"));
            Assert.Equal(HttpStatusCode.NotFound, stranger.Response.StatusCode);
        }

        Assert.Equal(before, openai.Provider.Requests.Count);
    }

    private static Task SendAsync(PageClient client, params (string Name, string Value)[] values) => SendAsync(client, "", null, values);

    private static Task SendAsync(PageClient client, string path, params (string Name, string Value)[] values) => SendAsync(client, path, null, values);

    private static Task SendAsync(PageClient client, (string Type, byte[] Bytes) file, (string Name, string Value) values) => SendAsync(client, "", file, values);

    // Sends the form as a browser would, with the given values changed.
    private static async Task SendAsync(PageClient client, string path, (string Type, byte[] Bytes)? file, params (string Name, string Value)[] values)
    {
        var form = client.Document.QuerySelector<IHtmlFormElement>("form.playground")!;
        var content = new MultipartFormDataContent();
        foreach (var input in form.Elements.OfType<IHtmlInputElement>().Where(input => input.Type is not ("file" or "submit") && (input.Type != "radio" || input.IsChecked) && values.All(value => value.Name != input.Name)))
        {
            content.Add(new StringContent(input.Value), input.Name!);
        }

        foreach (var area in form.Elements.OfType<IHtmlTextAreaElement>().Where(area => values.All(value => value.Name != area.Name)))
        {
            content.Add(new StringContent(area.Value), area.Name!);
        }

        foreach (var group in values.GroupBy(value => value.Name))
        {
            // The last value of a repeated field counts, except for messages.
            foreach (var (name, value) in group.Key == "content" && group.Any(one => one.Value.Length == 0) && group.Count() == 2 ? group.TakeLast(1) : group)
            {
                content.Add(new StringContent(value), name);
            }
        }

        if (file is var (type, bytes))
        {
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentType = new MediaTypeHeaderValue(type);
            content.Add(part, "images", "picture.png");
        }

        var request = new HttpRequestMessage(HttpMethod.Post, form.GetAttribute("action") + path) { Content = content };
        request.Headers.Add("Origin", client.Response.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority));
        await client.SendAsync(request);
    }
}
