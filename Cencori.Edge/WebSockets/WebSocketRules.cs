using Cencori.Edge.Budgets;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.WebSockets;

/// <summary>
/// Decides who may open a WebSocket. The edge does not read the messages of a WebSocket, so they may use any model, and their usage is unknown. So only
/// callers without limits on models or usage may open one.
/// </summary>
public sealed class WebSocketRules(IRequestBudget budgets)
{
    private static readonly EdgeError NoProtocol = EdgeError.Invalid(
        "The edge passes on no upgrade except to a WebSocket. A WebSocket begins with GET, HTTP/1.1 and 'Upgrade: websocket', or with the extended CONNECT of HTTP/2.",
        "Upgrade");

    private static readonly EdgeError LimitedModels = EdgeError.Forbidden(
        "This key is limited to some models, but a WebSocket could use any model. Use requests, or a key without a list of models.", Reasons.ModelNotAllowed) with { Param = "model" };

    private static readonly EdgeError LimitedTokens = EdgeError.Forbidden(
        "The project has a token limit, but the usage of a WebSocket is not metered. Use requests, or a project without a token limit.", Reasons.NotMetered) with { Param = "tokens_per_minute" };

    private static readonly EdgeError LimitedBudget = EdgeError.Forbidden(
        "The project or the key has an enforced budget, but the usage of a WebSocket is not metered. Use requests, or a key and a project without an enforced budget.", Reasons.NotMetered) with { Param = "monthly_budget_usd" };

    private static readonly EdgeError NoNames = EdgeError.Invalid(
        $"Sec-WebSocket-Protocol must be a list of names. An API key may appear there only as '{Subprotocols.KeyPrefix}<key>'.", "Sec-WebSocket-Protocol");

    /// <param name="context">The request.</param>
    /// <param name="caller">The caller of the request.</param>
    /// <param name="handshake">The handshake of the WebSocket. Null: the request does not open a WebSocket.</param>
    /// <returns>Why the request is refused. Null: the request is allowed.</returns>
    public EdgeError? Check(HttpContext context, Caller caller, out Handshake? handshake)
    {
        handshake = null;
        var upgrade = Upgrades.Of(context);
        return upgrade == Upgrade.None ? null
            : upgrade == Upgrade.Other ? NoProtocol
            : Refusal(caller) ?? ReadHandshake(context.Request, out handshake);
    }

    /// <summary>Returns why the caller may not use a WebSocket. Null: the caller may use one.</summary>
    public EdgeError? Refusal(Caller caller) =>
        caller.Key.AllowedModels is not null ? LimitedModels
        : caller.Project.RateLimits.TokensPerMinute is not null ? LimitedTokens
        : budgets.AppliesTo(caller) ? LimitedBudget
        : null;

    private static EdgeError? ReadHandshake(HttpRequest request, out Handshake? handshake)
    {
        handshake = Subprotocols.TryClean(request.Headers.SecWebSocketProtocol, out var subprotocols) ? new Handshake(subprotocols) : null;
        return handshake is null ? NoNames : null;
    }
}
