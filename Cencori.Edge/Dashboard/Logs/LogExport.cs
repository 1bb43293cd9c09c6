using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>
/// Exports the requests that a filter finds as a file. Reads and sends one page of rows at a time, so that each read is short. The last line
/// tells whether the file is complete.
/// </summary>
internal sealed partial class LogExport(LogReader logs, Changes changes, ILogger<LogExport> logger)
{
    private const int PageSize = 500;

    // Pause after each page of rows, as a multiple of the time that this page took. The pause is in real time and does not use the edge's clock.
    private const int PauseFactor = 2;

    // Maximum rows of one file. To export more, users export shorter periods one after the other.
    private const int MaxRows = 1_000_000;

    private static readonly EdgeError Running = new(ErrorKind.RateLimitExceeded, "Your last export is still running. Wait until it ends, or stop it, and try again.") { RetryAfter = TimeSpan.FromSeconds(10) };

    private readonly ConcurrentDictionary<string, bool> _running = new(StringComparer.Ordinal);

    /// <exception cref="RefusedException">Another export of the same user runs on this edge.</exception>
    public async Task<IResult> BeginAsync(PageRequest page, LogFilter filter, bool isCsv)
    {
        var who = page.User.UserId ?? page.User.Name;
        if (!_running.TryAdd(who, true))
        {
            throw new RefusedException(Running);
        }

        try
        {
            await changes.NoteAsync(page.Actor, new AuditEntry("logs.exported", page.Project.Id, page.Project.Id) { After = JsonSerializer.Serialize(new { format = isCsv ? "csv" : "json" }) });
            return new Download(this, who, page, filter, isCsv);
        }
        catch
        {
            _running.TryRemove(who, out _);
            throw;
        }
    }

    private async Task SendAsync(HttpContext context, PageRequest page, LogFilter filter, bool isCsv)
    {
        var response = context.Response;
        response.ContentType = isCsv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"requests-{page.Project.Slug}.{(isCsv ? "csv" : "jsonl")}\"";
        await using var text = new PageText();
        text.Write(isCsv ? string.Join(',', RecordColumns.All.Select(column => column.Member)) + "\r\n" : "");
        long count = 0;
        string? cut = null;
        try
        {
            for (var place = default(LogPosition); ;)
            {
                var began = TimeProvider.System.GetTimestamp();
                var read = await logs.ReadAsync(page.Project.Id, filter, place, PageSize, LogBudget.Api, page.Aborted);
                count += read.Rows.Count;
                foreach (var row in read.Rows)
                {
                    Write(text, row.Record, isCsv);
                }

                var took = TimeProvider.System.GetElapsedTime(began);
                await text.MoveToAsync(response.BodyWriter, page.Aborted);
                if (read.Older is not { } older || count >= MaxRows)
                {
                    cut = read.Older is null ? null : "there are more rows than one file may have; narrow the period";
                    break;
                }

                // The pause leaves database time for requests of callers.
                await Task.Delay(PauseFactor * took, TimeProvider.System, page.Aborted);
                place = new(older, IsNewer: false);
            }
        }
        catch (Exception exception) when (response.HasStarted && !page.Aborted.IsCancellationRequested)
        {
            Log.Broken(logger, exception);
            cut = "the database failed";
        }

        var reported = count.ToString(CultureInfo.InvariantCulture);
        text.Write(isCsv
            ? cut is null ? $"# whole: {reported} requests\r\n" : $"# cut off after {reported} requests: {cut}\r\n"
            : JsonSerializer.Serialize(new { whole = cut is null, requests = count, cut }) + "\n");
        await text.MoveToAsync(response.BodyWriter, page.Aborted);
    }

    private static void Write(PageText text, RequestRecord record, bool isCsv)
    {
        if (!isCsv)
        {
            text.Write(JsonSerializer.Serialize(new LogEntry(record), AdminJson.Options));
            text.Write('\n');
            return;
        }

        for (var index = 0; index < RecordColumns.All.Count; index++)
        {
            text.Write(index == 0 ? "" : ",");
            text.Write(LogField.Of(RecordColumns.All[index], record));
        }

        text.Write("\r\n");
    }

    private sealed class Download(LogExport export, string who, PageRequest page, LogFilter filter, bool isCsv) : IResult
    {
        public async Task ExecuteAsync(HttpContext context)
        {
            try
            {
                await export.SendAsync(context, page, filter, isCsv);
            }
            finally
            {
                export._running.TryRemove(who, out _);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(155, LogLevel.Warning, "An export of requests was cut off.", EventName = "ExportBroken")]
        public static partial void Broken(ILogger logger, Exception exception);
    }
}
