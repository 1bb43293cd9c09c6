using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Budgets;

public sealed partial class BudgetLedger
{
    /// <summary>Number of calls to Redis at the start.</summary>
    internal const int WarmUps = 30;

    // Maximum time that a stopping edge waits until Redis has its last reports, and until its alerts are sent.
    private static readonly TimeSpan FinalReportTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FinalReportInterval = TimeSpan.FromMilliseconds(20);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_redis?.IsAvailable == true)
        {
            await WarmUpAsync(_redis);
        }

        _renewal = _time.CreateTimer(_ => Renew(), null, RenewInterval, RenewInterval);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _renewal?.Dispose();
        _alerts.Stop();
        using var timeout = new CancellationTokenSource(FinalReportTimeout, _time);
        while ((MustReport() || _alerts.AreRunning) && !timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            if (MustReport())
            {
                Renew();
            }

            await Task.Delay(FinalReportInterval, TimeProvider.System, CancellationToken.None);
        }

        _alerts.WarnIfRunning();
    }

    private bool MustReport() => _redis?.IsAvailable == true && _accounts.Values.Any(account => !account.IsIdle());

    // Runs this code path once at start: its first run compiles the code, which takes longer than a request may wait for Redis.
    private async Task WarmUpAsync(SharedSpend redis)
    {
        var budget = new Budget(new BudgetRecord { ProjectId = "start", KeyId = "", MonthlyUsd = 1, SetAt = default }, webhookSecret: null);
        var month = new BillingMonth(1, 1);
        var scope = new BudgetScope("") { Budget = budget };
        scope.Learn(default(SpendSums), budget.SetAt);
        await redis.StartAsync(new SpendCall([scope], []), "start", month);
        var account = new BudgetAccount("start", month, new SpendRecords(new NoSpendHistory(), _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<SpendRecords>.Instance), redis, _alerts);
        for (var i = 0; i < WarmUps && redis.IsAvailable; i++)
        {
            var (request, _) = await account.ReserveAsync(budget, null, "", 1);
            account.End(request!, 0);
        }
    }

    private void Renew()
    {
        var month = BillingMonth.Of(_time.GetUtcNow());
        foreach (var (key, account) in _accounts)
        {
            account.Renew();
            if (key.Month != month && account.IsIdle())
            {
                _accounts.TryRemove(key, out _);
            }
        }
    }
}
