namespace Cencori.Edge.Endpoints;

/// <summary>The key types that an endpoint accepts. Routes in yarp.json use these names as their <c>AuthorizationPolicy</c>.</summary>
public static class AccessPolicy
{
    /// <summary>Accepts every key type. For chat, completions, responses, embeddings and the list of models.</summary>
    public const string Inference = "inference";

    /// <summary>Accepts only secret keys. For data-plane endpoints that need neither <see cref="Inference"/> nor <see cref="Agents"/>.</summary>
    public const string DataPlane = "data-plane";

    /// <summary>Accepts secret keys and agent keys. For Anthropic's messages, the memory endpoints, and the endpoint for agent actions.</summary>
    public const string Agents = "agents";

    /// <summary>Accepts no key. Only the edge itself moves a request to a provider's YARP route; a caller that requests such a path is refused.</summary>
    public const string NoCaller = "nobody";
}
