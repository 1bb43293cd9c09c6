using System.Collections.Frozen;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Endpoints;

/// <summary>Finds the <see cref="EdgeEndpoint"/> (a row) for a method and path. Other code compares no paths, and reads the row's properties instead.</summary>
public static class EndpointTable
{
    private const string Base = "/v1";
    private const int Any = int.MaxValue;

    // Everything below this path uses Anthropic's dialect.
    private const string Messages = "/messages";

    // Cancelling is the only action on a running batch, job or response that costs nothing.
    private const string Cancel = "/cancel";

    /// <summary>Prefix of every administration path.</summary>
    public const string Administration = "/api/projects";

    /// <summary>The audit log: administrative actions and their authors.</summary>
    public const string Audit = "/api/audit";

    /// <summary>All members: the people who may open the dashboard.</summary>
    public const string Members = "/api/members";

    /// <summary>Invitations for new members.</summary>
    public const string Invitations = "/api/invitations";

    /// <summary>Exports the whole configuration as one document.</summary>
    public const string Export = "/api/export";

    /// <summary>Applies a configuration document, as exported by <see cref="Export"/>.</summary>
    public const string Apply = "/api/apply";

    /// <summary>The OpenAPI description of the administration endpoints.</summary>
    public const string Description = "/api/openapi.json";

    // Prefixes of the paths that require administrator access.
    private static readonly string[] AdministrationPaths = [Administration, Audit, Members, Invitations, Export, Apply, Description];

    /// <summary>Prefix of every dashboard page.</summary>
    public const string Dashboard = "/dashboard";

    private static readonly EdgeEndpoint BackgroundWorkCreated = CreateForwarded("POST", Operation.Other) with { BeginsBackgroundWork = true };
    private static readonly EdgeEndpoint BackgroundWorkShown = CreateForwarded("GET", Operation.Other) with { ShowsBackgroundWork = true, HasStoredId = true };
    private static readonly EdgeEndpoint BackgroundWorkChanged = CreateForwarded("POST", Operation.Other) with { IsMetered = false, ShowsBackgroundWork = true, HasStoredId = true };
    private static readonly EdgeEndpoint StoredDeleted = CreateForwarded("DELETE", Operation.Other) with { HasStoredId = true };
    private static readonly EdgeEndpoint UnnamedModelRow = CreateForwarded("POST", Operation.Other) with { RunsUnnamedModel = true };
    private static readonly EdgeEndpoint Counting = CreateForwarded("POST", Operation.Other) with { IsMetered = false, IsFree = true };

    // Recognized paths below /v1, by method. Below: how many more segments may follow the path.
    private static readonly (string Method, string Path, int Below, EdgeEndpoint Row)[] BelowBase =
    [
        ("POST", "/chat/completions", 0, new("POST /v1/chat/completions", Operation.Chat, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, NeedsModel = true, NeedsMessages = true, HasOutput = true, IsMetered = true, Events = EventDialect.Chunks, System = SystemPromptLocation.Messages }),

        // Changes a stored completion, whose usage the response shows again.
        ("POST", "/chat/completions", 1, CreateForwarded("POST", Operation.Other) with { IsMetered = false }),
        ("POST", "/completions", 0, new("POST /v1/completions", Operation.Completions, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, NeedsModel = true, HasOutput = true, IsMetered = true, Events = EventDialect.Chunks }),

        // A request may omit the model, because a prompt stored at the provider may name it.
        ("POST", "/responses", 0, new("POST /v1/responses", Operation.Responses, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, HasOutput = true, IsMetered = true, Events = EventDialect.Typed, System = SystemPromptLocation.Instructions }),
        ("POST", "/messages", 0, CreateForwarded("POST", Operation.Other) with { Policy = AccessPolicy.Agents, NeedsModel = true, System = SystemPromptLocation.Field }),
        ("POST", "/responses/input_tokens", 0, Counting with { System = SystemPromptLocation.Instructions }),
        ("POST", "/messages/count_tokens", 0, Counting with { NeedsModel = true, System = SystemPromptLocation.Field }),
        ("GET", "/responses", Any, BackgroundWorkShown with { Events = EventDialect.Typed }),
        ("POST", "/responses", Any, BackgroundWorkChanged),
        ("DELETE", "/responses", Any, StoredDeleted),
        ("POST", "/batches", 0, BackgroundWorkCreated with { RunsUnnamedModel = true }),
        ("GET", "/batches", Any, BackgroundWorkShown),
        ("POST", "/batches", Any, BackgroundWorkChanged),
        ("POST", "/fine_tuning/jobs", 0, BackgroundWorkCreated),
        ("GET", "/fine_tuning/jobs", Any, BackgroundWorkShown),
        ("POST", "/fine_tuning/jobs", Any, BackgroundWorkChanged),
        ("POST", "/fine_tuning", Any, UnnamedModelRow),
        ("POST", "/videos", 0, BackgroundWorkCreated),
        ("POST", "/videos", Any, BackgroundWorkCreated with { RunsUnnamedModel = true }),
        ("GET", "/videos", Any, BackgroundWorkShown),
        ("DELETE", "/videos", Any, StoredDeleted),
        ("POST", "/messages/batches", Any, UnnamedModelRow),
        ("POST", "/evals", Any, UnnamedModelRow),
        ("POST", "/realtime", Any, UnnamedModelRow),
        ("POST", "/chatkit", Any, UnnamedModelRow),
        ("POST", "/embeddings", 0, new("POST /v1/embeddings", Operation.Embeddings, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference, NeedsModel = true, IsMetered = true }),
        ("POST", "/images", Any, CreateForwarded("POST", Operation.Images) with { Events = EventDialect.Typed }),
        ("POST", "/audio", Any, CreateForwarded("POST", Operation.Audio) with { Events = EventDialect.Typed }),
        ("POST", "/moderations", 0, CreateForwarded("POST", Operation.Moderations)),
        ("POST", "/files", Any, CreateForwarded("POST", Operation.Files)),
        ("POST", "/uploads", Any, CreateForwarded("POST", Operation.Files)),
        ("GET", "/models", Any, new("GET /v1/models", Operation.Models, ErrorDialect.OpenAI) { Policy = AccessPolicy.Inference }),
        ("GET", "/metrics", 1, new("GET /v1/metrics", Operation.Metrics, ErrorDialect.OpenAI) { Policy = AccessPolicy.DataPlane }),
        ("GET", "/agent/actions/poll", 0, CreateForwarded("GET", Operation.Other) with { Policy = AccessPolicy.Agents }),
        ("GET", "/health", 0, new("GET /v1/health", Operation.Health, ErrorDialect.OpenAI)),
    ];

    // Unrecognized paths below /v1 are forwarded to the provider.
    private static readonly FrozenDictionary<string, EdgeEndpoint> OthersBelowBase =
        new[] { "GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS" }.ToFrozenDictionary(method => method, method => CreateForwarded(method, Operation.Other), StringComparer.OrdinalIgnoreCase);

    // Paths below /v1 that only the hosted Cencori product has. They are not forwarded: a provider may use the same path for something else.
    private static readonly string[] Unimplemented = ["agent", "agents", "sessions", "memory"];

    // Paths that are followed by the id of an object that the provider stores.
    private static readonly string[] Stores =
        ["/responses/", "/batches/", "/fine_tuning/jobs/", "/videos/", "/files/", "/uploads/", "/vector_stores/", "/conversations/", "/assistants/", "/threads/"];

    // Unknown methods share one row, because callers can invent any number of methods.
    private static readonly EdgeEndpoint OtherMethod = CreateForwarded("*", Operation.Other) with { IsMetered = false };
    private static readonly EdgeEndpoint Administered = new("/api/projects", Operation.Administration, ErrorDialect.Flat);

    private static readonly EdgeEndpoint Page = new(Dashboard, Operation.Dashboard, ErrorDialect.Flat);

    private static readonly NativeEndpoints Native = new(path => FindRow("POST", path));

    private static readonly EdgeEndpoint Elsewhere = new("*", Operation.Other, ErrorDialect.OpenAI) { IsBelowBaseUrl = false };

    // Maps each row to its copy with Anthropic's dialect, for paths below /messages.
    private static readonly FrozenDictionary<object, EdgeEndpoint> OfMessages = BelowBase.Select(entry => entry.Row).Concat(OthersBelowBase.Values).Append(OtherMethod)
        .Distinct().ToFrozenDictionary(object (row) => row, row => row with { Errors = ErrorDialect.Anthropic, Events = EventDialect.Messages }, ReferenceEqualityComparer.Instance);

    private static readonly FrozenDictionary<string, EdgeEndpoint> ByName = BelowBase.Select(entry => entry.Row).Concat(Native.Rows).Append(new("memory", Operation.Embeddings, ErrorDialect.Flat)).DistinctBy(row => row.Name)
        .ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    /// <summary>All native paths. The error for an unknown native path lists them.</summary>
    public static IEnumerable<string> NativePaths => Native.Rows.Where(row => row.IsNative).Select(row => row.Name["POST ".Length..]);

    /// <summary>One path of each row that requires a key, for tests that must cover every such row.</summary>
    internal static IEnumerable<(string Method, string Path)> KeyPaths =>
        BelowBase.Where(entry => entry.Row.Policy is not null).Select(entry => (entry.Method, Base + entry.Path)).Concat(NativePaths.Select(path => ("POST", path)));

    /// <summary>Finds the row of a request.</summary>
    /// <param name="method">The method as sent.</param>
    /// <param name="path">The path as sent.</param>
    /// <param name="rest">The part after <c>/v1</c>. The edge appends it to the provider's base URL. Empty for other paths.</param>
    /// <param name="isAlias">True for aliases of <c>/v1/*</c>, such as <c>/api/v1/*</c>.</param>
    public static EdgeEndpoint Find(string method, PathString path, out PathString rest, out bool isAlias)
    {
        var where = EndpointPath.Of(path);
        (rest, isAlias) = (where.Rest, where.IsAlias);
        return Find(method, path, where);
    }

    /// <summary>Finds the row of a request whose path is already parsed.</summary>
    public static EdgeEndpoint Find(string method, PathString path, in EndpointPath where) =>
        where.IsBelowBase ? FindBelowBase(method, where)
        : !path.StartsWithSegments("/api") ? path.StartsWithSegments(Dashboard) ? Page : Elsewhere
        : IsAdministration(path) ? Administered
        : path.StartsWithSegments(NativeEndpoints.Base, out var rest) ? Native.Find(method, rest.Value)
        : path.StartsWithSegments(NativeEndpoints.Memory) ? NativeEndpoints.MemoryEndpoint
        : NativeEndpoints.UnknownPath;

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

    /// <summary>The path below <c>/v1</c> to which an alias is mapped. The ASP.NET routes match only this form.</summary>
    public static PathString Canonical(PathString rest) => new PathString(Base).Add(rest);

    /// <summary>True when a POST to the path creates an object at the provider. The response then contains the object's id.</summary>
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

    /// <summary>The id of a stored object in a path. Null: the path has no id, as in a list request.</summary>
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

    /// <summary>Finds the operation of the endpoint that a request record names.</summary>
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
                && (entry.Row != BackgroundWorkChanged || path.EndsWith(Cancel, StringComparison.OrdinalIgnoreCase)))
            {
                return entry.Row;
            }
        }

        return OthersBelowBase.GetValueOrDefault(method, OtherMethod);
    }

    private static bool IsWithin(ReadOnlySpan<char> path, string parent) =>
        path.Length >= parent.Length && (path.Length == parent.Length || path[parent.Length] == '/') && path.StartsWith(parent, StringComparison.OrdinalIgnoreCase);

    private static EdgeEndpoint CreateForwarded(string method, Operation operation) =>
        new($"{method} /v1/*", operation, ErrorDialect.OpenAI) { Policy = AccessPolicy.DataPlane, IsMetered = method == "POST" };
}
