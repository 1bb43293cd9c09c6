using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Exchanges;

/// <summary>The metrics that are computed from a request's record. While nothing collects the metrics, they cost almost nothing.</summary>
public sealed class RequestMetrics
{
    public const string RequestsName = "cencori.edge.requests";
    public const string AttemptsName = "cencori.edge.attempts";
    public const string FallbacksName = "cencori.edge.fallbacks";
    public const string OverheadName = "cencori.edge.overhead.duration";
    public const string TokensName = "gen_ai.client.token.usage";
    public const string CostName = "cencori.edge.cost";
    public const string DurationName = "gen_ai.server.request.duration";
    public const string FirstTokenName = "gen_ai.server.time_to_first_token";
    public const string PerTokenName = "gen_ai.server.time_per_output_token";

    private const double MicrosecondsPerSecond = 1e6;

    private static readonly string[] StatusClasses = [GenAi.Other, "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly ModelLabels _models;
    private readonly AgentLabels _agents;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _fallbacks;
    private readonly Histogram<double> _overhead;
    private readonly Histogram<long> _tokens;
    private readonly Counter<double> _cost;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;

    public RequestMetrics(IMeterFactory meters, ModelLabels models, AgentLabels agents)
    {
        (_models, _agents) = (models, agents);
        var meter = meters.Create(EdgeTelemetry.MeterName);
        _requests = meter.CreateCounter<long>(RequestsName, "{request}", "Requests with a valid key that have ended, by outcome and class of status.");
        _attempts = meter.CreateCounter<long>(AttemptsName, "{attempt}", "Attempts of requests that have more than one possible target, by how they ended.");
        _fallbacks = meter.CreateCounter<long>(FallbacksName, "{request}", "Requests that were sent to another target after the first one, by the reason.");
        _overhead = Seconds(meter, OverheadName, "The edge's own part of a request's duration.", 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1);

        // The bucket bounds that OpenTelemetry's semantic conventions advise.
        _tokens = meter.CreateHistogram(TokensName, "{token}", "Input and output tokens used.", tags: null, new InstrumentAdvice<long>
        {
            HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
        });
        _cost = meter.CreateCounter<double>(CostName, "{USD}", "Known cost of requests in US dollars.");
        _duration = Seconds(meter, DurationName, "From a request's arrival to its end, if a provider was chosen.", 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
        _firstToken = Seconds(meter, FirstTokenName, "From a request's arrival to the first byte of a streamed response.", 0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10);
        _perToken = Seconds(meter, PerTokenName, "Time per output token after the first of a streamed response.", 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5);
    }

    /// <summary>Call once for each request, when its record is complete.</summary>
    public void Record(RequestRecord record)
    {
        if (_requests.Enabled)
        {
            _requests.Add(1, new("outcome", GenAi.Outcome(record.Outcome)), new("status_class", StatusClass(record.Status)));
        }

        if (_overhead.Enabled && record.Outcome != RequestOutcome.Shadow)
        {
            _overhead.Record(record.EdgeMicroseconds / MicrosecondsPerSecond);
        }

        // A request without a provider used no model, and would make model requests look faster than they are.
        if (record.Provider is not null && (_tokens.Enabled || _cost.Enabled || _duration.Enabled || _firstToken.Enabled || _perToken.Enabled))
        {
            RecordProviderUse(record, record.Provider);
        }
    }

    /// <summary>Call for each attempt of a request that has more than one possible target.</summary>
    public void RecordAttempt(string provider, AttemptEnd end)
    {
        if (_attempts.Enabled)
        {
            _attempts.Add(1, new(GenAi.ProviderName, GenAi.Provider(provider)), new("outcome", AttemptRecords.Name(end)));
        }
    }

    /// <summary>Call for a request whose first attempt was not the last.</summary>
    /// <param name="provider">The provider of the first attempt.</param>
    /// <param name="reason">From the closed list of <see cref="Exchange.Fallback"/>.</param>
    /// <param name="route">The project's route; null: no route, the provider has several credentials.</param>
    public void RecordFallback(string provider, string reason, string? route)
    {
        if (_fallbacks.Enabled)
        {
            _fallbacks.Add(1, new(GenAi.ProviderName, GenAi.Provider(provider)), new("reason", reason), new("route", route ?? ""));
        }
    }

    internal static string StatusClass(int status) => status is >= 100 and < 600 ? StatusClasses[status / 100] : StatusClasses[0];

    private static Histogram<double> Seconds(Meter meter, string name, string description, params double[] bounds) =>
        meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private void RecordProviderUse(RequestRecord record, string provider)
    {
        var tags = new TagList { { GenAi.OperationName, GenAi.Operation(record.Endpoint) }, { GenAi.ProviderName, GenAi.Provider(provider) } };
        AddModel(ref tags, GenAi.RequestModel, record.ModelAsked);
        AddModel(ref tags, GenAi.ResponseModel, record.ModelServed);
        AddAgent(ref tags, record);

        if (_cost.Enabled && record.CostUsd is > 0 and var usd)
        {
            var ofCost = new TagList { { GenAi.ProviderName, GenAi.Provider(provider) }, { "environment", record.Environment == KeyEnvironment.Production ? "production" : "test" } };
            AddModel(ref ofCost, GenAi.ResponseModel, record.ModelServed);
            AddAgent(ref ofCost, record);
            _cost.Add((double)usd, ofCost);
        }

        RecordTokens(tags, "input", record.PromptTokens);
        RecordTokens(tags, "output", record.CompletionTokens);

        // The durations below measure the wait of callers, and a shadow request has no caller.
        if (record.Outcome == RequestOutcome.Shadow)
        {
            return;
        }

        // Only for streams: without streaming, the first byte comes after the last token.
        if (record.IsStream && record.Status < 400 && record.FirstByteMicroseconds is { } firstByte)
        {
            _firstToken.Record(firstByte / MicrosecondsPerSecond, tags);
            if (record.CompletionTokens > 1 && record.Outcome is RequestOutcome.Success or RequestOutcome.SuccessFallback)
            {
                _perToken.Record((record.DurationMicroseconds - firstByte) / MicrosecondsPerSecond / (record.CompletionTokens - 1), tags);
            }
        }

        if (GenAi.Error(record) is { } error)
        {
            tags.Add(GenAi.ErrorType, error);
        }
        else if (record.Status == StatusCodes.Status101SwitchingProtocols)
        {
            // A WebSocket lasts as long as its caller likes.
            return;
        }

        _duration.Record(record.DurationMicroseconds / MicrosecondsPerSecond, tags);
    }

    private void AddModel(ref TagList tags, string name, string? model)
    {
        if (model is not null)
        {
            tags.Add(name, _models.Of(model));
        }
    }

    private void AddAgent(ref TagList tags, RequestRecord record)
    {
        if (record.AgentId is { } agent)
        {
            tags.Add(GenAi.AgentId, _agents.Of(agent));
        }
    }

    private void RecordTokens(TagList tags, string type, long count)
    {
        if (count > 0)
        {
            tags.Add(GenAi.TokenType, type);
            _tokens.Record(count, tags);
        }
    }
}
