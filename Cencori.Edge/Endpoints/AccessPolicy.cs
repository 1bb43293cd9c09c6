namespace Cencori.Edge.Endpoints;

/// <summary>The key types that an endpoint accepts. Routes in yarp.json use these names as their <c>AuthorizationPolicy</c>.</summary>
public static class AccessPolicy
{
    /// <summary>Every key type is accepted: chat, completions, responses, embeddings and the list of models.</summary>
    public const string Inference = "inference";

    /// <summary>Only secret keys are accepted: the rest of the data plane.</summary>
    public const string DataPlane = "data-plane";

    /// <summary>Secret keys and agent keys are accepted: operations of agents beyond <see cref="Inference"/>.</summary>
    public const string Agents = "agents";

    /// <summary>No key is accepted. Only the edge itself moves a request to a provider's YARP route; a caller that requests such a path is refused.</summary>
    public const string NoCaller = "nobody";
}
