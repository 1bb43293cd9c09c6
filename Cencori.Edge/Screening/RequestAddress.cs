using System.Collections.Frozen;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Documents;

namespace Cencori.Edge.Screening;

/// <summary>Scans the path and query of a request. Findings that should be masked are blocked, because a mask would turn the request into another one.</summary>
internal static class RequestAddress
{
    // How often the text is URL-decoded and scanned again: a server that decodes once more could read other content.
    private const int MaxDecoded = 2;

    private static readonly FrozenSet<string> Words = FrozenSet.ToFrozenSet(
    [
        "chat", "completions", "responses", "input_items", "input_tokens", "embeddings", "moderations", "images", "generations", "edits", "variations", "audio", "speech", "transcriptions", "translations",
        "models", "files", "uploads", "parts", "content", "batches", "fine_tuning", "jobs", "events", "checkpoints", "cancel", "complete", "pause", "resume", "threads", "messages", "runs", "steps", "assistants",
        "submit_tool_outputs", "vector_stores", "file_batches", "search", "realtime", "sessions", "client_secrets", "conversations", "items", "videos", "containers", "evals", "count_tokens", "rerank",
    ], StringComparer.Ordinal);

    /// <param name="exchange">The exchange of the request.</param>
    /// <param name="model">A known model, which is not scanned. Null: the model in the path is not known, so it is scanned.</param>
    /// <param name="screen">Scans the texts.</param>
    /// <param name="set">The policies.</param>
    /// <param name="findings">Receives the findings.</param>
    public static void Scan(Exchange exchange, string? model, BodyScreen screen, PolicySet set, PolicyFindings findings)
    {
        var segments = exchange.Rest.Value?.Split('/', StringSplitOptions.RemoveEmptyEntries) ?? [];
        ScanDecoded(string.Join('/', segments.Where(static segment => !Words.Contains(segment))), "(path)", screen, set, findings);
        if (exchange.Deployment is { } deployment && deployment != model)
        {
            findings.HidesModel |= ScanDecoded(deployment, "(model)", screen, set, findings);
        }

        if (exchange.Context.Request.QueryString.Value is { Length: > 1 } query)
        {
            // The query may contain the model name, as for sessions. If the query has a finding, the name is not recorded.
            findings.HidesModel |= ScanDecoded(Uri.UnescapeDataString(query.Replace('+', ' ')), "(query)", screen, set, findings);
        }
    }

    private static bool ScanDecoded(string text, string where, BodyScreen screen, PolicySet set, PolicyFindings findings)
    {
        var blocks = false;
        for (var times = 0; text.Length > 0 && times < MaxDecoded; times++)
        {
            blocks |= Scan(text, where, screen, set, findings);
            var decoded = text.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(text) : text;
            if (decoded == text)
            {
                break;
            }

            text = decoded;
        }

        return blocks;
    }

    private static bool Scan(string text, string where, BodyScreen screen, PolicySet set, PolicyFindings findings)
    {
        var blocks = false;
        foreach (var hit in screen.ScanPlain(text, set.Input))
        {
            var action = InputScreen.Fixed(hit.Rule, hit.Rule.ActionFor(PolicyRoles.User, isEmbedded: false), isFixed: true);
            if (action != PolicyAction.Off)
            {
                findings.Add(hit.Rule, isOutput: false, action, where);
                blocks |= action == PolicyAction.Block;
            }
        }

        return blocks;
    }
}
