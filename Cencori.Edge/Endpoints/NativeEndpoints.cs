using Cencori.Edge.Errors;

namespace Cencori.Edge.Endpoints;

/// <summary>
/// The native endpoints below <c>/api/ai</c>. Each one maps to a provider path below <c>/v1</c>, and copies the settings of that path's
/// row.
/// </summary>
internal sealed class NativeEndpoints
{
    public const string Base = "/api/ai";

    /// <summary>Prefix of the memory endpoints. The edge itself stores and searches the memory entries.</summary>
    public const string Memory = "/api/memory";

    /// <summary>The row of all memory paths.</summary>
    public static readonly EdgeEndpoint MemoryEndpoint = new(Memory, Operation.Memory, ErrorDialect.Flat) { Policy = AccessPolicy.Agents };

    /// <summary>The row of unknown paths below <c>/api</c>.</summary>
    public static readonly EdgeEndpoint UnknownPath = new("/api/*", Operation.Other, ErrorDialect.Flat) { IsUnimplemented = true };

    private readonly (string Method, string Path, EdgeEndpoint Row)[] _entries;

    /// <param name="sibling">Finds the row of the endpoint table for <c>POST /v1</c> + the given path.</param>
    public NativeEndpoints(Func<string, EdgeEndpoint> sibling)
    {
        _entries =
        [
            PostRow("/chat", "/chat/completions", row => row with { Native = NativeShape.Chat }),
            PostRow("/rag", "/chat/completions", row => row with { Native = NativeShape.Sources }),
            PostRow("/completions", "/completions"),
            PostRow("/embeddings", "/embeddings"),

            // Each DefaultModel is the model that Cencori's own SDKs use by default for the endpoint.
            PostRow("/images/generate", "/images/generations", row => row with { Native = NativeShape.Images, NeedsModel = true, DefaultModel = "dall-e-3" }),
            PostRow("/moderation", "/moderations", row => row with { NeedsModel = true, DefaultModel = "omni-moderation-latest" }),
            PostRow("/audio/speech", "/audio/speech", row => row with { NeedsModel = true, DefaultModel = "tts-1" }),
            PostRow("/audio/transcriptions", "/audio/transcriptions", row => row with { DefaultModel = "whisper-1" }),
            Listed("/audio/speech"),
            Listed("/audio/transcriptions"),
        ];

        (string, string, EdgeEndpoint) PostRow(string path, string providers, Func<EdgeEndpoint, EdgeEndpoint>? more = null)
        {
            var row = sibling(providers) with { Name = $"POST {Base}{path}", Errors = ErrorDialect.Flat, ProviderPath = providers };
            return ("POST", path, more?.Invoke(row) ?? row);
        }

        static (string, string, EdgeEndpoint) Listed(string path) =>
            ("GET", path, new($"GET {Base}{path}", Operation.Models, ErrorDialect.Flat) { Policy = AccessPolicy.DataPlane });
    }

    public IEnumerable<EdgeEndpoint> Rows => _entries.Select(entry => entry.Row);

    /// <param name="method">The method as sent.</param>
    /// <param name="path">The part after <see cref="Base"/>.</param>
    public EdgeEndpoint Find(string method, ReadOnlySpan<char> path)
    {
        path = path.TrimEnd('/');
        string? allowed = null;
        foreach (var entry in _entries)
        {
            if (!path.Equals(entry.Path, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (method.Equals(entry.Method, StringComparison.OrdinalIgnoreCase))
            {
                return entry.Row;
            }

            allowed = allowed is null ? entry.Method : $"{allowed}, {entry.Method}";
        }

        return allowed is null ? UnknownPath : UnknownPath with { IsUnimplemented = false, AllowedMethods = allowed };
    }
}
