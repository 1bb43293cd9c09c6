using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>The playground with its script: streams, stops, and tool calls.</summary>
public sealed class PlaygroundTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser streams three answers.")]
    public async Task A_response_streams_can_be_stopped_and_tool_calls_get_results()
    {
        var (project, _) = await scene.CreateAsync(new { });
        await using var watched = await scene.SignInAsync();
        var page = watched.Page;
        await page.GotoAsync($"/dashboard/p/{project}/playground");

        // Without its script, the page would send the form.
        await page.Locator("[data-playground][data-ready]").WaitForAsync();
        var areas = page.Locator("[data-turn] textarea");
        await areas.First.FillAsync("count");

        // The first chunk is shown before the second is sent.
        var go = new TaskCompletionSource();
        var chunks = ScriptedProvider.ChatChunks("gpt-4o", ["<b>one</b>", " two"], (7, 2));
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync($"data: {chunks[0]}\n\ndata: {chunks[1]}\n\n");
            await response.HoldAsync(go.Task);
            await response.SendChunkAsync(string.Concat(chunks.Skip(2).Append("[DONE]").Select(data => $"data: {data}\n\n")));
            await response.EndChunksAsync();
        });
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(areas.Nth(1)).ToHaveValueAsync("<b>one</b>");
        go.SetResult();
        await Assertions.Expect(areas.Nth(1)).ToHaveValueAsync("<b>one</b> two");
        await page.Locator(".answer-facts a").WaitForAsync();
        Assert.Contains("7 → 2 tokens", await page.Locator(".answer-facts").InnerTextAsync());
        await watched.AssertGoodAsync();

        // Stopping closes the connection to the provider, and the record says so.
        var left = new TaskCompletionSource();
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync($"data: {chunks[0]}\n\ndata: {chunks[1]}\n\n");
            await response.WaitForAbortAsync();
            left.SetResult();
        });
        await areas.Nth(2).FillAsync("again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(areas.Nth(3)).ToHaveValueAsync("<b>one</b>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await left.Task.WaitAsync(Eventually.Timeout, TimeProvider.System);
        await page.Locator(".answer-facts", new() { HasText = "stopped" }).WaitForAsync();
        var record = await scene.Edge.RowAsync(row => row.ProjectId == project && row.Outcome == RequestOutcome.Cancelled);
        Assert.Equal("playground", record.KeyId);

        // The model calls a tool, and its result is sent back.
        await page.GetByText("Tools", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Definitions, as JSON").FillAsync("""[{"type":"function","function":{"name":"weather"}}]""");
        scene.Provider.Enqueue((_, response) => response.SseAsync(
        [
            """{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\""}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":\"Rome\"}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
        ]));
        await areas.Last.FillAsync("weather?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.GetByLabel("Result of weather").FillAsync("sunny");
        await watched.KeepPictureAsync("playground");
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["It is sunny."], (9, 3))));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(areas.Nth(7)).ToHaveValueAsync("It is sunny.");
        await page.Locator(".answer-facts", new() { HasText = "9 → 3" }).WaitForAsync();
        Assert.Contains("\"tool_call_id\":\"call_1\"", scene.Provider.Requests.Last().BodyText, StringComparison.Ordinal);
        await watched.AssertGoodAsync();
    }
}
