using System.Text.Json.Serialization;
using Cencori.Edge.Egress;

namespace Cencori.Edge.Policies;

/// <summary>Settings of the webhook for block events.</summary>
public sealed record WebhookSettings
{
    /// <summary>URL of the receiver: https, or http to a loopback address; without user and fragment. A user who may read but not change policies sees only the
    /// beginning of the URL.</summary>
    public required string Url { get; init; }

    /// <summary>The key that signs events: 16 to 256 visible characters, never returned. Omitted: the stored secret stays.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>True when a secret is stored. To remove the stored secret, send false and no secret: events are then not signed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasSecret { get; init; }

    /// <summary>Returns the problem and its field. Null: the settings are valid.</summary>
    internal (string Message, string Field)? Check() =>
        !SignedWebhook.IsUrl(Url) ? ("webhook: url must be absolute and https (http only to a loopback address), without user, fragment or control characters.", "webhook.url")
        : Secret is { } secret && (!SignedWebhook.IsSecret(secret) || PolicySecrets.IsSealed(secret)) ? ($"webhook: secret must have {SignedWebhook.ShortestSecret} to {SignedWebhook.LongestSecret} visible ASCII characters and no spaces.", "webhook.secret")
        : null;
}

/// <summary>The webhook prepared for sending.</summary>
/// <param name="Url">URL of the receiver.</param>
/// <param name="Secret">The key that signs events. Null: events are not signed, or <paramref name="IsSecretLost"/> is true.</param>
/// <param name="IsSecretLost">True when there is a secret that no master key can decrypt. No events are sent then.</param>
public sealed record PolicyWebhook(Uri Url, string? Secret, bool IsSecretLost)
{
    internal static PolicyWebhook Of(WebhookSettings settings, PolicySecrets? secrets)
    {
        var secret = secrets is null ? settings.Secret : secrets.Open(settings);
        return new(new Uri(settings.Url), secret, settings.Secret is not null && secret is null);
    }

    /// <summary>Sends an event, with up to <paramref name="tries"/> attempts.</summary>
    internal Task<WebhookResult> SendAsync(SignedWebhook webhook, BlockEvent block, int tries, CancellationToken cancellation) => IsSecretLost
        ? Task.FromResult(new WebhookResult(0, null, "No master key of this edge can decrypt the webhook's secret."))
        : webhook.SendAsync(Url, Secret, block, tries, cancellation);
}
