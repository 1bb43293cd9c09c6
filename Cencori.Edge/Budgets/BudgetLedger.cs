using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Budgets;

/// <summary>
/// Enforces monthly budgets of projects, keys and agents: settled spend plus the highest possible cost of running requests stays within the
/// cap. Shared by all edges through Redis. While Redis is unavailable, each edge uses the spend in its own memory.
/// </summary>
public sealed partial class BudgetLedger : IRequestBudget, IHostedService, IDisposable
{
    public const string UnknownName = "cencori.edge.budgets.unknown";

    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(5);

    // The error of an enforced budget whose spend is unknown.
    private static readonly EdgeError NotKnown = EdgeError.Unavailable("The edge cannot read the spend of the budget at the moment.");

    private readonly ConcurrentDictionary<(string ProjectId, BillingMonth Month), BudgetAccount> _accounts = new();
    private readonly Prices _prices;
    private readonly ISpendHistory _history;
    private readonly SpendRecords _records;
    private readonly SharedSpend? _redis;
    private readonly BudgetAlerts _alerts;
    private readonly TimeProvider _time;
    private readonly Counter<long> _unknown;
    private readonly ThrottledWarning _unpriced;
    private readonly ILogger<BudgetLedger> _logger;
    private ITimer? _renewal;

    internal BudgetLedger(
        Prices prices, ISpendHistory history, SpendRecords records, SharedSpend? redis, BudgetAlerts alerts, TimeProvider time, IMeterFactory meters, ILogger<BudgetLedger> logger)
    {
        _unknown = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(UnknownName, "{request}", "Requests refused because the spend of an enforced budget was unknown.");
        _logger = logger;
        _unpriced = new(time);
        _prices = prices;
        _history = history;
        _records = records;
        _redis = redis;
        _alerts = alerts;
        _time = time;
    }

    public bool AppliesTo(Caller caller) =>
        ApplicableBudgets.Of(caller.Project.Budgets, caller.Key.Id, agent: null).AreEnforced;

    public ValueTask<BudgetReservation?> TryReserveAsync(HttpContext context, Caller caller, string provider, string? model, TokenUsage? usage, Agent? agent = null, decimal held = 0)
    {
        if (caller.Project.Budgets.Count == 0)
        {
            return new(BudgetReservation.None);
        }

        var budgets = ApplicableBudgets.Of(caller.Project.Budgets, caller.Key.Id, agent);
        if (budgets.IsEmpty)
        {
            return new(BudgetReservation.None);
        }

        var now = _time.GetUtcNow();
        var cost = 0m;
        if (usage is { } mayBeUsed)
        {
            var isPriced = _prices.TryCost(caller.Project, provider, model, mayBeUsed, now, out var max);
            if (!isPriced || (max is null && mayBeUsed.CompletionTokens > 0))
            {
                if (budgets.RefuseUnpriced)
                {
                    return RefuseAsync(context, provider, model);
                }

                WarnOfUnpriced(budgets, caller.Project.Id, provider, model);
            }

            cost = max ?? 0;
        }

        return held > 0 && held >= cost
            ? new(BudgetReservation.None)
            : ReserveAsync(context, AccountOf(caller.Project.Id, BillingMonth.Of(now)), budgets, Nanodollars.RoundUp(cost - held));
    }

    /// <summary>Prepares the settlement of background work: its real cost replaces the amount that was reserved when the work began.</summary>
    /// <param name="project">The project.</param>
    /// <param name="keyId">The key that began the work.</param>
    /// <param name="begunAt">When the work began.</param>
    /// <returns>A function that counts the reserved amount as released, and the cost as spent, both in US dollars.
    /// Call it only on the edge that has closed the work, so that no other edge counts the same amounts.</returns>
    public async Task<Action<decimal, decimal>> BeginExchangeAsync(ProjectSnapshot project, string keyId, DateTimeOffset begunAt)
    {
        var (ofProject, ofKey) = (project.Budgets.GetValueOrDefault(Budget.OfProject), project.Budgets.GetValueOrDefault(keyId));
        if (ofProject is null && ofKey is null)
        {
            return static (_, _) => { };
        }

        // Asks for the amount 0 in the month in which the work began, and in the current month. These calls bring the spend of all edges to this edge.
        var (then, now) = (AccountOf(project.Id, BillingMonth.Of(begunAt)), AccountOf(project.Id, BillingMonth.Of(_time.GetUtcNow())));
        var countThen = await then.BeginCountAsync(ofProject, ofKey, keyId);
        var countNow = await now.BeginCountAsync(ofProject, ofKey, keyId);
        return (reserved, cost) =>
        {
            then.End(countThen, 0, Nanodollars.From(reserved));
            now.End(countNow, Nanodollars.From(cost), 0);
        };
    }

    /// <summary>Spend of the current month in US dollars, with or without a budget.</summary>
    /// <param name="projectId">The project.</param>
    /// <param name="keyId">The key or agent. Null: all keys of the project together.</param>
    public async Task<decimal> SpentAsync(string projectId, string? keyId)
    {
        var month = BillingMonth.Of(_time.GetUtcNow());
        var known = _accounts.TryGetValue((projectId, month), out var account) ? account.Sums(keyId ?? Budget.OfProject) : default;
        SpendSums?[] all =
        [
            known,
            _redis is null ? null : (await _redis.ReadAsync(projectId, month, keyId ?? Budget.OfProject))?.Sums,
            await _history.ReadAsync(projectId, keyId, month.Start, month.End),
        ];

        // Each sum only rises, so the largest value is the latest.
        return new SpendSums(all.Max(sums => sums?.Counted ?? 0), all.Max(sums => sums?.Released ?? 0)).Spent;
    }

    public void Dispose() => _renewal?.Dispose();

    private BudgetAccount AccountOf(string projectId, BillingMonth month) =>
        _accounts.GetOrAdd((projectId, month), static (key, self) => new BudgetAccount(key.ProjectId, key.Month, self._records, self._redis, self._alerts), this);

    private async ValueTask<BudgetReservation?> ReserveAsync(HttpContext context, BudgetAccount account, ApplicableBudgets budgets, long amount)
    {
        var (request, refusedBy) = await account.ReserveAsync(budgets, amount);
        if (refusedBy is null)
        {
            return new Reservation(account, request!);
        }

        if (request is null)
        {
            _unknown.Add(1);
        }

        await context.Refuse(request is null ? NotKnown : Explain(refusedBy, amount, account.Month));
        return null;
    }

    private static async ValueTask<BudgetReservation?> RefuseAsync(HttpContext context, string provider, string? model)
    {
        await context.Refuse(new(ErrorKind.SpendCapReached, model is null
            ? "The budget refuses models without a price, and this request names no model."
            : $"The budget refuses models without a price, and '{model}' of '{provider}' has none.") { Param = "model" });
        return null;
    }

    private void WarnOfUnpriced(in ApplicableBudgets budgets, string projectId, string provider, string? model)
    {
        if (budgets.AreEnforced && _unpriced.IsDue())
        {
            Log.Unpriced(_logger, projectId, provider, model);
        }
    }

    private static EdgeError Explain(BudgetScope scope, long amount, BillingMonth month)
    {
        var budget = $"The {(scope.KeyId.Length == 0 ? "project" : Budget.IsOfAgent(scope.KeyId) ? "agent" : "key")}'s budget of {Usd.Text(scope.Budget.MonthlyUsd)} for {month}";
        var spent = Usd.Text(Nanodollars.ToUsd(scope.Spent));
        var others = scope.Spent + amount <= scope.Cap ? ", and the rest is reserved for running requests" : "";
        return new(ErrorKind.SpendCapReached, scope.Spent >= scope.Cap
            ? $"{budget} is used up: {spent} are spent."
            : $"{budget} has no room for this request, which may cost up to {Usd.Text(Nanodollars.ToUsd(amount))}: {spent} are spent{others}.")
        {
            Param = "monthly_budget_usd",
        };
    }

    private static partial class Log
    {
        [LoggerMessage(98, LogLevel.Warning, "Project {ProjectId} has an enforced budget and uses a model without a price, whose cost counts as 0: {Model} of {Provider}. Logged at most once a minute.", EventName = "UnpricedUse")]
        public static partial void Unpriced(ILogger logger, string projectId, string provider, string? model);
    }

    private sealed class Reservation(BudgetAccount account, BudgetRequest request) : BudgetReservation
    {
        private readonly Lock _lock = new();
        private long _spent = request.Amount;
        private long _released;
        private bool _isOver;

        public override decimal Usd => Nanodollars.ToUsd(request.Amount);

        public override void Settle(decimal? cost, decimal released)
        {
            lock (_lock)
            {
                _released = Nanodollars.From(released);
                _spent = (cost is { } usd ? Nanodollars.From(usd) : request.Amount) + _released;
            }
        }

        public override void Dispose()
        {
            lock (_lock)
            {
                if (_isOver)
                {
                    return;
                }

                _isOver = true;
            }

            account.End(request, _spent, _released);
        }
    }
}
