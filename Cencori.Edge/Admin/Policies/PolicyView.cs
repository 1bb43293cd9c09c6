using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.Policies;

/// <summary>A project's policies, as responses show them.</summary>
/// <param name="Version">Number that grows with each change. 0: the policies were never set.</param>
/// <param name="Rules">Rules in the order in which they were set.</param>
/// <param name="UnscannedEndpoints">Treatment of requests that no rule can scan.</param>
/// <param name="UnscannableParts">Treatment of parts that are not text.</param>
/// <param name="OnOutputBlock">How a stream ends after a blocking finding.</param>
public sealed record PolicyView(long Version, List<PolicyDocument.Rule> Rules, UnscannedRule UnscannedEndpoints, UnscannedRule UnscannableParts, OutputBlock OnOutputBlock)
{
    /// <summary>Webhook that receives an event when a rule blocks. Its secret is not shown. Null: no webhook.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WebhookSettings? Webhook { get; init; }

    /// <summary>The request body that would set the same policies.</summary>
    internal PolicyDocument Document => new() { Rules = Rules, UnscannedEndpoints = UnscannedEndpoints, UnscannableParts = UnscannableParts, OnOutputBlock = OnOutputBlock, Webhook = Webhook };

    /// <summary>Warnings about the policies. Null: no warnings.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Warnings { get; init; }
}

/// <summary>Request body of <c>POST …/policies/test</c>: a text or a body to test.</summary>
public sealed record PolicyTest
{
    /// <summary>The text to test, 1 to 100,000 characters.</summary>
    public string? Text { get; init; }

    /// <summary>A request body for a provider, or a response body from one.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Endpoint for which the body is meant. Default <c>/v1/chat/completions</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Role of the message that contains the text. Default <c>user</c>.</summary>
    public PolicyDocument.Role? Role { get; init; }

    /// <summary>Whether text or body is a request (<c>input</c>) or a response (<c>output</c>). Default <c>input</c>.</summary>
    public PolicyStage? Stage { get; init; }

    /// <summary>Unsaved policies to test. Default: the project's saved policies.</summary>
    public PolicyDocument? Policies { get; init; }
}
