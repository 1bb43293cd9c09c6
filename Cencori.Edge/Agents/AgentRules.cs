using System.Globalization;
using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Agents;

/// <summary>Applies the agent's settings to a request. The settings override members of the body; the other members stay unchanged.</summary>
public static class AgentRules
{
    private static readonly EdgeError NoPlace = EdgeError.Invalid(
        "The agent has a system prompt, which this endpoint does not support. Use /v1/chat/completions.");

    private static readonly EdgeError NotJson = new(ErrorKind.UnsupportedMediaType, "A request of an agent must have an application/json body.");

    private static readonly EdgeError StoredPrompt = EdgeError.Invalid(
        "An agent cannot use a stored prompt, because the prompt has its own instructions and tools.", "prompt");

    private static readonly EdgeError Background = EdgeError.Invalid(
        "An agent in shadow mode, or with a budget, cannot use background responses: the edge could not remove tool calls from such a response, or count its cost.", "background");

    /// <summary>The body fields whose positions the scanner must record, so that the agent's settings can be applied.</summary>
    public static NotedFields FieldsFor(Exchange exchange) =>
        exchange.Agent is null || !HasConversation(exchange.Endpoint) ? NotedFields.None : NotedFields.Conversation | NotedFields.Tools;

    /// <summary>The agent's model, which replaces the model in the body. Null: the agent has no model, or its settings do not apply to the endpoint.</summary>
    public static string? ModelFor(Exchange exchange) => HasConversation(exchange.Endpoint) ? exchange.Agent?.Model : null;

    /// <summary>The request's agent if it is in shadow mode, so that its tool calls must not reach the caller. Null: no such agent.</summary>
    public static Agent? Shadowed(Exchange exchange) => exchange is { Agent: { IsShadow: true } agent, Endpoint.System: not SystemPromptLocation.None } ? agent : null;

    /// <returns>The error that refuses the request. Null: the settings were applied.</returns>
    public static EdgeError? Apply(Exchange exchange, RequestContent content)
    {
        if (exchange.Agent is not { } agent || !HasConversation(exchange.Endpoint))
        {
            return null;
        }

        if (content is not JsonContent json)
        {
            return NotJson;
        }

        if (content.IsBackground && (agent.IsShadow || exchange.Caller!.Project.Budgets.ContainsKey(agent.Id)))
        {
            return Background;
        }

        return Apply(agent, exchange.Endpoint, json);
    }

    /// <returns>The error that refuses the request. Null: the settings were applied.</returns>
    internal static EdgeError? Apply(Agent agent, EdgeEndpoint endpoint, JsonContent json)
    {
        if (agent.Tools is { } tools && AllowedTools.Refusal(json, tools) is { } refusal)
        {
            return refusal;
        }

        if (endpoint.Operation == Operation.Responses && (agent.SystemPrompt is not null || agent.Tools is not null) && Has(json, RequestField.Prompt))
        {
            return StoredPrompt;
        }

        if (agent.SystemPrompt is { } prompt)
        {
            if (endpoint.System == SystemPromptLocation.None)
            {
                return NoPlace;
            }

            if (SystemText.Replace(json, endpoint.System, prompt) is { } repeated)
            {
                return repeated;
            }
        }

        SetTemperature(json, agent);
        return null;
    }

    private static bool HasConversation(EdgeEndpoint endpoint) => endpoint.System != SystemPromptLocation.None || endpoint.Operation == Operation.Completions;

    private static bool Has(JsonContent content, RequestField field) =>
        content.Scan.Noted is { } noted && noted.Any(one => one.Field == field && content.Text[one.Value.Start] != 'n');

    private static void SetTemperature(JsonContent content, Agent agent)
    {
        if (agent.Temperature is not { } temperature)
        {
            return;
        }

        var value = Encoding.ASCII.GetBytes(temperature.ToString("R", CultureInfo.InvariantCulture));
        var isSet = false;
        foreach (var noted in content.Scan.Noted ?? [])
        {
            if (noted.Field == RequestField.Temperature)
            {
                // If a member is repeated, every occurrence is replaced, because a provider may use any of them.
                content.Edits.Replace(noted.Value, value);
                isSet = true;
            }
        }

        if (!isSet)
        {
            content.Edits.Insert([.. "\"temperature\":"u8, .. value]);
        }
    }
}
