namespace Cencori.Edge.Endpoints;

/// <summary>What a path says, whichever base URL its client was given: <c>/v1</c>, <c>/api/v1</c>, or those that Azure's clients make.</summary>
/// <param name="Rest">What stands behind <c>/v1</c>, which the provider's own base replaces; empty elsewhere.</param>
/// <param name="IsBelowBase">False where it is no path of the data plane.</param>
/// <param name="IsAlias">It is below <c>/v1</c> by another name.</param>
/// <param name="IsAzure">It is as Azure's clients write it: <c>/openai/…</c>, with <c>api-version</c> in the query.</param>
/// <param name="Deployment">The model in <c>/openai/deployments/{model}/…</c>; null elsewhere.</param>
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

        // A client may have been given either of them as its endpoint, behind which it writes its own.
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
            // An escaped slash of a name such as provider/model is left as it is by the server.
            return new(behind.Value[end..], true, true, true, behind.Value[1..end].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        }

        return new(rest, true, true, true, null);
    }
}
