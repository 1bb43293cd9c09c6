using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Budgets;

/// <summary>All that the page of a budget shows.</summary>
public sealed class BudgetModel
{
    public required BudgetView Budget { get; init; }

    /// <summary>Set aside for requests that run, in US dollars; null: nobody counts it, as there is no budget or nothing has been asked for since it was set.</summary>
    public required decimal? InFlightUsd { get; init; }

    /// <summary>When the month ends.</summary>
    public required DateTimeOffset Resets { get; init; }

    /// <summary>Null: too little is known.</summary>
    public required BudgetForecast? Forecast { get; init; }

    /// <summary>The database was too busy to tell the forecast, who spends it, or other budgets.</summary>
    public required bool IsBusy { get; init; }

    /// <summary>Whose it is: <c>key</c> or <c>agent</c>; null: the project's.</summary>
    public required string? Kind { get; init; }

    /// <summary>Of the key or agent.</summary>
    public required string? Id { get; init; }

    /// <summary>Of it, safe to be shown.</summary>
    public required string? Name { get; init; }

    /// <summary>Who spends it, the most first.</summary>
    public required IReadOnlyList<Spender> Keys { get; init; }

    public required IReadOnlyList<Spender> Models { get; init; }

    /// <summary>Keys and agents that have a budget of their own.</summary>
    public required IReadOnlyList<OtherBudget> Others { get; init; }

    public required IReadOnlyList<AlertDeliveryView> Deliveries { get; init; }

    public required FormState Form { get; init; }

    public required string Tag { get; init; }

    /// <summary>Of this page, without its query.</summary>
    public required string Path { get; init; }

    /// <summary>What names the key or agent in the query; empty: the project.</summary>
    public string Query => Kind is null ? "" : $"?{Kind}={Uri.EscapeDataString(Id!)}";

    /// <summary>What has been spent this month, in usage and in requests, from the project's path on.</summary>
    public PageQuery Spent => new PageQuery().Set("range", "month").Set(Whose, Id);

    /// <summary>What the API calls it.</summary>
    public string Whose => Kind ?? "project";
}

/// <param name="Name">Safe to be shown.</param>
/// <param name="Usd">This month.</param>
/// <param name="Unpriced">Requests whose cost nobody knows.</param>
/// <param name="Path">Where its requests are; null: nowhere.</param>
public sealed record Spender(string Name, decimal Usd, long Unpriced, string? Path);

/// <param name="Kind"><c>key</c> or <c>agent</c>.</param>
/// <param name="Id">Of it.</param>
/// <param name="Name">Safe to be shown.</param>
/// <param name="MonthlyUsd">What it may spend.</param>
/// <param name="SpentUsd">This month, as far as it is written down.</param>
/// <param name="IsEnforced">False: it only alerts.</param>
public sealed record OtherBudget(string Kind, string Id, string Name, decimal MonthlyUsd, decimal SpentUsd, bool IsEnforced);
