using Cencori.Edge.Keys;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Selects what a record stores of the requested model and of an error: the reason, the parameter and the message. These texts may repeat what the caller sent
/// as the model name, so a text that contains an API key is replaced.
/// </summary>
internal static class RefusalText
{
    private const string Hidden = "(a text that contains an API key)";

    public static string? Model(Exchange exchange) =>
        exchange is { Refusal: not null, Policy.HidesModel: true } ? "(a text that a policy does not let pass)" : WithoutKey(exchange.Content?.Model);

    /// <summary>The error's reason. The caller is not told whether its key is unknown, revoked or expired, but readers of the record may know.</summary>
    public static string? Reason(Exchange exchange) => exchange.Refusal?.Reason
        ?? (exchange is { Caller: null, InvalidKey: { } key } ? key.IsRevoked ? "key_revoked" : "key_expired" : null);

    public static string? Param(Exchange exchange) => WithoutKey(exchange.Refusal?.Param);

    public static string? Message(Exchange exchange) => WithoutKey(exchange.Refusal?.Message);

    /// <summary>Replaces a text that contains an API key.</summary>
    public static string? WithoutKey(string? text) => text is not null && ProjectKey.IsWithin(text) ? Hidden : text;
}
