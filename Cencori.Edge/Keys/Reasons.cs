namespace Cencori.Edge.Keys;

/// <summary>The closed list of reasons that accompany <c>INSUFFICIENT_PERMISSIONS</c>.</summary>
public static class Reasons
{
    public const string KeyType = "key_type";
    public const string OriginNotAllowed = "origin_not_allowed";
    public const string ModelNotAllowed = "model_not_allowed";
    public const string NetworkNotAllowed = "network_not_allowed";
    public const string AgentDisabled = "agent_disabled";
    public const string ToolNotAllowed = "tool_not_allowed";
    public const string NotMetered = "not_metered";

    public static string Explain(string reason) => reason switch
    {
        KeyType => "This type of key may not send this request.",
        OriginNotAllowed => "This key may not be used from this origin: neither Origin nor Referer names one of its allowed domains.",
        ModelNotAllowed => "This key may not use this model.",
        NetworkNotAllowed => "This key may not be used from this network.",
        AgentDisabled => "The agent is disabled.",
        ToolNotAllowed => "The agent may not use this tool.",
        NotMetered => "The usage of this request cannot be metered, and a limit of the project or the key depends on the usage.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "The value is not in the closed list."),
    };
}
