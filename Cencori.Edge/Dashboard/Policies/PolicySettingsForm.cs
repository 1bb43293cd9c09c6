using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>Maps the settings for all rules to form fields and back.</summary>
internal static class PolicySettingsForm
{
    public const string Endpoints = "unscanned_endpoints";
    public const string Parts = "unscannable_parts";
    public const string Ends = "on_output_block";
    public const string Url = "webhook.url";
    public const string Secret = "webhook.secret";
    public const string NoSecret = "webhook.no_secret";

    private const string Place = "webhook: ";

    public static FormState Of(PolicyView view) => new(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["tag"] = TagOf(view),
        [Endpoints] = PolicyText.WordOf(view.UnscannedEndpoints),
        [Parts] = PolicyText.WordOf(view.UnscannableParts),
        [Ends] = PolicyText.WordOf(view.OnOutputBlock),
        [Url] = view.Webhook?.Url,
    });

    public static string TagOf(PolicyView view) => EntityTags.Of(new { view.UnscannedEndpoints, view.UnscannableParts, view.OnOutputBlock, view.Webhook });

    /// <exception cref="RefusedException">A field is invalid; the error names it.</exception>
    public static PolicyDocument Read(IFormCollection form, PolicyDocument document) => document with
    {
        UnscannedEndpoints = One<UnscannedRule>(form, Endpoints),
        UnscannableParts = One<UnscannedRule>(form, Parts),
        OnOutputBlock = One<OutputBlock>(form, Ends),
        Webhook = form[Url].ToString().Trim() is { Length: > 0 } url ? WebhookOf(form, url) : null,
    };

    /// <summary>Removes the path in the document from the start of an error message, because the page shows the error at its field.</summary>
    public static EdgeError AtField(EdgeError error) => error.Message.StartsWith(Place, StringComparison.Ordinal) ? error with { Message = error.Message[Place.Length..] } : error;

    // Forms never contain the stored secret, so an empty secret field keeps it.
    private static WebhookSettings WebhookOf(IFormCollection form, string url)
    {
        var secret = form[Secret].ToString() is { Length: > 0 } typed ? typed : null;
        return new() { Url = url, Secret = secret, HasSecret = secret is null && form[NoSecret] == "on" ? false : null };
    }

    private static T One<T>(IFormCollection form, string field)
        where T : struct, Enum => PolicyText.Read<T>(form[field]) ?? throw new RefusedException(EdgeError.Invalid("Choose one of these.", field));
}
