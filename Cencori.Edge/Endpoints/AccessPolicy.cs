namespace Cencori.Edge.Endpoints;

/// <summary>The key types that an endpoint accepts. Routes in yarp.json use these names as their <c>AuthorizationPolicy</c>.</summary>
public static class AccessPolicy
{
    /// <summary>Chat, completions, responses, embeddings and the list of models: every type of key.</summary>
    public const string Inference = "inference";

    /// <summary>The rest of the data plane: secret keys only.</summary>
    public const string DataPlane = "data-plane";

    /// <summary>Operations of agents beyond <see cref="Inference"/>: secret keys and agent keys.</summary>
    public const string Agents = "agents";

    /// <summary>No caller. The edge reassigns requests to provider routes; a caller that requests their path is refused.</summary>
    public const string Nobody = "nobody";
}
