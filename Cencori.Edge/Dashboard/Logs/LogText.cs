using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Describes values of a request's record in words.</summary>
public static class LogText
{
    public static string Outcome(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Success => "Success",
        RequestOutcome.SuccessFallback => "Fallback",
        RequestOutcome.Error => "Error",
        RequestOutcome.RateLimited => "Rate limited",
        RequestOutcome.Filtered => "Filtered",
        RequestOutcome.Cancelled => "Cancelled",
        RequestOutcome.Shadow => "Shadow",
        _ => "Unknown",
    };

    /// <summary>The CSS class of an outcome's badge.</summary>
    public static string Tone(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Success or RequestOutcome.SuccessFallback => "good",
        RequestOutcome.RateLimited or RequestOutcome.Filtered or RequestOutcome.Cancelled => "warn",
        RequestOutcome.Shadow => "",
        _ => "bad",
    };

    /// <summary>The cost and its tooltip. An unknown cost is never shown as a number.</summary>
    public static (string Text, string? Title) Cost(RequestRecord record) => record switch
    {
        { CostUsd: { } usd } => (Numbers.Usd(usd), $"${usd.ToString("0.############", System.Globalization.CultureInfo.InvariantCulture)}" + (record.CostSource == CostSource.Provider ? ", as the provider said" : "")),
        { CostSource: CostSource.Later } => ("later", "The provider still works on this request in the background. The cost is known when the work ends."),
        { Provider: null } => ("–", "Nothing was sent to a provider."),
        _ => ("unpriced", "There is no price for this model."),
    };

    public static string Tokens(RequestRecord record) => record.PromptTokens == 0 && record.CompletionTokens == 0 ? "–"
        : $"{(record.IsEstimated ? "~" : "")}{Numbers.Count(record.PromptTokens)} → {Numbers.Count(record.CompletionTokens)}";

    public static TimeSpan Microseconds(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static IEnumerable<(string Word, string Title)> Flags(RequestRecord record)
    {
        if (record.IsStream)
        {
            yield return ("stream", "The response was a stream");
        }

        if (record.Retries > 0)
        {
            yield return ($"{record.Retries} more {(record.Retries == 1 ? "try" : "tries")}", "Attempts after the first");
        }

        if (record.Outcome == RequestOutcome.SuccessFallback)
        {
            yield return ("fallback", "Served by another provider or model than the first choice");
        }

        if (record.IsEstimated)
        {
            yield return ("estimated", "The provider reported no usage; the edge counted the tokens of the response");
        }

        if (record is { CostUsd: null, Provider: not null, CostSource: CostSource.Prices })
        {
            yield return ("unpriced", "There is no price for this model");
        }

        if (record.Environment == KeyEnvironment.Test)
        {
            yield return ("test", "With a key of the test environment");
        }
    }

    /// <summary>The name of a filter for the list of filters in force.</summary>
    public static string Filter(string name) => name switch
    {
        "model" => "Model",
        "served" => "Served by model",
        "provider" => "Provider",
        "key" => "Key",
        "agent" => "Agent",
        "prompt" => "Prompt",
        "route" => "Route",
        "rule" => "Policy rule",
        "endpoint" => "Endpoint",
        "error" => "Error",
        "env" or "environment" => "Environment",
        "status" => "Result",
        "unpriced" => "Unpriced",
        _ => name,
    };
}
