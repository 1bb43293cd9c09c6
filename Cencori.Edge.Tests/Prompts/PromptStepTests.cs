using System.Collections.Frozen;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Prompts;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Bodies;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Prompts;

/// <summary>A prompt together with other sources of system messages.</summary>
public sealed class PromptStepTests
{
    [Fact]
    public async Task A_prompt_is_refused_if_the_agent_has_a_system_prompt()
    {
        var context = new DefaultHttpContext { Request = { Method = "POST", Path = "/v1/chat/completions" } };
        context.Request.Headers["X-Cencori-Prompt"] = "guide";
        var exchange = new Exchange(context, TimeProvider.System) { Caller = new(Key(), Project()) };
        Assert.Null(PromptStep.Read(exchange, isSession: false, out var call));
        using var content = await NativeNamesTests.ReadAsync("""{"model":"m","messages":[]}""", Operation.Chat, PromptStep.FieldsToNote(exchange, call));
        SystemText.Replace(content, SystemPromptLocation.Messages, "The agent's.");

        var refusal = PromptStep.Apply(exchange, content, call);

        Assert.Equal((400, "X-Cencori-Prompt"), (refusal!.Status, refusal.Param));
        Assert.Equal("""{"model":"m","messages":[{"role":"system","content":"The agent's."}]}""", await NativeNamesTests.SentAsync(content));
    }

    private static ApiKey Key() => new()
    {
        Id = "key_1",
        ProjectId = "prj_1",
        Type = KeyType.Secret,
        Environment = KeyEnvironment.Production,
        AllowedDomains = [],
        AllowedModels = null,
        ExpiresAt = null,
        IsRevoked = false,
    };

    private static ProjectSnapshot Project() => new()
    {
        Id = "prj_1",
        ModelAliases = FrozenDictionary<string, string>.Empty,
        RateLimits = new(null, null, null, null),
        Credentials = [],
        Prompts = FrozenDictionary.ToFrozenDictionary([KeyValuePair.Create("guide", new ActivePrompt("guide", 1, "Hello.", []))]),
    };
}
