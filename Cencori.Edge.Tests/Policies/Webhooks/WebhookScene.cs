using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Policies.Webhooks;

/// <summary>A project that blocks the word falcon in requests and responses, and the receiver of its webhook.</summary>
public sealed class WebhookScene(ScriptedEdge at) : IAsyncDisposable
{
    public const string Secret = "a-secret-of-the-webhook-0123456789";
    public const string Rules = """{"name":"Codes","kind":"words","words":["falcon"],"action":"block"},{"name":"Mail","kind":"email"}""";

    public ScriptedProvider Receiver { get; } = new();

    public string Project { get; private set; } = null!;

    public string Key { get; private set; } = null!;

    public string Policies => $"/api/projects/{Project}/policies";

    public string Url => new Uri(Receiver.Address, "/blocks").ToString();

    /// <summary>Creates a scene whose receiver accepts everything.</summary>
    public static async Task<WebhookScene> CreateAsync(ScriptedEdge at, string more = $$""","secret":"{{Secret}}" """)
    {
        var scene = new WebhookScene(at);
        scene.Receiver.Respond((_, response) => response.JsonAsync(200, "{}"));
        (scene.Project, scene.Key) = await at.CreateAsync(new { });
        await scene.SetAsync(more);
        return scene;
    }

    public Task<JsonNode> SetAsync(string more = "", string rules = Rules) => SetAsync(Url, more, rules);

    public Task<JsonNode> SetAsync(string url, string more, string rules) =>
        at.Edge.SendAdminAsync(HttpMethod.Put, Policies, JsonNode.Parse($$$"""{"rules":[{{{rules}}}],"webhook":{"url":"{{{url}}}"{{{more}}}}}"""));

    /// <summary>Sends a request that is blocked.</summary>
    public async Task BlockAsync(string said = "a falcon")
    {
        using var response = await at.Edge.PostAsync(Key, "/v1/chat/completions", Chat(said));
        Assert.Equal(403, (int)response.StatusCode);
    }

    public async Task<JsonNode> NextAsync()
    {
        var request = await Receiver.NextRequestAsync();
        AssertSigned(request);
        return JsonNode.Parse(request.BodyText)!;
    }

    public static string Chat(string said, bool isStream = false) =>
        new JsonObject { ["model"] = "gpt-4o", ["stream"] = isStream, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = said }) }.ToJsonString();

    public static void AssertSigned(ReceivedRequest request, string secret = Secret)
    {
        var signature = Assert.Single(request.Values("X-Cencori-Signature"));
        var seconds = signature["t=".Length..signature.IndexOf(',', StringComparison.Ordinal)];
        Assert.Equal($"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{request.BodyText}")))}", signature);
    }

    public ValueTask DisposeAsync() => Receiver.DisposeAsync();
}
