using System.Globalization;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Request body that replaces a budget. The amount is required: an omitted amount must not silently remove the budget.</summary>
public sealed record BudgetReplacement
{
    private const decimal MaxUsd = 1_000_000;
    private const int MaxAlerts = 20;
    private const int MaxPercent = 1_000;

    /// <summary>Budget per month in US dollars. Null: removes the budget.</summary>
    public required decimal? MonthlyBudgetUsd { get; init; }

    /// <summary>True: requests are refused when the budget is used up. False: the budget only sends alerts.</summary>
    public bool Enforce { get; init; } = true;

    /// <summary>Alert thresholds in percent, in any order. Null: no alerts.</summary>
    public List<int>? Alerts { get; init; } = [50, 80, 100];

    /// <summary>Treatment of requests whose model has no price, if the budget is enforced: <c>allow</c> counts them as 0, <c>refuse</c> refuses them.</summary>
    public string Unpriced { get; init; } = BudgetView.Allow;

    public string? WebhookUrl { get; init; }

    /// <summary>Secret that signs the alerts. If it is absent, the stored secret stays.</summary>
    public PatchField<string?> WebhookSecret { get; init; }

    /// <param name="hasSecret">True: a secret is stored already.</param>
    public EdgeError? Check(bool hasSecret)
    {
        if (MonthlyBudgetUsd is <= 0 or > MaxUsd)
        {
            return EdgeError.Invalid($"monthly_budget_usd must be more than 0 and at most {MaxUsd}, or null for no budget.", "monthly_budget_usd");
        }

        if (Alerts is not null && (Alerts.Count > MaxAlerts || Alerts.Exists(percent => percent is < 1 or > MaxPercent) || Alerts.Distinct().Count() != Alerts.Count))
        {
            return EdgeError.Invalid($"alerts must be at most {MaxAlerts} different percentages of 1 to {MaxPercent}.", "alerts");
        }

        if (Unpriced is not (BudgetView.Allow or BudgetView.Refuse))
        {
            return EdgeError.Invalid($"unpriced must be '{BudgetView.Allow}' or '{BudgetView.Refuse}'.", "unpriced");
        }

        if (WebhookUrl is not null && !SignedWebhook.IsUrl(WebhookUrl))
        {
            return EdgeError.Invalid("webhook_url must be absolute and https (http only to a loopback address), without user, fragment or control characters.", "webhook_url");
        }

        if (WebhookSecret is { IsPresent: true, Value: { } secret } && !SignedWebhook.IsSecret(secret))
        {
            return EdgeError.Invalid($"webhook_secret must have {SignedWebhook.ShortestSecret} to {SignedWebhook.LongestSecret} visible ASCII characters and no spaces.", "webhook_secret");
        }

        var willHaveSecret = WebhookSecret.IsPresent ? WebhookSecret.Value is not null : hasSecret;
        return WebhookUrl is null || willHaveSecret ? null : EdgeError.Invalid("A budget with a webhook_url must have a webhook_secret, with which the receiver verifies the sender.", "webhook_secret");
    }
}

/// <summary>A budget in responses. The secret is never shown.</summary>
/// <param name="MonthlyBudgetUsd">Budget per month in US dollars. Null: no budget.</param>
/// <param name="Enforce">True: requests are refused when the budget is used up. False: the budget only sends alerts.</param>
/// <param name="Alerts">Alert thresholds in percent, ascending.</param>
/// <param name="CurrentSpendUsd">Spend of this month in US dollars, including reservations for unfinished background work.</param>
/// <param name="Unpriced">Treatment of requests whose model has no price, if the budget is enforced: <c>allow</c> or <c>refuse</c>.</param>
/// <param name="UnpricedRequests">Number of requests of the whole project this month whose cost is unknown and counts as 0.</param>
/// <param name="Warning">Warning that the spend may be incomplete. Null: no warning.</param>
/// <param name="WebhookUrl">Alerts are posted to this URL. Null: alerts appear only in the log.</param>
public sealed record BudgetView(
    decimal? MonthlyBudgetUsd, bool Enforce, IReadOnlyList<int> Alerts, decimal CurrentSpendUsd, string Unpriced, long UnpricedRequests, string? Warning, string? WebhookUrl)
{
    public const string Allow = "allow";
    public const string Refuse = "refuse";

    public static BudgetView Of(BudgetRecord? row, decimal spentUsd, long unpricedRequests) => row is null
        ? new(null, true, [50, 80, 100], spentUsd, Allow, unpricedRequests, null, null)
        : new(row.MonthlyUsd, row.IsEnforced, row.Alerts, spentUsd, row.RefusesUnpriced ? Refuse : Allow, unpricedRequests, WarningOf(row, unpricedRequests), row.WebhookUrl);

    private static string? WarningOf(BudgetRecord row, long unpricedRequests) => row is { IsEnforced: true, RefusesUnpriced: false, MonthlyUsd: not null } && unpricedRequests > 0
        ? $"{unpricedRequests} requests of the project had no price this month and counted as 0. Give their models a price, or set unpriced to '{Refuse}'."
        : null;

    /// <summary>Computes the ETag of the settings. The ETag covers the secret, although responses do not show it, but not the spend.</summary>
    public static string TagOf(BudgetRecord? row)
    {
        var set = Of(row, spentUsd: 0, unpricedRequests: 0);

        // G29 removes trailing zeros of the amount, because not every database keeps them.
        return EntityTags.Of(new { Usd = set.MonthlyBudgetUsd?.ToString("G29", CultureInfo.InvariantCulture), set.Enforce, set.Alerts, set.Unpriced, set.WebhookUrl, row?.SealedSecret });
    }
}
