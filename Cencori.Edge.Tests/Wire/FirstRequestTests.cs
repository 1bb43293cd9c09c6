using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using OpenAI.Chat;

namespace Cencori.Edge.Tests.Wire;

public class FirstRequestTests
{
    [Fact]
    public async Task The_official_SDK_with_the_first_key_gets_a_response_from_the_sandbox()
    {
        await using var edge = await RunningEdge.StartAsync();

        var chat = edge.OpenAI(edge.Welcome.TestKey!).GetChatClient("gpt-4o");
        ChatCompletion completion = await chat.CompleteChatAsync("Hello!");

        Assert.Contains("Hello!", completion.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal("gpt-4o", completion.Model);
        Assert.True(completion.Usage.OutputTokenCount > 0);
    }

    [Fact]
    public async Task A_production_key_reaches_the_provider_with_the_projects_own_credential()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await edge.CreateOpenAIKeyAsync();

        ChatCompletion completion = await edge.OpenAI(key).GetChatClient("gpt-4o").CompleteChatAsync("Hello!");

        Assert.Equal("hi", completion.Content[0].Text);
        var received = await provider.NextRequestAsync();
        Assert.Equal("/v1/chat/completions", received.Target);
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], received.Values("Authorization"));
        Assert.DoesNotContain(key, received.HeadText, StringComparison.Ordinal);
    }
}
