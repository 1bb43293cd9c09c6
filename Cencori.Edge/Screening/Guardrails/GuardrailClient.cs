using System.Collections.Concurrent;
using Cencori.Edge.Egress;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Asks guardrails to check texts. A failure, or the guardrail's timeout, becomes a verdict and never an exception.</summary>
public sealed partial class GuardrailClient(GuardrailConnection connection, GuardrailMeters meters, TimeProvider time, ILogger<GuardrailClient> logger)
{
    private const int MaxBreakers = 10_000;
    private const double PresidioThreshold = 0.5;

    // Maximum number of concurrent calls for one request: Presidio checks only one text per call.
    private const int AtOnce = 8;

    private readonly ConcurrentDictionary<string, GuardrailBreaker> _breakers = new(StringComparer.Ordinal);
    private readonly ThrottledWarnings _failed = new(time);

    /// <summary>Asks all guardrails at the same time.</summary>
    /// <param name="requests">The requests to the guardrails, one for each guardrail.</param>
    /// <param name="isResponse">True when the texts are model output.</param>
    /// <param name="project">The project whose guardrails are asked.</param>
    /// <param name="environment">Environment of the request's key.</param>
    /// <param name="isTrial">True for a test by an administrator: ignores open circuits, and records no metrics and no warnings.</param>
    /// <param name="cancellation">Cancels the calls.</param>
    /// <returns>The verdicts, in the order of <paramref name="requests"/>.</returns>
    internal async Task<IReadOnlyList<GuardrailVerdict>> CheckAsync(IReadOnlyList<GuardrailRequest> requests, bool isResponse, ProjectSnapshot project, KeyEnvironment environment, bool isTrial, CancellationToken cancellation) =>
        await Task.WhenAll(requests.Select(request => CheckAsync(request, isResponse, project, environment, isTrial, cancellation)));

    private async Task<GuardrailVerdict> CheckAsync(GuardrailRequest request, bool isResponse, ProjectSnapshot project, KeyEnvironment environment, bool isTrial, CancellationToken cancellation)
    {
        var guardrail = request.Rule.Guardrail!;
        var from = time.GetTimestamp();
        var verdict = request.IsTooMuch ? Failed($"The guardrail would have to check more than {GuardedTexts.Max} texts, or more than {GuardedTexts.MaxBytes / 1024} KiB of text.")
            : guardrail.IsSecretLost ? Failed("No key of Secrets:MasterKey can decrypt the guardrail's secret. Store the secret again.")
            : isTrial ? await TryCheckAsync(request, isResponse, project, environment, new(time), cancellation)
            : await TryCheckAsync(request, isResponse, project, environment, BreakerOf(guardrail), cancellation);
        verdict = verdict with { Time = time.GetElapsedTime(from) };
        if (!isTrial)
        {
            meters.Record(guardrail.Type, verdict.Time, verdict.Fault is not null);
            if (verdict.Fault is { } fault && _failed.IsDue($"{project.Id} {request.Rule.Id}"))
            {
                Log.GuardrailFailed(logger, request.Rule.Id, project.Id, fault);
            }
        }

        return verdict;
    }

    private async Task<GuardrailVerdict> TryCheckAsync(GuardrailRequest request, bool isResponse, ProjectSnapshot project, KeyEnvironment environment, GuardrailBreaker breaker, CancellationToken cancellation)
    {
        if (!breaker.TryEnter())
        {
            return Failed("The guardrail failed many times in a row, and is not asked for a few seconds.");
        }

        using var deadline = new CancellationTokenSource(request.Rule.Guardrail!.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            var verdict = await SendAsync(request.Rule.Guardrail, request.Texts, isResponse, project, environment, linked.Token);
            breaker.Succeed();
            return verdict;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            breaker.Cancel();
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception exception) when (exception is GuardrailFaultException or HttpRequestException or IOException or OperationCanceledException)
        {
            breaker.Fail();
            return Failed(exception switch
            {
                GuardrailFaultException => exception.Message,
                OperationCanceledException => "The guardrail did not respond in time.",
                HttpRequestException { InnerException: RefusedAddressException refused } => refused.Message,
                HttpRequestException => "The guardrail cannot be reached.",
                _ => "The guardrail's response ended early.",
            });
        }
    }

    private async Task<GuardrailVerdict> SendAsync(Guardrail guardrail, IReadOnlyList<string> texts, bool isResponse, ProjectSnapshot project, KeyEnvironment environment, CancellationToken cancellation)
    {
        switch (guardrail.Type)
        {
            case GuardrailType.Http:
                return GuardrailWire.ReadHttp(await connection.PostAsync(guardrail, "", GuardrailWire.WriteHttp(texts, isResponse), cancellation), texts);
            case GuardrailType.OpenaiModeration:
                var body = GuardrailWire.WriteModeration(texts);
                var response = await (guardrail.Url is null ? connection.ModerateAsync(project, environment, body, cancellation) : connection.PostAsync(guardrail, "/moderations", body, cancellation));
                return GuardrailWire.ReadModeration(response, guardrail, texts.Count);
            default:
                return await AnalyzeAsync(guardrail, texts, cancellation);
        }
    }

    private async Task<GuardrailVerdict> AnalyzeAsync(Guardrail guardrail, IReadOnlyList<string> texts, CancellationToken cancellation)
    {
        var threshold = guardrail.ScoreThreshold ?? PresidioThreshold;
        var found = new IEnumerable<TextEdit>[texts.Count];
        await Parallel.ForAsync(0, texts.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (i, token) =>
            found[i] = GuardrailWire.ReadPresidio(await connection.PostAsync(guardrail, "/analyze", GuardrailWire.WritePresidio(guardrail, texts[i], threshold), token), guardrail, texts[i], threshold));
        var hits = found.SelectMany(static (edits, text) => edits.Select(edit => new GuardrailVerdict.Hit(text, edit))).ToList();
        return hits.Count == 0 ? GuardrailVerdict.Passed : new() { Hits = hits, Message = string.Join(", ", hits.Select(static hit => hit.Edit!.Value.With).Distinct().Take(10)) };
    }

    private GuardrailBreaker BreakerOf(Guardrail guardrail)
    {
        if (!_breakers.TryGetValue(guardrail.Key, out var breaker))
        {
            if (_breakers.Count >= MaxBreakers)
            {
                _breakers.Clear();
            }

            breaker = _breakers.GetOrAdd(guardrail.Key, static (_, time) => new(time), time);
        }

        return breaker;
    }

    private static GuardrailVerdict Failed(string fault) => new() { Fault = fault };

    private static partial class Log
    {
        [LoggerMessage(330, LogLevel.Warning, "The check by guardrail {Rule} of project {ProjectId} failed: {Fault}", EventName = "GuardrailFailed")]
        public static partial void GuardrailFailed(ILogger logger, string rule, string projectId, string fault);
    }
}
