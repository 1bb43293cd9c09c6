using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>OpenAI's own client sees one response, whatever came before it.</summary>
public sealed class FailoverSdkTests(FleetEdge fleet) : IClassFixture<FleetEdge>
{
    [Fact]
    public async Task Each_chunk_comes_once_and_the_client_repeats_nothing()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429), Refuse(503), async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            foreach (var word in (string[])["one ", "two ", "three"])
            {
                await response.SendChunkAsync($$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-served","choices":[{"index":0,"delta":{"content":"{{word}}"},"finish_reason":null}]}""" + "\n\n");
            }

            await response.SendChunkAsync("data: [DONE]\n\n");
            await response.EndChunksAsync();
        });
        var text = "";
        await foreach (var update in Client(key).CompleteChatStreamingAsync("Count."))
        {
            Assert.Equal(("chatcmpl-1", "gpt-4o-served"), (update.CompletionId, update.Model));
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
        }

        Assert.Equal("one two three", text);
        Assert.Equal([1, 1, 1], accounts.Select(account => account.Count));
    }

    [Fact]
    public async Task What_all_refuse_is_one_typed_error()
    {
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "100")), Refuse(429, ("Retry-After", "100")));
        for (var request = 0; request < 2; request++)
        {
            var error = await Assert.ThrowsAsync<ClientResultException>(() => Client(key).CompleteChatAsync("Count."));
            Assert.Equal(429, error.Status);
        }

        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    private OpenAI.Chat.ChatClient Client(string key) =>
        new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(fleet.Edge.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) }).GetChatClient("gpt-4o");
}
