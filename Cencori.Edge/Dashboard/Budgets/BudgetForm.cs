using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Budgets;

/// <summary>Maps a budget to form fields and back. Fields have the administration API's names.</summary>
internal static class BudgetForm
{
    public const string Secret = "webhook_secret";

    public static FormState Of(BudgetView budget) => new(new Dictionary<string, string?>
    {
        ["monthly_budget_usd"] = FormNumbers.Text(budget.MonthlyBudgetUsd),
        [FormNumbers.NoneOf("monthly_budget_usd")] = budget.MonthlyBudgetUsd is null ? "true" : null,
        ["enforce"] = budget.Enforce ? "true" : "false",
        ["unpriced"] = budget.Unpriced,
        ["alerts"] = string.Join(", ", budget.Alerts),
        ["webhook_url"] = budget.WebhookUrl,
    });

    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static BudgetReplacement Read(IFormCollection form)
    {
        var url = form["webhook_url"].ToString().Trim();
        var secret = form[Secret].ToString();
        return new()
        {
            MonthlyBudgetUsd = FormNumbers.AmountOrNone(form, "monthly_budget_usd"),
            Enforce = form["enforce"] != "false",
            Unpriced = form["unpriced"].ToString(),
            Alerts = Alerts(form["alerts"].ToString()),
            WebhookUrl = url.Length == 0 ? null : url,

            // Forms never contain the stored secret, so an empty secret field keeps it. When the URL is empty, the secret is deleted.
            WebhookSecret = url.Length == 0 ? new PatchField<string?>(true, null) : secret.Length == 0 ? default : new PatchField<string?>(true, secret),
        };
    }

    private static List<int> Alerts(string text)
    {
        var alerts = new List<int>();
        foreach (var part in text.Split([',', ' ', ';', '%'], StringSplitOptions.RemoveEmptyEntries))
        {
            alerts.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
                ? percent
                : throw new RefusedException(EdgeError.Invalid("Enter whole percentages, separated by commas, such as 50, 80, 100. Empty: no alerts.", "alerts")));
        }

        return alerts;
    }
}
