using System.Collections.Concurrent;
using System.Net;
using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.RateLimiting.Redis;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>The budgets of one edge, alone or with Redis, with a database for its alerts.</summary>
internal sealed class EdgeOfBudgets : IAsyncDisposable
{
    private static readonly BillingMonth Month = new(2026, 11);

    private readonly string _file = Path.GetTempFileName();
    private readonly SignedWebhook _webhook = new(new EgressGuard([IPNetwork.Parse("127.0.0.0/8")]), TimeProvider.System);
    private readonly LoggerFactory _loggers;
    private readonly string _project;
    private LimiterOfOneEdge? _limiter;

    private EdgeOfBudgets(string project)
    {
        _project = project;
        _loggers = new LoggerFactory([Logs]);
        Database = new Contexts(_file);
        Deliveries = new AlertDeliveries(Database, TimeProvider.System);
    }

    public LogRecorder Logs { get; } = new();

    public History Records { get; } = new();

    public Contexts Database { get; }

    public AlertDeliveries Deliveries { get; }

    public BudgetAlerts Alerts { get; private set; } = null!;

    public BudgetAccount Account { get; private set; } = null!;

    public LimiterOfOneEdge Limiter => _limiter!;

    /// <param name="redis">A configuration of StackExchange.Redis. Null: the edge is alone.</param>
    /// <param name="project">The project.</param>
    /// <param name="keyId">The key of the budget.</param>
    /// <param name="clock">The clock by which the claim of an alert is repeated. Null: the real one.</param>
    public static async Task<EdgeOfBudgets> StartAsync(string? redis = null, string project = "p", string keyId = "", TimeProvider? clock = null)
    {
        var edge = new EdgeOfBudgets(project);
        edge._limiter = redis is null ? null : await LimiterOfOneEdge.StartAsync(redis);
        await using (var database = edge.Database.CreateDbContext())
        {
            await database.Database.MigrateAsync();

            // As in the product: with a rollback journal, a read can make the commit of a write fail at once.
            await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL");
            database.Projects.Add(new ProjectRecord { Id = project, Name = project, Slug = project, CreatedAt = default });
            await database.SaveChangesAsync();
        }

        edge.Alerts = new BudgetAlerts(edge.Database, edge._webhook, edge.Deliveries, clock ?? TimeProvider.System, edge._loggers.CreateLogger<BudgetAlerts>());

        // Time stands still, so that no read is given up on a busy machine.
        var records = new SpendRecords(edge.Records, new FakeTimeProvider(), edge._loggers.CreateLogger<SpendRecords>());
        var shared = edge._limiter is { } limiter ? new SharedSpend(limiter.Connection, limiter.Availability, limiter.Deadline) : null;
        edge.Account = new BudgetAccount(project, Month, records, shared, edge.Alerts);
        return edge;
    }

    public static Budget BudgetOf(decimal usd, bool isEnforced = true, int[]? alerts = null, string? url = null, int version = 1) => new(
        new BudgetRecord
        {
            ProjectId = "p", KeyId = "", MonthlyUsd = usd, IsEnforced = isEnforced, Alerts = [.. alerts ?? []], WebhookUrl = url, SetAt = DateTimeOffset.UnixEpoch.AddSeconds(version),
        },
        "a-secret-of-the-webhook");

    /// <summary>Stores a setting of the budget, as the administration does. Alerts are claimed only for the stored setting.</summary>
    public async Task StoreAsync(Budget budget, string scope)
    {
        await using var database = Database.Open();
        await database.Budgets.Where(row => row.KeyId == scope).ExecuteDeleteAsync();
        database.Budgets.Add(new BudgetRecord { ProjectId = _project, KeyId = scope, MonthlyUsd = budget.MonthlyUsd, SetAt = budget.SetAt });
        await database.SaveChangesAsync();
    }

    /// <summary>Stores the budgets that send alerts, and reserves.</summary>
    /// <returns>Null: a budget refused the reservation.</returns>
    public async Task<BudgetRequest?> TryReserveAsync(Budget? ofProject, decimal usd, Budget? ofKey = null, string key = "k")
    {
        foreach (var (budget, scope) in new[] { (ofProject, Budget.OfProject), (ofKey, key) })
        {
            if (budget?.Alerts.Count > 0)
            {
                await StoreAsync(budget, scope);
            }
        }

        var (request, refusedBy) = await Account.ReserveAsync(ofProject, ofKey, key, Nanodollars.RoundUp(usd));
        return refusedBy is null ? request : null;
    }

    public void End(BudgetRequest? request, decimal usd) => Account.End(request!, Nanodollars.From(usd));

    public decimal Spent(string key = "") => Nanodollars.ToUsd(Account.Spent(key) ?? 0);

    public async ValueTask DisposeAsync()
    {
        if (_limiter is not null)
        {
            await _limiter.DisposeAsync();
        }

        Alerts.Dispose();
        await Eventually.IsTrueAsync(() => !Alerts.AreRunning);
        _webhook.Dispose();
        _loggers.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(_file);
    }

    /// <summary>Stored records that the test sets.</summary>
    public sealed class History : ISpendHistory
    {
        public decimal Spent { get; set; }

        public decimal Released { get; set; }

        public bool IsAway { get; set; }

        /// <summary>The reads so far.</summary>
        public ConcurrentQueue<(string Project, string? Key, DateTimeOffset From, DateTimeOffset Until)> Reads { get; } = [];

        public Task<SpendSums> ReadAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until)
        {
            Reads.Enqueue((projectId, keyId, from, until));
            return IsAway ? Task.FromException<SpendSums>(new TimeoutException()) : Task.FromResult(new SpendSums(Spent, Released));
        }
    }

    /// <summary>The edge's database, which a test can make fail.</summary>
    public sealed class Contexts(string file) : IDbContextFactory<EdgeDbContext>
    {
        private Action? _beforeSave;
        private int _opened;
        private int _saves;

        /// <summary>Whether each of the next uses of the database fails. Further uses succeed.</summary>
        public ConcurrentQueue<bool> Outages { get; } = [];

        /// <summary>Number of uses so far.</summary>
        public int Opened => Volatile.Read(ref _opened);

        /// <summary>Number of attempts to write so far.</summary>
        public int Saves => Volatile.Read(ref _saves);

        /// <summary>Runs once, before the next write: what another edge does between this edge's read and its write.</summary>
        public void InterruptNextSave(Action action) => _beforeSave = action;

        /// <summary>A context of the test itself, which always succeeds and is not counted.</summary>
        public EdgeDbContext Open() => new SqliteEdgeDbContext(new DbContextOptionsBuilder<SqliteEdgeDbContext>().UseSqlite($"Data Source={file}").Options);

        public EdgeDbContext CreateDbContext()
        {
            Interlocked.Increment(ref _opened);
            if (Outages.TryDequeue(out var isAway) && isAway)
            {
                throw new IOException("The database is away.");
            }

            var context = Open();
            context.SavingChanges += (_, _) =>
            {
                Interlocked.Increment(ref _saves);
                Interlocked.Exchange(ref _beforeSave, null)?.Invoke();
            };
            return context;
        }
    }
}
