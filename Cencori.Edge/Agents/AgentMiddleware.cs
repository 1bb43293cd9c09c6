using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Agents;

/// <summary>Finds the agent of a request. An agent key belongs to one agent. A request with a secret key names the agent in <see cref="Header"/>.</summary>
/// <remarks>The error is the same for an unknown agent, an agent of another project, and an agent that the key may not name.</remarks>
public sealed class AgentMiddleware(RequestDelegate next)
{
    public const string Header = "X-Agent-ID";

    private static readonly EdgeError Repeated = EdgeError.Invalid($"The header {Header} must appear only once, with the id of one agent.", Header);

    private static readonly EdgeError Unknown = new(ErrorKind.NotFound, "There is no such agent in this project.") { Param = Header };

    private static readonly EdgeError NotAsAgent = EdgeError.Invalid(
        $"A request to this endpoint does not show which model it runs, so an agent's settings cannot apply. Omit {Header}.", Header);

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

        if (RunsUnnamedModel(exchange))
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
            // An agent key whose agent does not exist is refused like an invalid key.
            return !agents.TryGetValue(caller.Key.AgentId ?? "", out agent) ? PresentedKey.Refusal(headers)
                : named.Count == 1 && named[0]!.Trim() != agent.Id ? Unknown
                : null;
        }

        return agents.TryGetValue(named[0]!.Trim(), out agent) ? null : Unknown;
    }

    // On endpoints that look up and change agents, the header has no effect: such a request does not run as an agent.
    private static bool IsAdministered(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<AgentChangesMetadata>() is not null;

    // True if the request may run a model that its body does not name. A request that only reads, or stores a file, runs no model.
    private static bool RunsUnnamedModel(Exchange exchange) =>
        exchange.Endpoint is { RunsUnnamedModel: true } or { BeginsBackgroundWork: true }
        || (exchange.Endpoint is { Operation: Operation.Other, System: SystemPromptLocation.None, ShowsBackgroundWork: false } && !OnlyReads(exchange.Context.Request.Method))
        || Upgrades.Of(exchange.Context) != Upgrade.None;

    // Only these methods count as reading. Callers can send unknown methods, which a provider may treat in any way.
    private static bool OnlyReads(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsDelete(method);
}

/// <summary>Endpoint metadata that marks the endpoints for looking up and changing agents.</summary>
public sealed class AgentChangesMetadata;
