using System.Collections.Frozen;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Endpoints;

/// <summary>The one place that knows paths: method and path → row. Everything else asks the row.</summary>
public static class EndpointTable
{
    private const string Base = "/v1";
    private const int Any = int.MaxValue;

    // Below it everything is Anthropic's.
    private const string Messages = "/messages";

    // Of what can be done to work that goes on this alone costs nothing.
    private const string Cancel = "/cancel";

    /// <summary>What stands before every path of the administration.</summary>
    public const string Administration = "/api/projects";

    /// <summary>What was done there, and by whom.</summary>
    public const string Audit = "/api/audit";

    /// <summary>Who may open the pages for people.</summary>
    public const string Members = "/api/members";

    /// <summary>Who may become one of them.</summary>
    public const string Invitations = "/api/invitations";

    /// <summary>All of it as one document.</summary>
    public const string Export = "/api/export";

    /// <summary>Where such a document is applied.</summary>
    public const string Apply = "/api/apply";

    /// <summary>What these endpoints are, for programs.</summary>
    public const string Description = "/api/openapi.json";

    // Whoever administers is let to them.
    private static readonly string[] AdministrationPaths = [Administration, Audit, Members, Invitations, Export, Apply, Description];

    /// <summary>What stands before every page for people.</summary>
    public const string Dashboard = "/dashboard";

    private static readonly EdgeEndpoint LaterBegun = Passed("POST", Operation.Other) with { BeginsBackgroundWork = true };
    private static readonly EdgeEndpoint LaterShown = Passed("GET", Operation.Other) with { ShowsBackgroundWork = true, NamesStored = true };
    private static readonly EdgeEndpoint LaterChanged = Passed("POST", Operation.Other) with { IsMetered = false, ShowsBackgroundWork = true, NamesStored = true };
    private static readonly EdgeEndpoint StoredDeleted = Passed("DELETE", Operation.Other) with { NamesStored = true };
    private static readonly EdgeEndpoint Untold = Passed("POST", Operation.Other) with { RunsUntoldModel = true };
    private static readonly EdgeEndpoint Counting = Passed("POST", Operation.Other) with { IsMetered = false, IsFree = true };

    // What the edge recognises below /v1, by method. Below is how many segments more a path may have.
    private static readonly (string Method, string Path, int Below, EdgeEndpoint Row)[] BelowBase =
    [
        ("POST", "/chat/completions", 0, new("POST /v1/chat/completions", Operation.Chat, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, NeedsModel = true, NeedsMessages = true, HasOutput = true, IsMetered = true, Events = EventDialect.Chunks, System = SystemPromptLocation.Messages }),
        ("POST", "/completions", 0, new("POST /v1/completions", Operation.Completions, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, NeedsModel = true, HasOutput = true, IsMetered = true, Events = EventDialect.Chunks }),

        // A stored prompt may bring its own model.
        ("POST", "/responses", 0, new("POST /v1/responses", Operation.Responses, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, HasOutput = true, IsMetered = true, Events = EventDialect.Typed, System = SystemPromptLocation.Instructions }),
        ("POST", "/messages", 0, Passed("POST", Operation.Other) with { Policy = AccessPolicy.Agents, System = SystemPromptLocation.Field }),
        ("POST", "/responses/input_tokens", 0, Counting with { System = SystemPromptLocation.Instructions }),
        ("POST", "/messages/count_tokens", 0, Counting with { System = SystemPromptLocation.Field }),
        ("GET", "/responses", Any, LaterShown with { Events = EventDialect.Typed }),
        ("POST", "/responses", Any, LaterChanged),
        ("DELETE", "/responses", Any, StoredDeleted),
        ("POST", "/batches", 0, LaterBegun with { RunsUntoldModel = true }),
        ("GET", "/batches", Any, LaterShown),
        ("POST", "/batches", Any, LaterChanged),
        ("POST", "/fine_tuning/jobs", 0, LaterBegun),
        ("GET", "/fine_tuning/jobs", Any, LaterShown),
        ("POST", "/fine_tuning/jobs", Any, LaterChanged),
        ("POST", "/fine_tuning", Any, Untold),
        ("POST", "/videos", 0, LaterBegun),
        ("POST", "/videos", Any, LaterBegun with { RunsUntoldModel = true }),
        ("GET", "/videos", Any, LaterShown),
        ("DELETE", "/videos", Any, StoredDeleted),
        ("POST", "/messages/batches", Any, Untold),
        ("POST", "/evals", Any, Untold),
        ("POST", "/realtime", Any, Untold),
        ("POST", "/chatkit", Any, Untold),
        ("POST", "/embeddings", 0, new("POST /v1/embeddings", Operation.Embeddings, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, NeedsModel = true, IsMetered = true }),
        ("POST", "/images", Any, Passed("POST", Operation.Images) with { Events = EventDialect.Typed }),
        ("POST", "/audio", Any, Passed("POST", Operation.Audio) with { Events = EventDialect.Typed }),
        ("POST", "/moderations", 0, Passed("POST", Operation.Moderations)),
        ("POST", "/files", Any, Passed("POST", Operation.Files)),
        ("POST", "/uploads", Any, Passed("POST", Operation.Files)),
        ("GET", "/models", Any, new("GET /v1/models", Operation.Models, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference }),
        ("GET", "/metrics", 1, new("GET /v1/metrics", Operation.Metrics, ErrorDialect.OpenAI) { Policy = AccessPolicy.DataPlane }),
        ("GET", "/agent/actions/poll", 0, Passed("GET", Operation.Other) with { Policy = AccessPolicy.Agents }),
        ("GET", "/health", 0, new("GET /v1/health", Operation.Health, ErrorDialect.OpenAI)),
    ];

    // What the edge does not recognise below /v1 passes to the provider.
    private static readonly FrozenDictionary<string, EdgeEndpoint> OthersBelowBase =
        new[] { "GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS" }.ToFrozenDictionary(method => method, method => Passed(method, Operation.Other), StringComparer.OrdinalIgnoreCase);

    // What the hosted product has below /v1, and a provider of ours would answer for itself.
    private static readonly string[] Unimplemented = ["agent", "agents", "sessions", "memory"];

    // Behind each of them stands the id of what is stored.
    private static readonly string[] Stores =
        ["/responses/", "/batches/", "/fine_tuning/jobs/", "/videos/", "/files/", "/uploads/", "/vector_stores/", "/conversations/", "/assistants/", "/threads/"];

    // Methods are as many as callers invent; all of them share one row.
    private static readonly EdgeEndpoint OtherMethod = Passed("*", Operation.Other) with { IsMetered = false };
    private static readonly EdgeEndpoint Administered = new("/api/projects", Operation.Administration, ErrorDialect.Flat);

    private static readonly EdgeEndpoint Page = new(Dashboard, Operation.Dashboard, ErrorDialect.Flat);

    private static readonly NativeEndpoints Native = new(path => FindRow("POST", path));

    private static readonly EdgeEndpoint Elsewhere = new("*", Operation.Other, ErrorDialect.OpenAI) { IsBelowBaseUrl = false };

    // The same rows, as they are for those who speak Anthropic's dialect.
    private static readonly FrozenDictionary<object, EdgeEndpoint> OfMessages = BelowBase.Select(entry => entry.Row).Concat(OthersBelowBase.Values).Append(OtherMethod)
        .Distinct().ToFrozenDictionary(object (row) => row, row => row with { Errors = ErrorDialect.Anthropic, Events = EventDialect.Messages }, ReferenceEqualityComparer.Instance);

    private static readonly FrozenDictionary<string, EdgeEndpoint> ByName = BelowBase.Select(entry => entry.Row).Concat(Native.Rows).Append(new("memory", Operation.Embeddings, ErrorDialect.Flat)).DistinctBy(row => row.Name)
        .ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    /// <summary>What the native endpoint has, for whoever looks for something else.</summary>
    public static IEnumerable<string> NativePaths => Native.Rows.Where(row => row.IsNative).Select(row => row.Name["POST ".Length..]);

    /// <summary>A path of each row that asks for a key, for whoever looks whether something holds at all of them.</summary>
    internal static IEnumerable<(string Method, string Path)> KeyPaths =>
        BelowBase.Where(entry => entry.Row.Policy is not null).Select(entry => (entry.Method, Base + entry.Path)).Concat(NativePaths.Select(path => ("POST", path)));

    /// <summary>Finds the row of a request.</summary>
    /// <param name="method">As the caller wrote it.</param>
    /// <param name="path">Likewise.</param>
    /// <param name="rest">What stands behind <c>/v1</c>, which the provider's own base replaces; empty elsewhere.</param>
    /// <param name="isAlias"><c>/api/v1/*</c> is <c>/v1/*</c> by another name.</param>
    public static EdgeEndpoint Find(string method, PathString path, out PathString rest, out bool isAlias)
    {
        var where = EndpointPath.Of(path);
        (rest, isAlias) = (where.Rest, where.IsAlias);
        return Find(method, path, where);
    }

    /// <summary>Likewise.</summary>
    public static EdgeEndpoint Find(string method, PathString path, in EndpointPath where) =>
        where.IsBelowBase ? FindBelowBase(method, where)
        : !path.StartsWithSegments("/api") ? path.StartsWithSegments(Dashboard) ? Page : Elsewhere
        : IsAdministration(path) ? Administered
        : path.StartsWithSegments(NativeEndpoints.Base, out var rest) ? Native.Find(method, rest.Value)
        : path.StartsWithSegments(NativeEndpoints.Memory) ? NativeEndpoints.Remembered
        : NativeEndpoints.Nothing;

    private static bool IsAdministration(PathString path)
    {
        foreach (var below in AdministrationPaths)
        {
            if (path.StartsWithSegments(below))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The path by which ASP.NET's routes know an alias.</summary>
    public static PathString Canonical(PathString rest) => new PathString(Base).Add(rest);

    /// <summary>Whether what is posted to the path becomes something that a provider keeps, under an id that its response tells.</summary>
    public static bool IsStore(PathString rest)
    {
        foreach (var store in Stores)
        {
            if (rest.Value.AsSpan().TrimEnd('/').Equals(store.AsSpan(0, store.Length - 1), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The id of something stored in a path; null: there is none, as where all are listed.</summary>
    public static string? StoredId(PathString rest)
    {
        foreach (var store in Stores)
        {
            if (rest.Value is { } path && path.StartsWith(store, StringComparison.OrdinalIgnoreCase) && path.Length > store.Length)
            {
                var end = path.IndexOf('/', store.Length);
                return path[store.Length..(end < 0 ? path.Length : end)];
            }
        }

        return null;
    }

    /// <summary>What a record's endpoint does.</summary>
    public static Operation OperationOf(string name) => ByName.TryGetValue(name, out var row) ? row.Operation : Operation.Other;

    private static EdgeEndpoint FindBelowBase(string method, in EndpointPath where)
    {
        var row = FindBelowBase(method, where.Rest.Value);
        return IsUnimplemented(where.Rest.Value!) ? row with { IsUnimplemented = true } : where.Deployment is null ? row : row with { HasModelInPath = true };
    }

    private static bool IsUnimplemented(string path)
    {
        var rest = path.AsSpan().TrimStart('/');
        foreach (var name in Unimplemented)
        {
            if (rest.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && (rest.Length == name.Length || rest[name.Length] is '/' or '\\' || rest[name.Length..].StartsWith("%2F", StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    private static EdgeEndpoint FindBelowBase(string method, ReadOnlySpan<char> path)
    {
        path = path.TrimEnd('/');
        var row = FindRow(method, path);
        return IsWithin(path, Messages) ? OfMessages[row] : row;
    }

    private static EdgeEndpoint FindRow(string method, ReadOnlySpan<char> path)
    {
        foreach (var entry in BelowBase)
        {
            if (IsWithin(path, entry.Path)
                && path[entry.Path.Length..].Count('/') <= entry.Below
                && method.Equals(entry.Method, StringComparison.OrdinalIgnoreCase)
                && (entry.Row != LaterChanged || path.EndsWith(Cancel, StringComparison.OrdinalIgnoreCase)))
            {
                return entry.Row;
            }
        }

        return OthersBelowBase.GetValueOrDefault(method, OtherMethod);
    }

    private static bool IsWithin(ReadOnlySpan<char> path, string parent) =>
        path.Length >= parent.Length && (path.Length == parent.Length || path[parent.Length] == '/') && path.StartsWith(parent, StringComparison.OrdinalIgnoreCase);

    private static EdgeEndpoint Passed(string method, Operation operation) =>
        new($"{method} /v1/*", operation, ErrorDialect.OpenAI) { Policy = AccessPolicy.DataPlane, IsMetered = method == "POST" };
}
