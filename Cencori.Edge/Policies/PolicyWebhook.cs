using System.Text.Json.Serialization;
using Cencori.Edge.Egress;

namespace Cencori.Edge.Policies;

/// <summary>The webhook for block events.</summary>
public sealed record WebhookSettings
{
    /// <summary>https, or http to a loopback address; without user and fragment. Readers without permission to change it see only its beginning.</summary>
    public required string Url { get; init; }

    /// <summary>The key that signs events: 16 to 256 visible characters, never returned. Omitted: the stored secret stays.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>True when there is a secret. Set it to false, without a secret, to remove the stored one: events are then not signed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasSecret { get; init; }

    /// <summary>Null, or the problem and its field.</summary>
    internal (string Message, string Field)? Check() =>
        !SignedWebhook.IsUrl(Url) ? ("webhook: url is absolute and https (http only to a loopback address), without user, fragment or control characters.", "webhook.url")
        : Secret is { } secret && (!SignedWebhook.IsSecret(secret) || PolicySecrets.IsSealed(secret)) ? ($"webhook: secret has {SignedWebhook.ShortestSecret} to {SignedWebhook.LongestSecret} visible ASCII characters and no spaces.", "webhook.secret")
        : null;
}

/// <summary>The webhook prepared for sending.</summary>
/// <param name="Url">The address.</param>
/// <param name="Secret">Null: events are not signed, or <paramref name="IsSecretLost"/>.</param>
/// <param name="IsSecretLost">True when there is a secret that no master key can decrypt. Nothing is sent then.</param>
public sealed record PolicyWebhook(Uri Url, string? Secret, bool IsSecretLost)
{
    internal static PolicyWebhook Of(WebhookSettings settings, PolicySecrets? secrets)
    {
        var secret = secrets is null ? settings.Secret : secrets.Open(settings);
        return new(new Uri(settings.Url), secret, settings.Secret is not null && secret is null);
    }

    /// <summary>Sends an event, with up to <paramref name="tries"/> attempts.</summary>
    internal Task<WebhookResult> SendAsync(SignedWebhook webhook, BlockEvent block, int tries, CancellationToken cancellation) => IsSecretLost
        ? Task.FromResult(new WebhookResult(0, null, "No master key of this edge can decrypt its secret."))
        : webhook.SendAsync(Url, Secret, block, tries, cancellation);
}
