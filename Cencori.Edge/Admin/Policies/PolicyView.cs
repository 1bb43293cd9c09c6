using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.Policies;

/// <summary>A project's policies.</summary>
/// <param name="Version">Grows with each change. 0: nothing was ever set.</param>
/// <param name="Rules">In the order in which they were set.</param>
/// <param name="UnscannedEndpoints">What becomes of requests that no rule can look into.</param>
/// <param name="UnscannableParts">What becomes of parts that are no text.</param>
/// <param name="OnOutputBlock">How a stream ends in which something was found that blocks.</param>
public sealed record PolicyView(long Version, List<PolicyDocument.Rule> Rules, UnscannedRule UnscannedEndpoints, UnscannedRule UnscannableParts, OutputBlock OnOutputBlock)
{
    /// <summary>Who is told when something was blocked, without the secret. Null: nobody.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WebhookSettings? Webhook { get; init; }

    /// <summary>As they would be set again.</summary>
    internal PolicyDocument Document => new() { Rules = Rules, UnscannedEndpoints = UnscannedEndpoints, UnscannableParts = UnscannableParts, OnOutputBlock = OnOutputBlock, Webhook = Webhook };

    /// <summary>What somebody should know who has set them. Null: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Warnings { get; init; }
}

/// <summary>What is to be looked at by <c>POST …/policies/test</c>: a text, or a body.</summary>
public sealed record PolicyTest
{
    /// <summary>Of 1 to 100,000 characters.</summary>
    public string? Text { get; init; }

    /// <summary>As it would be sent to a provider, or come from one.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Where a body would be sent. Default <c>/v1/chat/completions</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Whose words a text is. Default <c>user</c>.</summary>
    public PolicyDocument.Role? Role { get; init; }

    /// <summary>Which way it goes. Default <c>input</c>.</summary>
    public PolicyStage? Stage { get; init; }

    /// <summary>Rules that are not saved yet. Default: the project's own.</summary>
    public PolicyDocument? Policies { get; init; }
}
