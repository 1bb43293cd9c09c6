namespace Cencori.Edge.Endpoints;

/// <summary>What a key's type must allow. Routes in yarp.json name these as their <c>AuthorizationPolicy</c>.</summary>
public static class AccessPolicy
{
    /// <summary>Chat, completions, responses, embeddings and the list of models: every type of key.</summary>
    public const string Inference = "inference";

    /// <summary>The rest of the data plane: secret keys.</summary>
    public const string DataPlane = "data-plane";

    /// <summary>What an agent does beyond <see cref="Inference"/>: secret keys, and the keys of agents.</summary>
    public const string Agents = "agents";

    /// <summary>Nobody. Provider routes are reached by reassignment only, never by a caller that names their path.</summary>
    public const string Nobody = "nobody";
}
