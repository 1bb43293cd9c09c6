using System.Diagnostics.CodeAnalysis;
using Cencori.Edge.Settings;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>
/// A provider, as a cluster of yarp.json describes it. A cluster is a provider if the route <c>provider/&lt;cluster&gt;</c>
/// leads to the cluster.
/// </summary>
/// <param name="Id">The cluster's id. Also the name before <c>/</c> or <c>:</c> in an explicit model.</param>
/// <param name="CredentialScheme">How the credential is sent.</param>
/// <param name="PathBase">Replaces <c>/v1</c> in the provider's addresses; empty or with a leading slash.</param>
/// <param name="Models">Names of the models that the provider serves; a <c>*</c> at the end matches any suffix. Callers see names without a <c>*</c> in the model list.</param>
/// <param name="ActivityTimeout">How long the provider may send nothing before the edge gives up. Default 10 minutes, because reasoning models pause.</param>
/// <param name="NeedsBaseUrl">The provider has no common address: each credential must have its own base URL. Default false.</param>
public sealed record ProviderDefinition(
    string Id,
    CredentialScheme CredentialScheme,
    string PathBase,
    IReadOnlyList<string> Models,
    TimeSpan ActivityTimeout,
    bool NeedsBaseUrl)
{
    /// <summary>Id of the provider that runs inside the process of the edge. It needs no credential and no network.</summary>
    public const string SandboxId = "sandbox";

    public const string CredentialKey = "Credential";
    public const string PathBaseKey = "PathBase";
    public const string ModelsKey = "Models";
    public const string NeedsBaseUrlKey = "NeedsBaseUrl";
    public const string StreamUsageKey = "StreamUsage";
    public const string TakesFromKey = "TakesFrom";

    // The metadata keys that a cluster may have. The last two belong to YARP.
    private static readonly string[] Keys =
    [
        CredentialKey, PathBaseKey, ModelsKey, NeedsBaseUrlKey, StreamUsageKey, TakesFromKey, ProviderConnection.ProxyKey, ProviderConnection.CaFileKey,
        "TransportFailureRateHealthPolicy.RateLimit", "ConsecutiveFailuresHealthPolicy.Threshold",
    ];

    public static readonly TimeSpan DefaultActivityTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The provider accepts <c>stream_options.include_usage</c>. Default true; some providers reject a request that has it.</summary>
    public bool StreamUsage { get; init; } = true;

    /// <summary>Ids of providers whose models <see cref="Models"/> may include. Default: none.</summary>
    public IReadOnlyList<string> TakesFrom { get; init; } = [];

    public string RouteId { get; } = RouteIdOf(Id);

    public static string RouteIdOf(string clusterId) => "provider/" + clusterId;

    /// <summary>Reads a cluster. Returns false, with one sentence per problem, if the metadata is invalid.</summary>
    public static bool TryCreate(ClusterConfig cluster, [NotNullWhen(true)] out ProviderDefinition? definition, out List<string> problems)
    {
        definition = null;
        problems = [];
        var scheme = CredentialScheme.Parse(Read(cluster, CredentialKey));
        if (scheme is null)
        {
            problems.Add($"Cluster '{cluster.ClusterId}': Metadata:{CredentialKey} must be Bearer, x-api-key, api-key, Anthropic or None.");
        }

        var pathBase = (Read(cluster, PathBaseKey) ?? "").TrimEnd('/');
        if (pathBase.Length > 0 && (pathBase[0] != '/' || pathBase.AsSpan().ContainsAny("?#\\ ")))
        {
            problems.Add($"Cluster '{cluster.ClusterId}': Metadata:{PathBaseKey} must be empty or a path such as /v1.");
        }

        var models = ReadList(cluster, ModelsKey);
        if (Array.Find(models, model => model.AsSpan()[..^1].Contains('*')) is { } misplaced)
        {
            problems.Add($"Cluster '{cluster.ClusterId}': Metadata:{ModelsKey}: '*' is allowed only at the end, not as in '{misplaced}'.");
        }

        if (!bool.TryParse(Read(cluster, NeedsBaseUrlKey) ?? bool.FalseString, out var needsBaseUrl))
        {
            problems.Add($"Cluster '{cluster.ClusterId}': Metadata:{NeedsBaseUrlKey} must be true or false.");
        }

        if (!bool.TryParse(Read(cluster, StreamUsageKey) ?? bool.TrueString, out var streamUsage))
        {
            problems.Add($"Cluster '{cluster.ClusterId}': Metadata:{StreamUsageKey} must be true or false.");
        }

        foreach (var key in cluster.Metadata?.Keys.Except(Keys, StringComparer.OrdinalIgnoreCase) ?? [])
        {
            problems.Add($"Cluster '{cluster.ClusterId}': Metadata:{key}: there is no such key.{NearestName.Suggest(key, Keys)}");
        }

        problems.AddRange(ProviderConnection.Check(cluster.Metadata).Select(problem => $"Cluster '{cluster.ClusterId}': Metadata:{problem}"));
        foreach (var (name, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
        {
            if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            {
                problems.Add($"Cluster '{cluster.ClusterId}': Destinations:{name}:Address must be an absolute http or https URL.");
            }
        }

        if (problems.Count > 0)
        {
            return false;
        }

        definition = new(cluster.ClusterId, scheme!, pathBase, models, cluster.HttpRequest?.ActivityTimeout ?? DefaultActivityTimeout, needsBaseUrl) { StreamUsage = streamUsage, TakesFrom = ReadList(cluster, TakesFromKey) };
        return true;
    }

    private static string[] ReadList(ClusterConfig cluster, string key) => (Read(cluster, key) ?? "").Split([' ', ',', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static string? Read(ClusterConfig cluster, string key) => cluster.Metadata?.GetValueOrDefault(key);
}
