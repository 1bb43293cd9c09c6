using Cencori.Edge.Keys;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// What a record tells of a refusal, so that somebody who asks later knows which limit it was, whose, and why. The sentence may repeat what
/// the caller wrote for a model; a key that somebody has put there is left out.
/// </summary>
internal static class RefusalText
{
    private const string Hidden = "(a text with an API key in it)";

    public static string? Model(Exchange exchange) => exchange switch
    {
        { Refusal: null } => exchange.Content?.Model,
        { Policy.HidesModel: true } => "(a text that a policy does not let pass)",
        _ => WithoutKey(exchange.Content?.Model),
    };

    /// <summary>The caller is not told whether its key is revoked, expired or made up; who reads the record knows the key.</summary>
    public static string? Reason(Exchange exchange) => exchange.Refusal?.Reason
        ?? (exchange is { Caller: null, InvalidKey: { } key } ? key.IsRevoked ? "key_revoked" : "key_expired" : null);

    public static string? Param(Exchange exchange) => WithoutKey(exchange.Refusal?.Param);

    public static string? Message(Exchange exchange) => WithoutKey(exchange.Refusal?.Message);

    private static string? WithoutKey(string? text) => text is not null && ProjectKey.IsWithin(text) ? Hidden : text;
}
