using Cencori.Edge.Errors;

namespace Cencori.Edge.Endpoints;

/// <summary>
/// What the native endpoint has below <c>/api/ai</c>. Each is what providers have below <c>/v1</c> by another name, and whatever depends on the
/// endpoint is as it is there.
/// </summary>
internal sealed class NativeEndpoints
{
    public const string Base = "/api/ai";

    /// <summary>Below it is what the edge itself stores and searches.</summary>
    public const string Memory = "/api/memory";

    /// <summary>All of that.</summary>
    public static readonly EdgeEndpoint Remembered = new(Memory, Operation.Memory, ErrorDialect.Flat) { Policy = AccessPolicy.Agents };

    /// <summary>There is nothing at such a path.</summary>
    public static readonly EdgeEndpoint Nothing = new("/api/*", Operation.Other, ErrorDialect.Flat) { IsUnimplemented = true };

    private readonly (string Method, string Path, EdgeEndpoint Row)[] _entries;

    /// <param name="sibling">Finds the row of a <c>POST</c> to a path after <c>/v1</c>.</param>
    public NativeEndpoints(Func<string, EdgeEndpoint> sibling)
    {
        _entries =
        [
            Posted("/chat", "/chat/completions", row => row with { Native = NativeShape.Chat }),
            Posted("/rag", "/chat/completions", row => row with { Native = NativeShape.Sources }),
            Posted("/completions", "/completions"),
            Posted("/embeddings", "/embeddings"),

            // The models that Cencori's clients take where their callers name none.
            Posted("/images/generate", "/images/generations", row => row with { Native = NativeShape.Images, NeedsModel = true, UsualModel = "dall-e-3" }),
            Posted("/moderation", "/moderations", row => row with { NeedsModel = true, UsualModel = "omni-moderation-latest" }),
            Posted("/audio/speech", "/audio/speech", row => row with { NeedsModel = true, UsualModel = "tts-1" }),
            Posted("/audio/transcriptions", "/audio/transcriptions", row => row with { UsualModel = "whisper-1" }),
            Listed("/audio/speech"),
            Listed("/audio/transcriptions"),
        ];

        (string, string, EdgeEndpoint) Posted(string path, string providers, Func<EdgeEndpoint, EdgeEndpoint>? more = null)
        {
            var row = sibling(providers) with { Name = $"POST {Base}{path}", Errors = ErrorDialect.Flat, ProviderPath = providers };
            return ("POST", path, more?.Invoke(row) ?? row);
        }

        static (string, string, EdgeEndpoint) Listed(string path) =>
            ("GET", path, new($"GET {Base}{path}", Operation.Models, ErrorDialect.Flat) { Policy = AccessPolicy.DataPlane });
    }

    public IEnumerable<EdgeEndpoint> Rows => _entries.Select(entry => entry.Row);

    /// <param name="method">As the caller wrote it.</param>
    /// <param name="path">What stands behind <see cref="Base"/>.</param>
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

        return allowed is null ? Nothing : Nothing with { IsUnimplemented = false, AllowedMethods = allowed };
    }
}
