using System.Diagnostics.Metrics;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Pricing;

/// <summary>
/// What requests cost, by prices.json and by what projects have set instead. The file is followed while the edge runs; a file that
/// is gone or wrong leaves in force what was there before, and says so in the log and in <see cref="CounterName"/>.
/// </summary>
public sealed partial class Prices : IHostedService, IDisposable
{
    public const string CounterName = "cencori.edge.prices.reloads";

    /// <summary>How often the file is looked at.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger<Prices> _logger;
    private readonly Counter<long> _reloads;
    private readonly Lock _polling = new();
    private volatile PriceTable _table = PriceTable.Empty;
    private byte[] _seen = [];
    private bool _hasChanged;
    private ITimer? _poll;

    public Prices(IMeterFactory meters, TimeProvider time, ILogger<Prices> logger)
        : this(PriceFile.Locate(), meters, time, logger)
    {
    }

    internal Prices(string path, IMeterFactory meters, TimeProvider time, ILogger<Prices> logger)
    {
        _path = path;
        _time = time;
        _logger = logger;
        _reloads = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(CounterName, "{reload}", "Changes of the list of prices, by outcome.");
    }

    /// <summary>
    /// In US dollars, at the prices of that day: the project's own where it has one for the model, as it was sent to the provider,
    /// else the file's. Null: there is none, which does not mean that it is free.
    /// </summary>
    public decimal? Cost(ProjectSnapshot project, string provider, string? model, in BilledUsage usage, DateTimeOffset at) =>
        model is not null && (project.Prices.Find(provider, model, at) ?? _table.Find(provider, model, at)) is { } price ? usage.At(price) : null;

    /// <exception cref="StartupException">The file cannot be used.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _seen = File.ReadAllBytes(_path);
            _table = PriceFile.Parse(_seen);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartupException($"{PriceFile.FileName}: cannot use '{_path}': {exception.Message}", exception);
        }

        _poll = _time.CreateTimer(_ => Poll(), null, PollInterval, PollInterval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _poll?.Dispose();

    private void Poll()
    {
        lock (_polling)
        {
            try
            {
                var content = File.Exists(_path) ? File.ReadAllBytes(_path) : [];
                if (!content.AsSpan().SequenceEqual(_seen))
                {
                    // Editors write in several steps; what is the same at the next look is what they meant.
                    _seen = content;
                    _hasChanged = true;
                    return;
                }

                if (!_hasChanged)
                {
                    return;
                }

                _hasChanged = false;
                _table = PriceFile.Parse(content);
                _reloads.Add(1, new KeyValuePair<string, object?>("outcome", "applied"));
                Log.Applied(_logger, _table.Entries.Count);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
            {
                _hasChanged = false;
                _reloads.Add(1, new KeyValuePair<string, object?>("outcome", "refused"));
                Log.Refused(_logger, exception.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(80, LogLevel.Information, "A change of prices.json is in force: {Prices} prices.", EventName = "PricesApplied")]
        public static partial void Applied(ILogger logger, int prices);

        [LoggerMessage(81, LogLevel.Error, "A change of prices.json was refused; the prices before it stay in force. {Reason}", EventName = "PricesRefused")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
