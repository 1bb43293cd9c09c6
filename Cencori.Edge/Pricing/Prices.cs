using System.Diagnostics.Metrics;
using Cencori.Edge.Files;
using Cencori.Edge.Metering;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Pricing;

/// <summary>
/// The prices from prices.json and from projects' own settings. The edge follows changes of the file. A missing or invalid file
/// leaves the old prices in force, and is reported in the log and in <see cref="CounterName"/>.
/// </summary>
public sealed partial class Prices : IHostedService, IDisposable
{
    public const string CounterName = "cencori.edge.prices.reloads";

    private readonly FollowedFile _file;
    private readonly ILogger<Prices> _logger;
    private readonly ReloadCounter _reloads;
    private volatile PriceTable? _table;
    private volatile string? _fault;

    public Prices(IMeterFactory meters, TimeProvider time, ILogger<Prices> logger)
        : this(FollowedFile.Locate(PriceFile.FileName, time), meters, logger)
    {
    }

    internal Prices(FollowedFile file, IMeterFactory meters, ILogger<Prices> logger)
    {
        _file = file;
        _logger = logger;
        _reloads = new ReloadCounter(meters, CounterName, "Changes of the list of prices, by outcome.");
    }

    /// <summary>Full path of the file.</summary>
    public string FullPath => _file.FullPath;

    /// <summary>Why the last change was refused, as a message for the operator. Null: the last change is in force.</summary>
    public string? Fault => _fault;

    /// <summary>The newest <c>as_of</c> date in the file. Null: the file has none.</summary>
    public DateOnly? NewestAsOf => _table?.Entries.Max(price => price.AsOf);

    /// <summary>The providers with a price in the file.</summary>
    public IEnumerable<string> Providers => _table?.Entries.Select(price => price.Provider).Distinct(StringComparer.Ordinal) ?? [];

    /// <summary>
    /// The cost of a usage in US dollars, at the prices that apply on the day of <paramref name="at"/>. The project's own price takes precedence
    /// over a price in the file. <paramref name="model"/> is the name as sent to the provider. Null: the cost is unknown, which does not mean
    /// that the usage is free.
    /// </summary>
    public decimal? Cost(ProjectSnapshot project, string provider, string? model, in TokenUsage usage, DateTimeOffset at) =>
        TryCost(project, provider, model, usage, at, out var cost) ? cost : null;

    /// <summary>Computes the cost as <see cref="Cost"/> does.</summary>
    /// <returns>False: the model has no price. True with null in <paramref name="cost"/>: the model has a price, but not for every part of the usage.</returns>
    public bool TryCost(ProjectSnapshot project, string provider, string? model, in TokenUsage usage, DateTimeOffset at, out decimal? cost)
    {
        var price = Find(project, provider, model, usage, at);
        cost = price is null ? null : usage.At(price);
        return price is not null;
    }

    /// <exception cref="Storage.Startup.StartupException">The file cannot be used.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _file.Follow(Use, Refuse);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _file.Dispose();

    private ModelPrice? Find(ProjectSnapshot project, string provider, string? model, in TokenUsage usage, DateTimeOffset at) => model is null ? null
        : project.Prices.Find(provider, model, at, usage.ServiceTier, usage.PromptTokens) ?? _table?.Find(provider, model, at, usage.ServiceTier, usage.PromptTokens);

    private void Use(byte[] content)
    {
        var table = PriceFile.Parse(content);
        var isChange = _table is not null;
        (_table, _fault) = (table, null);
        if (isChange)
        {
            _reloads.Applied();
            Log.Applied(_logger, table.Entries.Count);
        }
    }

    private void Refuse(Exception exception)
    {
        _fault = exception is FormatException ? exception.Message : "It cannot be read.";
        _reloads.Refused();
        Log.Refused(_logger, exception.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(80, LogLevel.Information, "A change of prices.json is in force: {Prices} prices.", EventName = "PricesApplied")]
        public static partial void Applied(ILogger logger, int prices);

        [LoggerMessage(81, LogLevel.Error, "A change of prices.json was refused. The previous prices stay in force. {Reason}", EventName = "PricesRefused")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
