using System.Collections.Frozen;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>The path and the query of a request. What stands there cannot be masked without becoming another request: what would be is refused.</summary>
internal static class RequestAddress
{
    // Who decodes a text once more than it was written finds something else in it.
    private const int MaxDecoded = 2;

    private static readonly FrozenSet<string> Words = FrozenSet.ToFrozenSet(
    [
        "chat", "completions", "responses", "input_items", "input_tokens", "embeddings", "moderations", "images", "generations", "edits", "variations", "audio", "speech", "transcriptions", "translations",
        "models", "files", "uploads", "parts", "content", "batches", "fine_tuning", "jobs", "events", "checkpoints", "cancel", "complete", "pause", "resume", "threads", "messages", "runs", "steps", "assistants",
        "submit_tool_outputs", "vector_stores", "file_batches", "search", "realtime", "sessions", "client_secrets", "conversations", "items", "videos", "containers", "evals", "count_tokens", "rerank",
    ], StringComparer.Ordinal);

    /// <param name="exchange">Whose request it is.</param>
    /// <param name="model">That is known to be one. Null: what the path calls so is not.</param>
    /// <param name="screen">Looks at it.</param>
    /// <param name="set">The policies.</param>
    /// <param name="findings">Is told what was found.</param>
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
            // Sessions have their model there.
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
