namespace Cencori.Edge.Endpoints;

/// <summary>Parses a path for any base URL that a client may use: <c>/v1</c>, <c>/api/v1</c>, or those of Azure's clients.</summary>
/// <param name="Rest">The part after <c>/v1</c>. The edge appends it to the provider's base URL. Empty for other paths.</param>
/// <param name="IsBelowBase">False when the path does not belong to the data plane.</param>
/// <param name="IsAlias">True when the path is an alias of a path below <c>/v1</c>.</param>
/// <param name="IsAzure">True for the form of Azure's clients: <c>/openai/…</c>, with <c>api-version</c> in the query.</param>
/// <param name="Deployment">The model in <c>/openai/deployments/{model}/…</c>. Null for other paths.</param>
public readonly record struct EndpointPath(PathString Rest, bool IsBelowBase, bool IsAlias, bool IsAzure, string? Deployment)
{
    private const string Base = "/v1";
    private const string BaseAlias = "/api/v1";
    private const string Azure = "/openai";
    private const string Deployments = "/deployments";

    public static EndpointPath Of(PathString path)
    {
        var isAlias = false;
        var isBelowBase = path.StartsWithSegments(Base, out var rest) || (isAlias = path.StartsWithSegments(BaseAlias, out rest));

        // Azure's clients append /openai/… to their base URL, which may or may not end with /v1.
        return (isBelowBase ? rest : path).StartsWithSegments(Azure, out var azures) ? OfAzure(azures)
            : isBelowBase ? new(rest, true, isAlias, false, null)
            : default;
    }

    private static EndpointPath OfAzure(PathString rest)
    {
        if (rest.StartsWithSegments(Base, out var plain))
        {
            return new(plain, true, true, true, null);
        }

        if (rest.StartsWithSegments(Deployments, out var behind) && behind.HasValue && behind.Value.IndexOf('/', 1) is > 1 and var end)
        {
            // Kestrel leaves %2F encoded. A model name such as provider/model contains it.
            return new(behind.Value[end..], true, true, true, behind.Value[1..end].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        }

        return new(rest, true, true, true, null);
    }
}
