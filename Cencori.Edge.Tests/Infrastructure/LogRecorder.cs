using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Records every log line with its exception and structured values.</summary>
public sealed class LogRecorder : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <summary>
    /// Warnings and errors after the first <paramref name="before"/> lines, without those that a busy machine causes: late batches of records, and
    /// Kestrel's late heartbeat.
    /// </summary>
    public IEnumerable<LogLine> Faults(int before) =>
        Lines.Skip(before).Where(line => line.Level >= LogLevel.Warning && line.EventName is not ("RecordsSpooled" or "HeartbeatSlow"));

    public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, _lines);

    public void Dispose()
    {
    }

    public sealed record LogLine(string Category, LogLevel Level, string? EventName, string Text)
    {
        public override string ToString() => $"{Level} {Category} {EventName}: {Text}";
    }

    private sealed class Recorder(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}")) : "";
            lines.Enqueue(new LogLine(category, logLevel, eventId.Name, $"{formatter(state, exception)} {values} {exception}"));
        }
    }
}
