using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Agents;

/// <summary>Finds the agent as whom a request runs: that of its key, or the one that <see cref="Header"/> names beside a secret key.</summary>
/// <remarks>Another project's agent, one that does not exist and one that an agent's key may not name are all the same response.</remarks>
public sealed class AgentMiddleware(RequestDelegate next)
{
    public const string Header = "X-Agent-ID";

    private static readonly EdgeError Repeated = EdgeError.Invalid($"{Header} names one agent, once.", Header);

    private static readonly EdgeError Unknown = new(ErrorKind.NotFound, "There is no such agent in this project.") { Param = Header };

    private static readonly EdgeError NotAsAgent = EdgeError.Invalid(
        $"What this endpoint runs is not told in the request, so that no agent's settings can hold for it. Leave {Header} away.", Header);

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.GetCaller() is not { } caller || (caller.Key.Type != KeyType.Agent && !headers.ContainsKey(Header)))
        {
            return next(context);
        }

        var exchange = Exchange.Of(context);
        if (exchange.Endpoint.Policy is null || (caller.Key.Type == KeyType.Secret && IsAdministered(context)))
        {
            return next(context);
        }

        if (Find(caller, headers, out var agent) is { } refusal)
        {
            return context.Refuse(refusal);
        }

        exchange.Agent = agent;
        if (!agent!.IsActive)
        {
            return context.Refuse(EdgeError.Forbidden(Reasons.Explain(Reasons.AgentDisabled), Reasons.AgentDisabled));
        }

        if (IsUntold(exchange))
        {
            return context.Refuse(NotAsAgent);
        }

        return next(context);
    }

    private static EdgeError? Find(Caller caller, IHeaderDictionary headers, out Agent? agent)
    {
        agent = null;
        var named = headers[Header];
        if (named.Count > 1 || (named.Count == 1 && string.IsNullOrWhiteSpace(named[0])))
        {
            return Repeated;
        }

        if (caller.Key.Type == KeyType.Publishable)
        {
            return EdgeError.Forbidden(Reasons.Explain(Reasons.KeyType), Reasons.KeyType);
        }

        var agents = caller.Project.Agents;
        if (caller.Key.Type == KeyType.Agent)
        {
            // A key whose agent is gone is no key any more.
            return !agents.TryGetValue(caller.Key.AgentId ?? "", out agent) ? PresentedKey.Refusal(headers)
                : named.Count == 1 && named[0]!.Trim() != agent.Id ? Unknown
                : null;
        }

        return agents.TryGetValue(named[0]!.Trim(), out agent) ? null : Unknown;
    }

    // There it means nothing: whoever changes agents runs as none.
    private static bool IsAdministered(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<AgentChangesMetadata>() is not null;

    // What only reads, or keeps a file, runs nothing.
    private static bool IsUntold(Exchange exchange) =>
        exchange.Endpoint is { RunsUntoldModel: true } or { BeginsBackgroundWork: true }
        || (exchange.Endpoint is { Operation: Operation.Other, System: SystemPromptLocation.None, ShowsBackgroundWork: false } && !OnlyReads(exchange.Context.Request.Method))
        || Upgrades.Of(exchange.Context) != Upgrade.None;

    // Methods are as many as callers invent.
    private static bool OnlyReads(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsDelete(method);
}

/// <summary>Marks endpoints at which agents are looked up and changed.</summary>
public sealed class AgentChangesMetadata;
