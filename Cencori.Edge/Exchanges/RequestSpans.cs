using System.Diagnostics;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Exchanges;

/// <summary>Writes the data of a record to the request's span. That is the server's own span, so tracing adds no further span.</summary>
public static class RequestSpans
{
    /// <summary>Maximum length of a model name on a span, in characters. Callers can send any length; a longer name is cut.</summary>
    private const int LongestModel = 128;

    /// <param name="span">The request's server span. Null if nothing traces: then nothing is done.</param>
    /// <param name="record">The complete record.</param>
    public static void Finish(Activity? span, RequestRecord record)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        span.SetTag("cencori.project.id", record.ProjectId);
        span.SetTag("cencori.key.id", record.KeyId);
        span.SetTag("cencori.request.id", record.RequestId);
        span.SetTag(GenAi.AgentId, record.AgentId);
        span.SetTag("cencori.prompt.name", record.Prompt);
        span.SetTag("cencori.prompt.version", record.PromptVersion);
        span.SetTag("cencori.outcome", GenAi.Outcome(record.Outcome));
        span.SetTag(GenAi.ErrorType, GenAi.Error(record));
        if (record.Provider is not { } provider)
        {
            return;
        }

        span.SetTag(GenAi.OperationName, GenAi.Operation(record.Endpoint));
        span.SetTag(GenAi.ProviderName, GenAi.Provider(provider));
        span.SetTag(GenAi.RequestModel, Bounded(record.ModelAsked));
        span.SetTag(GenAi.ResponseModel, Bounded(record.ModelServed));
        if (record.PromptTokens > 0 || record.CompletionTokens > 0)
        {
            span.SetTag(GenAi.InputTokens, record.PromptTokens);
            span.SetTag(GenAi.OutputTokens, record.CompletionTokens);
            span.SetTag(GenAi.CachedTokens, record.CachedTokens > 0 ? record.CachedTokens : null);
            span.SetTag("cencori.usage.estimated", record.IsEstimated ? true : null);
        }
    }

    private static string? Bounded(string? model) => model?.Length > LongestModel ? model[..LongestModel] : model;
}
