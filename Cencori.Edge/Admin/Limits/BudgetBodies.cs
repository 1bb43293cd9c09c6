using System.Globalization;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Limits;

/// <summary>The body that replaces a budget. The budget must be there: one that is left out must not silently become none.</summary>
public sealed record BudgetReplacement
{
    private const decimal MaxUsd = 1_000_000;
    private const int MaxAlerts = 20;
    private const int MaxPercent = 1_000;

    /// <summary>Null: none.</summary>
    public required decimal? MonthlyBudgetUsd { get; init; }

    /// <summary>False: it only alerts.</summary>
    public bool Enforce { get; init; } = true;

    /// <summary>Percentages, in any order. Null: none.</summary>
    public List<int>? Alerts { get; init; } = [50, 80, 100];

    /// <summary>What becomes of requests without a price where the budget is enforced: <c>allow</c>, and they count as nothing, or <c>refuse</c>.</summary>
    public string Unpriced { get; init; } = BudgetView.Allow;

    public string? WebhookUrl { get; init; }

    /// <summary>Absent: as it was.</summary>
    public PatchField<string?> WebhookSecret { get; init; }

    /// <param name="hasSecret">There is one already.</param>
    public EdgeError? Check(bool hasSecret)
    {
        if (MonthlyBudgetUsd is <= 0 or > MaxUsd)
        {
            return EdgeError.Invalid($"monthly_budget_usd is more than 0 and at most {MaxUsd}, or null for none.", "monthly_budget_usd");
        }

        if (Alerts is not null && (Alerts.Count > MaxAlerts || Alerts.Exists(percent => percent is < 1 or > MaxPercent) || Alerts.Distinct().Count() != Alerts.Count))
        {
            return EdgeError.Invalid($"alerts are at most {MaxAlerts} different percentages of 1 to {MaxPercent}.", "alerts");
        }

        if (Unpriced is not (BudgetView.Allow or BudgetView.Refuse))
        {
            return EdgeError.Invalid($"unpriced is '{BudgetView.Allow}' or '{BudgetView.Refuse}'.", "unpriced");
        }

        if (WebhookUrl is not null && !SignedWebhook.IsUrl(WebhookUrl))
        {
            return EdgeError.Invalid("webhook_url is absolute and https (http only to a loopback address), without user, fragment or control characters.", "webhook_url");
        }

        if (WebhookSecret is { IsPresent: true, Value: { } secret } && !SignedWebhook.IsSecret(secret))
        {
            return EdgeError.Invalid($"webhook_secret has {SignedWebhook.ShortestSecret} to {SignedWebhook.LongestSecret} visible ASCII characters and no spaces.", "webhook_secret");
        }

        var willHaveSecret = WebhookSecret.IsPresent ? WebhookSecret.Value is not null : hasSecret;
        return WebhookUrl is null || willHaveSecret ? null : EdgeError.Invalid("A webhook_url needs a webhook_secret, by which its receiver knows who sends.", "webhook_secret");
    }
}

/// <summary>A budget as it is read. Its secret is never shown.</summary>
/// <param name="MonthlyBudgetUsd">Null: none.</param>
/// <param name="Enforce">False: it only alerts.</param>
/// <param name="Alerts">Percentages, rising.</param>
/// <param name="CurrentSpendUsd">This month, with what is set aside for work that goes on.</param>
/// <param name="Unpriced">What becomes of requests without a price where it is enforced.</param>
/// <param name="UnpricedRequests">Of the whole project, this month: those of which nobody knows the cost, and which count as nothing.</param>
/// <param name="Warning">What somebody should know who relies on it; null: nothing.</param>
/// <param name="WebhookUrl">Null: only the log is told.</param>
public sealed record BudgetView(
    decimal? MonthlyBudgetUsd, bool Enforce, IReadOnlyList<int> Alerts, decimal CurrentSpendUsd, string Unpriced, long UnpricedRequests, string? Warning, string? WebhookUrl)
{
    public const string Allow = "allow";
    public const string Refuse = "refuse";

    public static BudgetView Of(BudgetRecord? row, decimal spentUsd, long unpricedRequests) => row is null
        ? new(null, true, [50, 80, 100], spentUsd, Allow, unpricedRequests, null, null)
        : new(row.MonthlyUsd, row.IsEnforced, row.Alerts, spentUsd, row.RefusesUnpriced ? Refuse : Allow, unpricedRequests, WarningOf(row, unpricedRequests), row.WebhookUrl);

    private static string? WarningOf(BudgetRecord row, long unpricedRequests) => row is { IsEnforced: true, RefusesUnpriced: false, MonthlyUsd: not null } && unpricedRequests > 0
        ? $"{unpricedRequests} requests of the project had no price this month and counted as nothing. Give their models a price, or set unpriced to '{Refuse}'."
        : null;

    /// <summary>The tag of what is set: of the secret too, though it is not shown, and not of what is spent.</summary>
    public static string TagOf(BudgetRecord? row)
    {
        var set = Of(row, spentUsd: 0, unpricedRequests: 0);

        // Not every database keeps the zeros that an amount was sent with.
        return EntityTags.Of(new { Usd = set.MonthlyBudgetUsd?.ToString("G29", CultureInfo.InvariantCulture), set.Enforce, set.Alerts, set.Unpriced, set.WebhookUrl, row?.SealedSecret });
    }
}
