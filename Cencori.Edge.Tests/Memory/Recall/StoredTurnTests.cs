using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Policies;
using CsCheck;

namespace Cencori.Edge.Tests.Memory.Recall;

/// <summary>Storing a chat after its caller has the response.</summary>
public sealed class StoredTurnTests(RecallingEdge at) : IClassFixture<RecallingEdge>
{
    private static readonly string[] Pieces = ["In ", "Acc\"ra", "\n."];

    [Theory]
    [InlineData("/api/ai/chat", false)]
    [InlineData("/api/ai/chat", true)]
    [InlineData("/v1/chat/completions", false)]
    [InlineData("/v1/chat/completions", true)]
    public async Task A_question_and_its_response_are_one_entry_without_recalled_text(string path, bool isStream)
    {
        var name = at.Memory.Add("one");
        var isNative = path == "/api/ai/chat";
        var agent = await at.Edge.CreateAgentAsync(at.ProjectId, isNative ? new { } : new { memory = new { @namespace = name, store = true } });

        await ChatAsync(await at.Edge.CreateKeyAsync(at.ProjectId, "agent", more: new { agent_id = agent }), path, isNative ? name : null, isStream);

        Assert.Equal((at.ProjectId, agent, name, "User: Where?\nAssistant: In Acc\"ra\n."), await StoredAsync(name));
    }

    [Fact]
    public async Task By_default_nothing_is_stored()
    {
        var (quiet, reported) = (at.Memory.Add("one"), at.Memory.Add("two"));

        await ChatAsync(at.Key, "/api/ai/chat", quiet, isStream: false, stores: false);
        await ChatAsync(at.Key, "/api/ai/chat", reported, isStream: false);

        await StoredAsync(reported);
        Assert.DoesNotContain(at.Memory.Stored, stored => stored.Namespace == quiet);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("broken")]
    [InlineData("tools")]
    public async Task Failed_or_empty_responses_are_not_stored(string how)
    {
        var (bad, good) = (at.Memory.Add("one"), at.Memory.Add("two"));
        at.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync((how == "tools" ? "" : PolicyEdge.ChunkOf("In Accra")) + how switch
            {
                "error" => "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
                "tools" => """data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}""" + "\n\ndata: [DONE]\n\n",
                _ => "",
            });
            await (how == "tools" ? response.EndChunksAsync() : response.CloseAsync());
        });
        using (var edgeResponse = await at.Edge.PostAsync(at.Key, "/api/ai/chat", Body(bad, isStream: true, stores: true)))
        {
            await edgeResponse.Content.ReadAsStringAsync();
        }

        await ChatAsync(at.Key, "/api/ai/chat", good, isStream: false);

        await StoredAsync(good);
        Assert.DoesNotContain(at.Memory.Stored, stored => stored.Namespace == bad);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Masked_text_is_stored_masked(bool isStream)
    {
        var name = at.Memory.Add("Of carol@example.com.");
        var (_, key) = await at.CreateAsync("""{"name":"mail","kind":"email","action":"mask","stage":"both"}""");

        await ChatAsync(key, "/api/ai/chat", name, isStream, question: "Who is bob@example.com?", pieces: ["Ask ali", "ce@example.com", "."]);

        Assert.Equal("User: Who is [EMAIL]?\nAssistant: Ask [EMAIL].", (await StoredAsync(name)).Content);
    }

    [Fact]
    public async Task Invalid_characters_are_replaced_before_search_and_storage()
    {
        var name = at.Memory.Add("one");

        await ChatAsync(at.Key, "/api/ai/chat", name, isStream: false, question: "\\ud800 a\\u0000 \\ud83d\\ude00", pieces: ["b\0"]);

        Assert.Equal("User: \uFFFD a\uFFFD 😀\nAssistant: b\uFFFD", (await StoredAsync(name)).Content);
        Assert.Equal("\uFFFD a\uFFFD 😀", at.Memory.Asked.Last().Question);
    }

    [Fact]
    public async Task Responses_with_restored_values_are_not_stored()
    {
        var (hidden, reported) = (at.Memory.Add("one"), at.Memory.Add("two"));
        var (_, key) = await at.CreateAsync("""{"name":"mail","kind":"email","action":"tokenize"}""");

        await ChatAsync(key, "/api/ai/chat", hidden, isStream: false, question: "Who is bob@example.com?");
        await ChatAsync(key, "/api/ai/chat", reported, isStream: false, question: "Who?");

        await StoredAsync(reported);
        Assert.DoesNotContain(at.Memory.Stored, stored => stored.Namespace == hidden);
    }

    [Fact]
    public void A_long_turn_keeps_as_much_of_question_and_answer_as_fits() => Gen.Select(Gen.Int[1, 30_000], Gen.Int[1, 30_000]).Sample((requested, said) =>
    {
        var entry = Turn.Join(new string('q', requested), new string('a', said));

        Assert.True(entry.Length <= Turn.MaxCharacters);
        Assert.Equal(requested + said + 18 <= Turn.MaxCharacters, entry == $"User: {new string('q', requested)}\nAssistant: {new string('a', said)}");
        Assert.True(entry.Length == Turn.MaxCharacters || requested + said + 18 <= Turn.MaxCharacters);
        Assert.True(entry.Count(letter => letter == 'q') >= Math.Min(requested, 5_000) && entry.Count(letter => letter == 'a') >= Math.Min(said, 5_000));
    });

    private async Task ChatAsync(string key, string path, string? name, bool isStream, bool stores = true, string question = "Where?", string[]? pieces = null)
    {
        pieces ??= Pieces;
        at.Provider.Respond((_, response) => isStream
            ? response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", pieces))
            : response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", string.Concat(pieces), 3, 1)));
        using var edgeResponse = await at.Edge.PostAsync(key, path, Body(name, isStream, stores, question));
        Assert.True(edgeResponse.IsSuccessStatusCode, await edgeResponse.Content.ReadAsStringAsync());
    }

    private static string Body(string? name, bool isStream, bool stores, string question = "Where?") =>
        $$"""{"model":"gpt-4o","stream":{{(isStream ? "true" : "false")}},"messages":[{"role":"user","content":"{{question}}"}]{{(name is null ? "" : $$""","memory":{"namespace":"{{name}}","store":{{(stores ? "true" : "false")}}}""")}}}""";

    private async Task<(string Project, string? Agent, string Namespace, string Content)> StoredAsync(string name)
    {
        await Eventually.IsTrueAsync(() => at.Memory.Stored.Any(stored => stored.Namespace == name));
        return Assert.Single(at.Memory.Stored, stored => stored.Namespace == name);
    }
}
