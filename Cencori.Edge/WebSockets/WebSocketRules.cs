using Cencori.Edge.Budgets;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.WebSockets;

/// <summary>
/// Who may open a WebSocket. What is said on one is not read: it may run any model, and nobody knows what it uses. So it is for
/// callers whom no limit holds that would go by that.
/// </summary>
public sealed class WebSocketRules(IRequestBudget budgets)
{
    private static readonly EdgeError NoProtocol = EdgeError.Invalid(
        "The edge takes requests and WebSockets, and passes on no upgrade to anything else. A WebSocket begins with GET, HTTP/1.1 and 'Upgrade: websocket', or with the extended CONNECT of HTTP/2.",
        "Upgrade");

    private static readonly EdgeError LimitedModels = EdgeError.Forbidden(
        "This key is limited to some models, and a WebSocket may run others than the one it names.", Reasons.ModelNotAllowed) with { Param = "model" };

    private static readonly EdgeError LimitedTokens = EdgeError.Forbidden(
        "The project has a token limit, and what a WebSocket uses is not metered. Use requests, or a project without a token limit.", Reasons.NotMetered) with { Param = "tokens_per_minute" };

    private static readonly EdgeError LimitedBudget = EdgeError.Forbidden(
        "The project or the key has an enforced budget, and what a WebSocket uses is not metered. Use requests, or a project without an enforced budget.", Reasons.NotMetered) with { Param = "monthly_budget_usd" };

    private static readonly EdgeError NoNames = EdgeError.Invalid(
        $"Sec-WebSocket-Protocol must be a list of names. An API key stands there as '{Subprotocols.KeyPrefix}<key>', and nowhere else.", "Sec-WebSocket-Protocol");

    /// <param name="context">The request.</param>
    /// <param name="caller">Whose it is.</param>
    /// <param name="handshake">Null: it is a request like any other.</param>
    /// <returns>Null: nothing is against it.</returns>
    public EdgeError? Check(HttpContext context, Caller caller, out Handshake? handshake)
    {
        handshake = null;
        var upgrade = Upgrades.Of(context);
        return upgrade == Upgrade.None ? null
            : upgrade == Upgrade.Other ? NoProtocol
            : Refusal(caller) ?? ReadHandshake(context.Request, out handshake);
    }

    /// <summary>Null: the caller may have one.</summary>
    public EdgeError? Refusal(Caller caller) =>
        caller.Key.AllowedModels is not null ? LimitedModels
        : caller.Project.RateLimits.TokensPerMinute is not null ? LimitedTokens
        : budgets.Holds(caller) ? LimitedBudget
        : null;

    private static EdgeError? ReadHandshake(HttpRequest request, out Handshake? handshake)
    {
        handshake = Subprotocols.TryClean(request.Headers.SecWebSocketProtocol, out var subprotocols) ? new Handshake(subprotocols) : null;
        return handshake is null ? NoNames : null;
    }
}
