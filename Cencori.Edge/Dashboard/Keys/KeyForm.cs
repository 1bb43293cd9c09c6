using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Reads the forms of keys. Errors name the form's field.</summary>
public static class KeyForm
{
    /// <summary>The key lifetimes that the form offers, in days.</summary>
    public static readonly IReadOnlyList<int> LifetimesInDays = [30, 90, 365];

    private const string Day = "yyyy-MM-dd";

    public static FormState Of(ApiKeyView key) => new(new Dictionary<string, string?>
    {
        ["name"] = key.Name,
        ["allowed_domains"] = string.Join('\n', key.AllowedDomains),
        ["allowed_models"] = string.Join('\n', key.AllowedModels ?? []),
        ["allowed_cidrs"] = string.Join('\n', key.AllowedCidrs ?? []),
    });

    public static FormState Of(BudgetView budget) => new(new Dictionary<string, string?>
    {
        ["budget"] = budget.MonthlyBudgetUsd is null ? "none" : "limit",
        ["monthly_budget_usd"] = budget.MonthlyBudgetUsd?.ToString("0.##########", CultureInfo.InvariantCulture),
    });

    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static NewApiKey ReadNew(IFormCollection form, DateTimeOffset now)
    {
        RefuseUnusedDay(form);
        var type = Choice<KeyType>(form, "key_type", "Choose the kind of the key.");
        return new NewApiKey
        {
            Name = form["name"].ToString().Trim(),
            KeyType = type,
            Environment = Choice<KeyEnvironment>(form, "environment", "Choose an environment."),

            // The form hides fields that belong to other key types, but they may still contain input. That input is ignored.
            AllowedDomains = type == KeyType.Publishable ? Lines(form["allowed_domains"]) : null,
            AllowedModels = Lines(form["allowed_models"]),
            AllowedCidrs = Lines(form["allowed_cidrs"]),
            AgentId = type == KeyType.Agent ? form["agent_id"].ToString() : null,
            ExpiresAt = ReadExpiry(form, now, current: null),
        };
    }

    /// <summary>The differences between the form and the stored key.</summary>
    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static ApiKeyChange ReadChange(IFormCollection form, ApiKeyView key, DateTimeOffset now)
    {
        RefuseUnusedDay(form);
        var change = new ApiKeyChange
        {
            Name = form["name"].ToString().Trim(),
            AllowedModels = LinesOrNone(form["allowed_models"], key.AllowedModels),
            AllowedCidrs = LinesOrNone(form["allowed_cidrs"], key.AllowedCidrs),
        };
        if (key.KeyType == KeyType.Publishable)
        {
            change = change with { AllowedDomains = Lines(form["allowed_domains"]) };
        }

        // "keep" means that the expiry stays unchanged. That expiry may be in the past, so it is not validated.
        return form["expiry"] == "keep" ? change : change with { ExpiresAt = ReadExpiry(form, now, key.ExpiresAt) };
    }

    /// <param name="form">The form.</param>
    /// <param name="current">The stored budget, which the form shows even if the user chooses "none". Null: there is none.</param>
    /// <returns>Null: no budget.</returns>
    /// <exception cref="RefusedException">The field is not an amount, or has a new amount that is not chosen.</exception>
    public static decimal? ReadBudget(IFormCollection form, decimal? current = null)
    {
        const string field = "monthly_budget_usd";
        var amount = FormNumbers.Amount(form, field);
        if (form["budget"] == "limit")
        {
            return amount ?? throw new RefusedException(EdgeError.Invalid("Enter an amount in US dollars, such as 25 or 12.50.", field));
        }

        return amount is null || amount == current ? null
            : throw new RefusedException(EdgeError.Invalid("The amount is entered but not chosen. Choose \"at most\", or clear the amount.", field));
    }

    private static DateTimeOffset? ReadExpiry(IFormCollection form, DateTimeOffset now, DateTimeOffset? current)
    {
        var expiry = form["expiry"].ToString();
        if (expiry is "never" or "")
        {
            return expiry.Length == 0 ? current : null;
        }

        if (expiry != "date")
        {
            return int.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && LifetimesInDays.Contains(days)
                ? now.AddDays(days)
                : throw new RefusedException(EdgeError.Invalid("Choose when it expires.", "expires_at"));
        }

        return DateOnly.TryParseExact(form["expires_on"].ToString(), Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue
            ? new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero)
            : throw new RefusedException(EdgeError.Invalid("Enter the last day of the key, such as 2030-12-31.", "expires_at"));
    }

    // A day is easily entered without a click on the button before it. The key would then get another expiry than the user expects.
    private static void RefuseUnusedDay(IFormCollection form)
    {
        if (form["expiry"] != "date" && form["expires_on"].ToString().Length > 0)
        {
            throw new RefusedException(EdgeError.Invalid("The last day is entered but not chosen. Choose \"at the end of\", or clear the day.", "expires_at"));
        }
    }

    private static T Choice<T>(IFormCollection form, string field, string problem)
        where T : struct, Enum =>
        SnakeCaseEnums.Find<T>(form[field]) ?? throw new RefusedException(EdgeError.Invalid(problem, field));

    // A form cannot distinguish an empty list (allow none) from no list (allow all). So an empty field keeps a stored empty list, and otherwise means no list.
    private static List<string>? LinesOrNone(string? text, List<string>? current) => Lines(text) ?? (current?.Count == 0 ? [] : null);

    /// <returns>Null: the text has no lines.</returns>
    private static List<string>? Lines(string? text) =>
        text?.Split(['\n', '\r', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines ? [.. lines] : null;
}
