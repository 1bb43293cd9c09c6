using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Budgets;

/// <summary>Everything that the budget page shows.</summary>
public sealed class BudgetModel
{
    public required BudgetView Budget { get; init; }

    /// <summary>
    /// Reservations of requests in flight, in US dollars. Null: unknown, because there is no budget, or no request came since the budget was
    /// set.
    /// </summary>
    public required decimal? InFlightUsd { get; init; }

    /// <summary>When the month ends.</summary>
    public required DateTimeOffset Resets { get; init; }

    /// <summary>The forecast for this month. Null: there is too little data.</summary>
    public required BudgetForecast? Forecast { get; init; }

    /// <summary>True: the database was too busy for the forecast, the lists of keys and models, or the other budgets.</summary>
    public required bool IsBusy { get; init; }

    /// <summary>Whether the budget is that of a <c>key</c> or an <c>agent</c>; null: it is the project's budget.</summary>
    public required string? Kind { get; init; }

    /// <summary>The id of that key or agent; null: project.</summary>
    public required string? Id { get; init; }

    /// <summary>The name of that key or agent, safe to show; null: project.</summary>
    public required string? Name { get; init; }

    /// <summary>The keys with the most spend this month, most expensive first.</summary>
    public required IReadOnlyList<Spender> Keys { get; init; }

    public required IReadOnlyList<Spender> Models { get; init; }

    /// <summary>Budgets of single keys and agents.</summary>
    public required IReadOnlyList<OtherBudget> Others { get; init; }

    public required IReadOnlyList<AlertDeliveryView> Deliveries { get; init; }

    public required FormState Form { get; init; }

    public required string Tag { get; init; }

    /// <summary>The URL of this page, without its query.</summary>
    public required string Path { get; init; }

    /// <summary>The query string that selects the key or agent in URLs of this page; empty: the project.</summary>
    public string Query => Kind is null ? "" : $"?{Kind}={Uri.EscapeDataString(Id!)}";

    /// <summary>The filter for this month's usage and requests of this budget, for links to other pages of the project.</summary>
    public PageQuery SpendQuery => new PageQuery().Set("range", "month").Set(OwnerKind, Id);

    /// <summary>The API's word for what the budget belongs to: <c>project</c>, <c>key</c> or <c>agent</c>.</summary>
    public string OwnerKind => Kind ?? "project";
}

/// <param name="Name">Safe to show.</param>
/// <param name="Usd">Spend of this month.</param>
/// <param name="Unpriced">Number of requests with unknown cost.</param>
/// <param name="Path">The URL of a list of the requests; null: no list can show exactly these requests.</param>
public sealed record Spender(string Name, decimal Usd, long Unpriced, string? Path);

/// <param name="Kind"><c>key</c> or <c>agent</c>.</param>
/// <param name="Id">The id of the key or agent.</param>
/// <param name="Name">Safe to show.</param>
/// <param name="MonthlyUsd">The budget.</param>
/// <param name="SpentUsd">Recorded spend of this month.</param>
/// <param name="IsEnforced">False: the budget only sends alerts.</param>
public sealed record OtherBudget(string Kind, string Id, string Name, decimal MonthlyUsd, decimal SpentUsd, bool IsEnforced);
