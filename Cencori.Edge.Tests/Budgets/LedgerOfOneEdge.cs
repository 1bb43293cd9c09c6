using System.Collections.Frozen;
using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>A ledger on a fake clock that starts a minute before the end of a month.</summary>
internal sealed class LedgerOfOneEdge : IAsyncDisposable
{
    private static readonly Agent Agent = new(new AgentRecord { Id = "agt_1", ProjectId = "p", Name = "a", CreatedAt = default });

    /// <param name="redis">Null: the ledger has no Redis. Calls to it time out after an hour.</param>
    /// <param name="alerts">Null: the ledger's own, which have no database.</param>
    public LedgerOfOneEdge(RedisConnection? redis = null, BudgetAlerts? alerts = null)
    {
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Clock)
            .AddMetrics()
            .AddLogging(logging => logging.AddProvider(Logs))
            .AddPrices()
            .AddBudgets(new ConfigurationBuilder().AddInMemoryCollection([new(RedisOptions.Setting, redis is null ? null : "redis")]).Build())
            .AddSingleton<ISpendHistory>(Records)
            .AddSingleton(new EgressGuard([]))
            .AddSingleton<SignedWebhook>()
            .AddSingleton<IDbContextFactory<EdgeDbContext>, NoDatabase>();
        if (redis is not null)
        {
            services.AddSingleton(redis);
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisAvailability>(provider, "a setting"));
            services.AddSingleton(new RedisDeadline(TimeSpan.FromHours(1), Clock));
        }

        if (alerts is not null)
        {
            services.AddSingleton(alerts);
        }

        Services = services.BuildServiceProvider();
    }

    /// <summary>The time at which every budget was set.</summary>
    public static DateTimeOffset SetAt => DateTimeOffset.UnixEpoch;

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 30, 23, 59, 0, TimeSpan.Zero));

    public EdgeOfBudgets.History Records { get; } = new();

    public LogRecorder Logs { get; } = new();

    public ServiceProvider Services { get; }

    public BudgetLedger Ledger => Services.GetRequiredService<BudgetLedger>();

    public BillingMonth Month => BillingMonth.Of(Clock.GetUtcNow());

    public static TokenUsage Usage(long tokens) => new(0, 0, tokens, IsEstimated: true);

    public static Caller CallerWith(params (string KeyId, decimal Usd)[] budgets) => CallerWith(isEnforced: true, refuses: false, budgets);

    public static Caller CallerWith(bool isEnforced, bool refuses, params (string KeyId, decimal Usd)[] budgets) => new(
        new() { Id = "key_1", ProjectId = "p", Type = KeyType.Secret, Environment = KeyEnvironment.Production, AllowedDomains = [], AllowedModels = null, ExpiresAt = null, IsRevoked = false },
        new()
        {
            Id = "p",
            ModelAliases = FrozenDictionary<string, string>.Empty,
            RateLimits = RateLimits.Default,
            Credentials = [],
            Prices = new([new() { Provider = "openai", Model = "gpt-4o", Input = 0, Output = 1_000_000 }]),
            Budgets = budgets.ToFrozenDictionary(budget => budget.KeyId, budget => BudgetOf(budget.Usd, isEnforced, refuses)),
        });

    public HttpContext Context() => new Exchange(new DefaultHttpContext(), Clock).Context;

    public ValueTask<BudgetReservation?> ReserveAsync(Caller caller, long usd) => Ledger.TryReserveAsync(Context(), caller, "openai", "gpt-4o", Usage(usd), Agent);

    public async Task<string> RefusedAsync(Caller caller, long usd)
    {
        var context = Context();
        Assert.Null(await Ledger.TryReserveAsync(context, caller, "openai", "gpt-4o", Usage(usd), Agent));
        var error = context.GetRefusal()!;
        Assert.Equal((ErrorKind.SpendCapReached, "monthly_budget_usd"), (error.Kind, error.Param));
        return error.Message;
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();

    private static Budget BudgetOf(decimal usd, bool isEnforced = true, bool refuses = false) =>
        new(new() { ProjectId = "p", KeyId = "", MonthlyUsd = usd, IsEnforced = isEnforced, RefusesUnpriced = refuses, SetAt = SetAt }, webhookSecret: null);

    /// <summary>No budget in this test has a threshold, so no alert needs the database.</summary>
    private sealed class NoDatabase : IDbContextFactory<EdgeDbContext>
    {
        public EdgeDbContext CreateDbContext() => throw new NotSupportedException();
    }
}
