using Microsoft.Extensions.Logging.Console;

namespace Cencori.Edge.Hosting;

/// <summary>
/// A wrapper of standard output that notices the last log line of the start. The console logger writes on its own thread, some time after the log call.
/// So output that must follow the log waits until that line was written.
/// </summary>
public sealed partial class StartOutput : TextWriter
{
    // The end of the last log line, the same in every log format.
    private const string LastLine = "has started.";

    // Maximum wait for the last log line. The wait reaches this maximum only if the console logger does not write that line through this class.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private static readonly Lazy<StartOutput> Installed = new(() =>
    {
        var output = new StartOutput(Console.Out);
        Console.SetOut(output);
        return output;
    });

    private readonly TextWriter _inner;
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StartOutput(TextWriter inner) => _inner = inner;

    public override System.Text.Encoding Encoding => _inner.Encoding;

    /// <summary>Replaces standard output. Call this before any log call.</summary>
    public static void Install() => _ = Installed.Value;

    /// <summary>Logs that the edge has started. The task completes when that line, and so every earlier line, is on the console; without a console logger, at once.</summary>
    public static async Task AfterLogAsync(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILogger<StartOutput>>();
        Log.Started(logger, HealthApi.Version);
        if (logger.IsEnabled(LogLevel.Information) && services.GetServices<ILoggerProvider>().Any(provider => provider is ConsoleLoggerProvider))
        {
            await Task.WhenAny(Installed.Value._passed.Task, Task.Delay(Timeout, TimeProvider.System));
        }
    }

    public override void Write(char value) => _inner.Write(value);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        _inner.Write(buffer);
        if (!_passed.Task.IsCompleted && buffer.Contains(LastLine, StringComparison.Ordinal))
        {
            _passed.TrySetResult();
        }
    }

    public override void Flush() => _inner.Flush();

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Information, "Cencori.Edge {Version} has started.", EventName = "Started")]
        public static partial void Started(ILogger logger, string version);
    }
}
