using System.Text.Json.Serialization;
using Cencori.Edge.Egress;

namespace Cencori.Edge.Policies;

/// <summary>Who is told when something was blocked.</summary>
public sealed record WebhookSettings
{
    /// <summary>https, or http to a loopback address; without user and fragment. Who may not change it is told its beginning only.</summary>
    public required string Url { get; init; }

    /// <summary>What events are signed with: 16 to 256 visible characters, never told again. Left out: what is stored stays.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>There is a secret. Set to false without one: the stored one goes, and events are not signed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasSecret { get; init; }

    /// <summary>Null, or what is wrong and the field.</summary>
    internal (string Message, string Field)? Check() =>
        !SignedWebhook.IsUrl(Url) ? ("webhook: url is absolute and https (http only to a loopback address), without user, fragment or control characters.", "webhook.url")
        : Secret is { } secret && (!SignedWebhook.IsSecret(secret) || PolicySecrets.IsSealed(secret)) ? ($"webhook: secret has {SignedWebhook.ShortestSecret} to {SignedWebhook.LongestSecret} visible ASCII characters and no spaces.", "webhook.secret")
        : null;
}

/// <summary>The same as events meet it.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Secret">Null: events are not signed, or <paramref name="IsSecretLost"/>.</param>
/// <param name="IsSecretLost">There is a secret, and no master key opens it. Nothing is sent then.</param>
public sealed record PolicyWebhook(Uri Url, string? Secret, bool IsSecretLost)
{
    internal static PolicyWebhook Of(WebhookSettings settings, PolicySecrets? secrets)
    {
        var secret = secrets is null ? settings.Secret : secrets.Open(settings);
        return new(new Uri(settings.Url), secret, settings.Secret is not null && secret is null);
    }

    /// <summary>Sends once, or until it is taken.</summary>
    internal Task<WebhookResult> SendAsync(SignedWebhook webhook, BlockEvent block, int tries, CancellationToken cancellation) => IsSecretLost
        ? Task.FromResult(new WebhookResult(0, null, "No master key of this edge opens its secret."))
        : webhook.SendAsync(Url, Secret, block, tries, cancellation);
}
