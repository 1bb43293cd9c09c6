using System.Diagnostics;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges;

/// <summary>Puts what is kept of a request on its span: the server's own, so that a traced request costs no span more.</summary>
public static class RequestSpans
{
    /// <summary>Longest model name on a span, in characters; callers write what they like.</summary>
    private const int LongestModel = 128;

    /// <param name="span">The request's server span; null, as it is while nobody traces: nothing is done.</param>
    /// <param name="record">Complete.</param>
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
