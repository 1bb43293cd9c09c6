using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Memory.Recall;

/// <summary>Chats and answers with sources over stored entries. The sandbox embeds, and its echo model repeats the request.</summary>
public sealed class RealRecallTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task A_chat_gets_stored_entries_and_is_stored_afterwards()
    {
        var client = await MemoryClient.CreateAsync(_edge);
        await client.CreateAsync("notes", new { dimensions = 512 });
        await client.StoreAsync("notes", "Ada lives in Accra.");
        await client.StoreAsync("notes", "The printer is on the second floor.");
        var body = new { model = "sandbox/echo", memory = new { @namespace = "notes", threshold = 0.2, store = true }, messages = new[] { new { role = "user", content = "Where does Ada live?" } } };
        using (var response = await _edge.PostAsync(client.Key, "/api/ai/chat", body))
        {
            Assert.Equal("1", response.Header("X-Cencori-Memory-Retrieved"));
            var text = await response.Content.ReadAsStringAsync();
            Assert.Contains("Ada lives in Accra.", text, StringComparison.Ordinal);
            Assert.DoesNotContain("printer", text, StringComparison.Ordinal);
        }

        await Eventually.IsTrueAsync(async () => await client.CountAsync("notes") == 3);
        Assert.Contains(await client.SearchAsync("notes", "Where does Ada live?"), found => ((string)found!["content"]!).StartsWith("User: Where does Ada live?\nAssistant: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_response_has_its_sources(bool streams)
    {
        var client = await MemoryClient.CreateAsync(_edge);
        await client.CreateAsync("notes", new { dimensions = 512 });
        await client.StoreAsync("notes", "Ada lives in Accra.", new { metadata = new { page = 3 } });
        using var response = await _edge.PostAsync(client.Key, "/api/ai/rag", new { model = "sandbox/echo", @namespace = "notes", threshold = 0.2, stream = streams, messages = new[] { new { role = "user", content = "Where does Ada live?" } } });
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        var sources = JsonNode.Parse(streams ? text.Split('\n')[0]["data: ".Length..] : text)!["sources"]!.AsArray();
        var source = Assert.Single(sources)!.AsObject();
        Assert.Equal(["content", "metadata", "similarity"], source.Select(member => member.Key));
        Assert.Equal(("Ada lives in Accra.", 3), ((string)source["content"]!, (int)source["metadata"]!["page"]!));
        Assert.InRange((double)source["similarity"]!, 0.2, 1);
        Assert.Equal(streams, text.TrimEnd().EndsWith("data: [DONE]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_agents_chat_uses_only_the_agents_memory()
    {
        var project = await _edge.CreateProjectAsync();
        var owner = new MemoryClient(_edge, await _edge.CreateKeyAsync(project, environment: "test"));
        var agent = await _edge.CreateAgentAsync(project, new { memory = new { @namespace = "mine", threshold = 0.2 } });
        var speaks = new MemoryClient(_edge, await _edge.CreateKeyAsync(project, "agent", "test", new { agent_id = agent }));
        await owner.CreateAsync("others", new { dimensions = 512 });
        await owner.StoreAsync("others", "Ada lives in Lagos.");
        await speaks.CreateAsync("mine", new { dimensions = 512 });
        await speaks.StoreAsync("mine", "Ada lives in Accra.");
        var chat = new { model = "sandbox/echo", messages = new[] { new { role = "user", content = "Where does Ada live?" } } };
        foreach (var path in (string[])["/v1/chat/completions", "/api/ai/chat"])
        {
            using var response = await _edge.PostAsync(speaks.Key, path, chat);
            Assert.Equal((path, "1"), (path, response.Header("X-Cencori-Memory-Retrieved")));
            Assert.Contains("Accra", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var other = await _edge.PostAsync(speaks.Key, "/api/ai/chat", new { model = "sandbox/echo", memory = new { @namespace = "others" }, chat.messages }).FlatErrorAsync();
        Assert.Equal((404, "memory.namespace"), (other.Status, other.Param));
    }
}
