using System.ClientModel;
using Azure.AI.OpenAI;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Wire;

/// <summary>Azure's official SDK against the sandbox, with only the endpoint and the key changed.</summary>
public sealed class AzureSdkTests(ScriptedEdge scene) : IClassFixture<ScriptedEdge>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/v1")]
    public async Task The_Azure_SDK_chats_streams_and_embeds(string endpoint)
    {
        var key = await scene.Edge.CreateKeyAsync(scene.ProjectId, environment: "test");
        var client = new AzureOpenAIClient(new Uri(scene.Edge.Address, endpoint), new ApiKeyCredential(key));
        var chat = client.GetChatClient("gpt-4o");

        Assert.NotEmpty((await chat.CompleteChatAsync("Hello!")).Value.Content[0].Text);

        var text = "";
        await foreach (var update in chat.CompleteChatStreamingAsync("Hello!"))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
        }

        Assert.NotEmpty(text);
        Assert.Equal("Say it.", (await client.GetChatClient("sandbox/echo").CompleteChatAsync("Say it.")).Value.Content[0].Text);
        Assert.False((await client.GetEmbeddingClient("text-embedding-3-small").GenerateEmbeddingAsync("Hello!")).Value.ToFloats().IsEmpty);
    }

    [Fact]
    public async Task The_Azure_SDK_raises_its_own_error_for_a_wrong_key()
    {
        var client = new AzureOpenAIClient(scene.Edge.Address, new ApiKeyCredential("csk_" + new string('0', 48)));
        var error = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient("gpt-4o").CompleteChatAsync("Hello!"));

        Assert.Equal(401, error.Status);
        Assert.Contains("The API key is not valid.", error.Message, StringComparison.Ordinal);
    }
}
